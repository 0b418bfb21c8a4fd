"""What the steps of one pipeline are planned with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal, TypeVar, cast

from edgert.documents import DocumentSet, Pipeline, Refused, Region, Sensor, SensorJoinStep, Step
from edgert.documents.base import Route
from edgert.documents.check import REGIONAL
from edgert.documents.graph import FRAME, reads, split
from edgert.documents.region import ONLY_DETECTIONS, ONLY_KEYPOINTS

from .algebra import Built
from .given import Gate, Given, merged
from .model_runs import ModelRuns
from .models import Models, Opened
from .native import Builder, Value, frame_described

T = TypeVar("T")
Separation = Literal["none", "conditions", "pipeline"]
"""With whom a pipeline's steps share what runs by rows, windows of sound among them: all, those behind equal
conditions, or nobody."""
SEPARATIONS: tuple[Separation, ...] = ("none", "conditions", "pipeline")
APART: dict[Separation, str] = {
    "none": "",
    "conditions": "what its conditions open on windows and regions",
    "pipeline": "all that it does with windows and regions",
}


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
        frame_of: Callable[[str], tuple[Sensor, Value]] | None = None,
        sensors: Mapping[str, str] | None = None,
        runs: ModelRuns | None = None,
        made: dict[Any, Any] | None = None,
        separation: Separation = "none",
    ) -> None:
        self.builder, self.documents, self.models = builder, documents, models
        self.sensor, self.frame, self.pipeline = sensor, frame, pipeline
        self.triggers = triggers  # what must be open for any step
        self.given: dict[str, Given] = {}
        self.sensors = sensors or {}  # of each step
        self.sees_all = pipeline.rate is None and pipeline.every == 1  # frames of its sensor
        self.apart = ""  # of the step that is planned: what runs by rows is shared with equal ones
        self.separation = separation
        self._frame_of = frame_of
        self._runs = runs or ModelRuns()
        self._made = {} if made is None else made

    def run(self, name: str, opened: Opened, chains: Mapping[str, Built], values: Mapping[str, Value]) -> Any:
        """The run of a model for the step of that name: its out() gives the model's outputs."""
        key = (self.pipeline.key, name)
        private = bool(self.models.owner)
        return self._runs.run(self.builder, key, opened, chains, values, self.sensor, private)

    def once(self, key: Hashable | None, make: Callable[[], T]) -> T:
        """What was made under that key, by this pipeline's steps or others'; made now where it wasn't, or
        where there is no key."""
        if key is None:
            return make()
        key = (self.apart, key)
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def on(self, sensor: str) -> StepPlanner:
        """The same pipeline's planner for steps on the frames of that sensor. Another sensor's are all looked
        at, whatever the pipeline's rate and trigger."""
        if sensor == self.sensor.name or self._frame_of is None:
            return self
        other = copy.copy(self)
        other.sensor, other.frame = self._frame_of(sensor)
        if sensor != self.pipeline.sensor:
            other.triggers, other.sees_all = (), True
        return other

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
        names = [] if isinstance(step, SensorJoinStep) else [split(name)[0] for _, name in reads(step)]
        chains = [self.given[name].gates for name in names if name != FRAME]
        return merged(self.triggers, *chains, self.given[step.when].gates if step.when else ())

    def apart_of(self, step: Step) -> str:
        """Whose rows a step runs on: everybody's, or those of who says the same."""
        if self.separation == "none":
            return ""
        if self.separation == "pipeline":
            return f"pipeline {self.pipeline.key}"
        return " ".join(f"{gate.value.identity} {sorted(gate.options.items())}" for gate in self.gates(step))

    def regions(self, name: str, shape: Region | None, route: Route) -> Value:
        """Regions [N, 5] of a step that gives detections, key points or regions."""
        source = self.given[name]
        if source.value is None or source.kind not in REGIONAL:
            what = f"{name!r} gives {source.kind}, and no places in the frame"
            if source.value is None:
                what = f"{name!r} gives no places in the frame"
            raise Refused(what, "name a step that gives detections, key points or regions", route)
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
