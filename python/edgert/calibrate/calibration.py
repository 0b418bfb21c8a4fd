"""Records a step's full answers on a recorded sensor, and what its scene looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from edgert.documents import DocumentSet, Pipeline, Refused, Step, TransformStep, VideoSource
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import FRAME, needs
from edgert.titles import called, whose

from .curve import GRIDS, Curve, Point, Recording, by_age, by_scene, chosen

CELLS = "cells-of-the-scene"
AT_MOST = 5.0
LOSS = 0.01
Progress = Callable[[float, float], None]


class Calibration:
    """Of one step of one pipeline ("application/pipeline", or the name alone where one application has it).
    Raises Refused for a step or a sensor that can't be calibrated."""

    def __init__(
        self,
        documents: DocumentSet,
        pipeline: str,
        step: str,
        seconds: float = 60.0,
        loss: float = LOSS,
        at_most: float | None = None,
    ) -> None:
        self.documents, self.seconds, self.loss = documents, seconds, loss
        self.pipeline = _pipeline(documents, pipeline)
        self.step = _step(self.pipeline, step)
        self.index = self.pipeline.steps.index(self.step)  # type: ignore[arg-type]
        self._check_sensor()
        said = self.step.while_
        self.at_most = at_most or (float(said.at_most) if said else AT_MOST)
        self.recording = Recording([], [], {})
        self.scene: Curve = []
        self.age: Curve = []

    @property
    def best(self) -> Point | None:
        """The scene's threshold that saves most within the loss; None when none saves anything."""
        return chosen(self.scene, self.loss)

    def run(self, progress: Progress | None = None) -> None:
        """Computes all on each frame, then the curves. Raises Refused where there is nothing to lose."""
        from edgert.runtime import Runtime

        grids: dict[tuple[int, int], list[Any]] = {grid: [] for grid in GRIDS}
        self.recording = Recording([], [], grids)
        with Runtime(self._documents()) as runtime:
            for result in runtime.results(self.pipeline.name):
                if result.media_time > self.seconds:
                    break
                self._note(result)
                if progress is not None:
                    progress(result.media_time, self.seconds)
            if runtime.failures:
                what = "; ".join(f"{failure.where}: {failure.what}" for failure in runtime.failures)
                raise Refused(
                    what, "see that the recording can be read to its end", ("sensor",), self.pipeline
                )
        if not any(map(len, self.recording.detections)):
            what = f"step {self.step.name!r} found nothing in {len(self.recording.times)} frames"
            raise Refused(
                what, "take a recording in which there is something to lose", self._route(), self.pipeline
            )
        self.scene = by_scene(self.recording, self.at_most, self.loss)
        self.age = by_age(self.recording)

    def key(self, best: Point) -> dict[str, Any]:
        """What the step's document should say."""
        assert best.grid is not None
        columns, rows = best.grid
        at_most = f"{self.at_most:g}s"
        return {
            "unchanged": FRAME,
            "threshold": best.threshold,
            "at_most": at_most,
            "columns": columns,
            "rows": rows,
        }

    def _note(self, result: Any) -> None:
        found = result.answers[self.step.name]
        self.recording.times.append(result.media_time)
        rows = np.zeros((0, 6), np.float32) if found is None else np.array(found.array[:, :6])
        self.recording.detections.append(rows)
        for grid, cells in self.recording.cells.items():
            cells.append(np.array(result.outputs[_cells(grid)]))

    def _route(self) -> Route:
        return ("steps", self.index)

    def _check_sensor(self) -> None:
        sensor = self.documents.sensors[self.pipeline.sensor]
        if not isinstance(sensor.source, VideoSource):
            what = f"sensor {sensor.name!r} is no recording but {sensor.source.type}"
            remedy = "record a few minutes of it (a record sink keeps clips), and name a video with that file"
            raise Refused(what, remedy, ("source",), sensor)
        from edgert.documents.check import DETECTIONS, TRACKS, kind_of

        if (kind := kind_of(self.step, self.documents)) not in (DETECTIONS, TRACKS):
            what = f"step {self.step.name!r} gives {kind}, and what is lost is counted in detections"
            raise Refused(what, "name a step that gives detections", self._route(), self.pipeline)

    def _documents(self) -> DocumentSet:
        """What the step needs, computed on every frame, as fast as the recording can be read."""
        wanted = _closure(self.pipeline, self.step)
        steps: list[Any] = [
            step.model_copy(update={"max_age": None, "while_": None})
            for step in self.pipeline.steps
            if step.name in wanted
        ]
        steps += [
            TransformStep.model_validate(
                {"name": _cells(grid), "transform": "image.cells", "from": FRAME,
                 "params": {"columns": grid[0], "rows": grid[1]}}
            )
            for grid in GRIDS
        ]  # fmt: skip
        changed = {
            "steps": steps, "outputs": [self.step.name, *map(_cells, GRIDS)], "sinks": [], "latency": None,
            "on_miss": "drop", "max_age": None, "application": None, "when_full": "block", "overload": "drop",
        }  # fmt: skip
        kept = DocumentSet(*self.documents.models.values(), *self.documents.profiles.values())
        for sensor in self.documents.sensors.values():
            source = sensor.source
            if isinstance(source, VideoSource):
                source = source.model_copy(update={"loop": False, "speed": "max"})
            kept.add(sensor.model_copy(update={"source": source}))
        kept.add(self.pipeline.model_copy(update=changed))
        return kept


def _cells(grid: tuple[int, int]) -> str:
    return f"{CELLS}-{grid[0]}x{grid[1]}"


def _pipeline(documents: DocumentSet, name: str) -> Pipeline:
    found = called(name, documents.pipelines)
    if len(found) > 1:
        raise Refused(f"several applications have a pipeline {name!r}", whose(found))
    if not found:
        known = [title if "/" in name else title.partition("/")[2] for title in documents.pipelines]
        raise Refused(f"there is no pipeline {name!r}", did_you_mean(name, known) or "add one")
    return documents.pipelines[found[0]]


def _step(pipeline: Pipeline, name: str) -> Step:
    for step in pipeline.steps:
        if step.name == name:
            return step
    known = [step.name for step in pipeline.steps]
    raise Refused(
        f"there is no step {name!r}", did_you_mean(name, known) or "name another", ("steps",), pipeline
    )


def _closure(pipeline: Pipeline, step: Step) -> set[str]:
    steps = {one.name: one for one in pipeline.steps}
    found: set[str] = set()
    waiting = [step.name]
    while waiting:
        name = waiting.pop()
        if name in steps and name not in found:
            found.add(name)
            waiting += [other for _, other in needs(steps[name])]
    return found
