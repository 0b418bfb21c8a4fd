"""What a pipeline gave for one frame."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import Reading
    from .planner import PlannedPipeline


class Result:
    """One result of one pipeline. Its arrays are read-only views of the runtime's memory, never copies."""

    def __init__(self, native: Any, planned: PlannedPipeline) -> None:
        self.native = native
        self.planned = planned

    @property
    def generation(self) -> int:
        """Of the runtime's plans the one that made it, counted from 1; a deploy makes the next."""
        return int(self.native.generation)

    @property
    def pipeline(self) -> str:
        """ "application/pipeline"."""
        return self.planned.title

    @property
    def application(self) -> str:
        """Who owns the pipeline."""
        return self.planned.application

    @property
    def sensor(self) -> str:
        """Whose frame it was."""
        return self.planned.sensor

    @property
    def sequence(self) -> int:
        """The frame's number at its sensor, from 0."""
        return int(self.native.sequence)

    @property
    def media_time(self) -> float:
        """The frame's time in its recording or since the start, in seconds."""
        return float(self.native.media_time)

    @property
    def status(self) -> str:
        """ "ok", or why there is no answer: "deadline", "engine", "invalid", ... (the error's `code`)."""
        return str(self.native.status)

    @property
    def outcome(self) -> str:
        """How it ended, one of: "ok"; "late" (its answer came over the latency bound); "skipped" (a condition
        was closed); "dropped" (no answer: over the bound, or stopped); "failed"; "stale" (over the bound,
        with an earlier frame's answer: `age_ms`)."""
        return str(self.native.outcome)

    @property
    def age_ms(self) -> float:
        """How much older than its frame the oldest thing is that it used (max_age, while); 0: all is of its
        frame. Of a stale answer, the time since the capture of the frame that it is of."""
        return float(self.native.age_ms)

    @property
    def ages_ms(self) -> Mapping[str, float]:
        """The same by output, of those that used something of an earlier frame."""
        ages: Mapping[str, float] = self.native.ages_ms
        return ages

    @property
    def error(self) -> Exception | None:
        """What went wrong, or None."""
        error: Exception | None = self.native.error
        return error

    @property
    def latency_ms(self) -> float:
        """From the frame's capture to this result."""
        return float(self.native.latency_ms)

    @property
    def stages(self) -> Mapping[str, float]:
        """Milliseconds by stage: decode, inbox, transform, queue, model, and the total."""
        stages: Mapping[str, float] = self.native.stages
        return stages

    @property
    def deadline_missed(self) -> bool:
        """Whether it came later than its pipeline's latency bound."""
        return bool(self.native.deadline_missed)

    @property
    def cached(self) -> bool:
        """Whether all of it was computed for another request of equal content."""
        return bool(self.native.cached)

    @property
    def frame(self) -> Any:
        """The frame: width, height, pixel, planes; or samples."""
        return self.native.frame

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Arrays by output; a list of (row, array) for what ran once a region or window; None where
        skipped."""
        outputs: Mapping[str, Any] = self.native.outputs
        return outputs

    @cached_property
    def answers(self) -> dict[str, Reading | None]:
        """The outputs read as what they are (edgert.answers): detections with labels, classes, masks, ..."""
        return self.planned.read(self.native)

    def __repr__(self) -> str:
        return f"<Result of {self.pipeline}, frame {self.sequence}, {self.status}, {self.latency_ms:.1f} ms>"
