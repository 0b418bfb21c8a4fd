"""What the steps of one pipeline are planned with."""

from __future__ import annotations

from typing import cast

from edgert.documents import DocumentSet, Pipeline, Refused, Region, Sensor, Step
from edgert.documents.base import Route
from edgert.documents.graph import FRAME, reads, split
from edgert.documents.region import ONLY_DETECTIONS, ONLY_KEYPOINTS

from .given import Gate, Given, merged
from .models import Models
from .native import Builder, Value, frame_described


class StepPlanner:
    """Plans the steps of one pipeline, in an order in which each comes after what it reads."""

    def __init__(
        self,
        builder: Builder,
        documents: DocumentSet,
        models: Models,
        sensor: Sensor,
        frame: Value,
        pipeline: Pipeline,
        triggers: tuple[Gate, ...] = (),
    ) -> None:
        self.builder, self.documents, self.models = builder, documents, models
        self.sensor, self.frame, self.pipeline = sensor, frame, pipeline
        self.triggers = triggers  # what must be open for any step
        self.given: dict[str, Given] = {}

    def value(self, reference: str, route: Route) -> Value:
        """What a reference means."""
        name = split(reference)[0]
        return self.frame if name == FRAME else self.given[name].read(reference, route)

    def numbers(self, reference: str, route: Route) -> Value:
        """The same where numbers are compared: of `frame`, the rows of a table. Raises Refused."""
        if split(reference)[0] != FRAME:
            return self.value(reference, route)
        spec = self.frame.spec
        if spec["kind"] != "table":
            what = f"frames of {self.sensor.name} are {frame_described(spec)}, not numbers to compare"
            raise Refused(what, "name a step that makes some of them: a model, or a transform", route)
        return cast(Value, self.builder.transform("table.select", {}, [self.frame]))

    def gates(self, step: Step) -> tuple[Gate, ...]:
        """What must be open for a step: what its inputs wait for, and its own condition."""
        names = [split(reference)[0] for _, reference in reads(step)]
        chains = [self.given[name].gates for name in names if name != FRAME]
        return merged(self.triggers, *chains, self.given[step.when].gates if step.when else ())

    def regions(self, name: str, shape: Region | None, route: Route) -> Value:
        """Regions [N, 5] of a step that gives detections, key points or regions."""
        source = self.given[name]
        assert source.value is not None
        if source.kind == "regions":
            return source.value
        params = shape.params() if shape else {}
        kind = "detections" if source.kind == "tracks" else source.kind
        wrong = ONLY_KEYPOINTS if kind == "detections" else ONLY_DETECTIONS
        if found := [key for key in wrong if key in params]:
            raise Refused(
                f"{found[0]} has no meaning for {source.kind} (of step {name!r})", "leave it out", route
            )
        op = f"regions.from_{kind}"
        return cast(Value, self.builder.transform(op, params, [source.value, self.frame]))
