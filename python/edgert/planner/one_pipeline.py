"""Plans pipelines, one by one: their steps, conditions and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edgert.documents import DocumentSet, Pipeline, Refused, SensorJoinStep, Step
from edgert.documents.base import Route
from edgert.documents.errors import Problem
from edgert.documents.graph import (
    FRAME,
    cycle,
    leaves,
    may_read_frame,
    mixes_sensors,
    needs,
    order,
    sensors_of,
    split,
)
from edgert.titles import ByTitle

from .features_from import with_brought
from .frames import Frames
from .given import Given, closed_by
from .model_runs import InPieces, Key, ModelRuns
from .models import Models
from .native import Builder, Value, blamed_on
from .planned import PlannedOutput, PlannedPipeline
from .reuse import rules
from .step_planner import APART, SEPARATIONS, Separation, StepPlanner
from .steps import plan_step
from .triggers import trigger_gates


class PipelinePlanner:
    """Plans pipelines into one builder, in which equal work of several is done once."""

    def __init__(
        self,
        builder: Builder,
        models: Models,
        frames: Frames,
        problems: list[Problem],
        merge: bool,
        cuts: Mapping[Key, InPieces],
    ) -> None:
        self.builder, self.models, self.frames, self.problems = builder, models, frames, problems
        self.merge, self.runs = merge, ModelRuns(cuts)
        self.documents = DocumentSet()
        self.planned: ByTitle[PlannedPipeline] = ByTitle()
        self.references: dict[int, str] = {}
        """By what steps call the models that run."""
        self._made: dict[Any, Any] = {}  # chains and answers, which many pipelines have in common

    def plan(self, pipeline: Pipeline, documents: DocumentSet) -> None:
        """Plans it, which may name what is in `documents`; what can't be becomes a problem."""
        self.documents = documents
        if pipeline.sensor not in self.frames.planned or cycle(pipeline):
            return
        sensors = sensors_of(pipeline)
        known = set(sensors.values()) <= self.frames.planned.keys()
        if not known or any(mixes_sensors(step, sensors) for step in pipeline.steps):
            return  # the check of the documents, or the sensor's own problem, says why
        self.work_for(self._owner_of_work(pipeline))
        noted = len(self.runs.noted)
        for separation in SEPARATIONS:
            del self.runs.noted[noted:]
            planner = self._steps(pipeline, separation)
            if planner is None or not all(
                split(name)[0] in planner.given and sensors[split(name)[0]] == pipeline.sensor
                for name in pipeline.outputs or ()
            ):
                return
            if self._outputs_of(pipeline, planner, last=separation == SEPARATIONS[-1]):
                return

    def _steps(self, pipeline: Pipeline, separation: Separation) -> StepPlanner | None:
        """All steps of a pipeline; None where one can't be planned, and `problems` says why."""
        made: list[StepPlanner] = []
        self.attempt(pipeline, lambda: made.append(self._step_planner(pipeline, separation)))
        if not made:
            return None
        planner = made[0]
        positions = {step.name: index for index, step in enumerate(pipeline.steps)}
        for step in order(pipeline):
            wanted = [(route, name) for route, name in needs(step) if name not in planner.given]
            if all(name not in positions and self._is_there(step, route, name) for route, name in wanted):
                self._step(pipeline, step, positions[step.name], planner)
        return planner if len(planner.given) == len(pipeline.steps) else None

    def work_for(self, owner: str) -> None:
        """What is added from now on is this owner's alone; empty: everybody's."""
        self.models.owner = owner
        self.builder.private_to(owner)

    def _owner_of_work(self, pipeline: Pipeline) -> str:
        if not self.merge:
            return pipeline.key
        return pipeline.owner if self._is_private(pipeline) else ""

    def _is_private(self, pipeline: Pipeline) -> bool:
        application = self.documents.applications.get(pipeline.application or "")
        return pipeline.share == "private" or (application is not None and application.share == "private")

    def _is_there(self, step: Step, route: Route, name: str) -> bool:
        """Whether something that is no step may stand where a step says it: the frame, or a joined sensor."""
        if isinstance(step, SensorJoinStep) and route == ("join", "from"):
            return name in self.frames.planned
        return name == FRAME and may_read_frame(step, route)

    def _step_planner(self, pipeline: Pipeline, separation: Separation) -> StepPlanner:
        frame = self.frames.value(pipeline.sensor)
        return StepPlanner(
            self.builder,
            self.documents,
            self.models,
            self.frames.planned[pipeline.sensor].document,
            frame,
            pipeline,
            trigger_gates(self.builder, pipeline, frame),
            lambda name: (self.frames.planned[name].document, self.frames.value(name)),
            sensors_of(pipeline),
            self.runs,
            self._made,
            separation,
        )

    def _step(self, pipeline: Pipeline, step: Step, index: int, planner: StepPlanner) -> None:
        if self.documents.is_broken("Model", getattr(step, "model", "")):
            return
        try:
            plan_step(planner, step)
        except Refused as refused:
            if refused.document is None:
                refused.route = ("steps", index, *refused.route)
            self._refuse(refused, pipeline)

    def _outputs_of(self, pipeline: Pipeline, planner: StepPlanner, last: bool) -> bool:
        """Adds the pipeline. False, and nothing, where its conditions and those of pipelines that are there
        would wait for each other, unless there is no other way."""
        done = [True]
        self.attempt(pipeline, lambda: done.append(self._outputs(pipeline, planner, last)))
        return done[-1]

    def _outputs(self, pipeline: Pipeline, planner: StepPlanner, last: bool) -> bool:
        frame = planner.frame
        names = pipeline.outputs or [step.name for step in leaves(pipeline)]
        if not names:
            return True  # the check of the documents says it
        values: list[tuple[str, Value, Value | None]] = []
        outputs: dict[str, PlannedOutput] = {}
        for index, reference in enumerate(names):
            given = planner.given[split(reference)[0]]
            for name, value, kind in _named_values(reference, planner, index):
                values.append((name, value, closed_by(self.builder, given.gates, value.scope, frame.scope)))
                outputs[name] = PlannedOutput(
                    name, given.step.name, kind, given.labels, given.fitted, given.places
                )
        if not last and self.builder.waits_for_itself(frame, values):
            return False
        reused, place = rules(pipeline, planner)
        with blamed_on(pipeline, place):
            number = self.builder.pipeline(
                pipeline.name,
                pipeline.owner,
                frame,
                values,
                rate=pipeline.rate or 0.0,
                every=pipeline.every,
                latency_ms=float(pipeline.latency or 0) * 1000,
                on_miss=pipeline.on_miss,
                queue=pipeline.queue,
                when_full=pipeline.when_full,
                overload=pipeline.overload,
                share="private" if self._is_private(pipeline) else "all",
                reuse=reused,
            )
        self._note_models(pipeline, planner.given)
        self.planned[pipeline.key] = PlannedPipeline(
            pipeline.name,
            pipeline.owner,
            pipeline.sensor,
            number,
            pipeline,
            outputs,
            dict(planner.given),
            APART[planner.separation],
        )
        return True

    def _note_models(self, pipeline: Pipeline, given: Mapping[str, Given]) -> None:
        for step in [each.step for each in with_brought(given.values())]:
            if reference := getattr(step, "model", None):
                self.references.setdefault(id(self.models.open(self.documents.model(reference))), reference)

    def attempt(self, document: Any, action: Callable[[], Any]) -> None:
        """Does it; what is refused is this document's problem."""
        try:
            with blamed_on(document, ()):
                action()
        except Refused as refused:
            self._refuse(refused, document)

    def _refuse(self, refused: Refused, document: Any) -> None:
        """A model that can't be used is one problem, however many steps name it."""
        problem = refused.problem(document)
        if problem not in self.problems:
            self.problems.append(problem)


def _named_values(reference: str, planner: StepPlanner, index: int) -> list[tuple[str, Value, str]]:
    name, tensor = split(reference)
    given = planner.given[name]
    if tensor is None and given.value is None and len(given.tensors) > 1:
        return [(f"{name}.{key}", value, "raw") for key, value in given.tensors.items()]
    kind = given.kind if tensor is None and given.value is not None else "raw"
    return [(reference, given.read(reference, ("outputs", index)), kind)]
