"""Plans all pipelines of a set of documents, and gathers what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edgert.documents import (
    DocumentSet,
    Model,
    Pipeline,
    PushSource,
    Refused,
    Sensor,
    SensorJoinStep,
    Step,
)
from edgert.documents.base import Route
from edgert.documents.check import check
from edgert.documents.errors import Problem, problem_at
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
from edgert.trunks.decision import Decision

from .devices import Devices
from .expected import tell_run_times
from .features_from import with_brought
from .given import Given, closed_by
from .model_runs import InPieces, Key, ModelRuns
from .models import Models, Opened
from .native import Builder, Value, blamed_on, said_by
from .planned import Planned, PlannedModel, PlannedOutput, PlannedPipeline, PlannedSensor
from .reuse import rules
from .step_planner import APART, SEPARATIONS, Separation, StepPlanner
from .steps import plan_step
from .triggers import trigger_gates

Probe = Callable[[Any, Path], dict[str, Any]]
DEFAULT_APPLICATION = "default"
WAITING = {"image": 4}  # frames of an inbox; chunks of sounds and rows are small
WAITING_CHUNKS = 64


class Planner:
    """Plans one set of documents, and what is added to it later. After a problem, make another one."""

    def __init__(
        self,
        documents: DocumentSet,
        builder: Builder,
        probe: Probe,
        merge: bool = True,
        known: dict[int, Opened] | None = None,
        cuts: Mapping[Key, InPieces] | None = None,
    ) -> None:
        self.documents, self.builder, self.probe, self.merge = documents, builder, probe, merge
        self.devices = Devices(builder, documents)
        self.models = Models(builder, known or {}, devices=self.devices)
        self.runs = ModelRuns(cuts or {})
        self.decisions: tuple[Decision, ...] = ()
        self.problems: list[Problem] = [*documents.problems, *check(documents)]
        self.sensors: dict[str, PlannedSensor] = {}
        self.frames: dict[str, Value] = {}
        self.pipelines: dict[str, PlannedPipeline] = {}
        self.references: dict[int, str] = {}
        self._known: set[str] = set()  # applications
        self._default = False  # a pipeline has no application of its own
        self._made: dict[Any, Any] = {}  # chains and answers, which many pipelines have in common

    def plan(self, every_model: bool = False) -> None:
        """Plans all that can be; `problems` says what can't. `every_model`: opens unused ones, too."""
        self._plan(self.documents)
        self._work_for("")
        for model in self.documents.models.values() if every_model else ():
            self._open(model)

    def add(self, more: DocumentSet, together: DocumentSet) -> None:
        """Plans more Sensors, Models, Applications and Pipelines. `together`: with those that are planned."""
        self.documents = together
        self.problems += [*together.problems, *check(together, more.documents())]
        self._plan(more)

    def _plan(self, documents: DocumentSet) -> None:
        for sensor in documents.sensors.values():
            if format := self._probe(sensor):
                self.sensors[sensor.name] = PlannedSensor(sensor, format)
        for rest in documents.rests:
            if isinstance(rest, Sensor):  # wrong in other ways; whether its file is there shows all the same
                self._probe(rest)
        self._default |= any(one.application is None for one in documents.pipelines.values())
        applications = self._applications()
        for name, weight in applications.items():
            if name in self._known:
                continue
            self._known.add(name)
            document = self.documents.applications.get(name)
            with blamed_on(document, (), f"application {name!r}"):
                self.builder.application(name, weight, **(document.limits() if document else {}))
        for pipeline in documents.pipelines.values():
            self._pipeline(pipeline)

    def finish(self) -> Planned | None:
        """The plan; None when the native builder refuses it as a whole, which becomes a problem."""
        spec = None
        if self.pipelines:
            try:
                with blamed_on(None, (), "the plan"):
                    by_name = {
                        self.references[id(one)]: one
                        for one in self.models.opened.values()
                        if id(one) in self.references and one.index >= 0  # of the others only pieces run
                    }
                    tell_run_times(self.builder, self.documents.profiles.values(), by_name)
                    self.devices.tell_times()
                    spec = self.builder.finish()
            except Refused as refused:
                self.problems.append(Problem(refused.what, refused.remedy))
                return None
        opened = self.models.opened.values()
        used = [
            PlannedModel(self.references[id(one)], one.file, one.index)
            for one in opened
            if id(one) in self.references
        ]
        return Planned(
            spec, dict(self.sensors), used, dict(self.pipelines), self._applications(), self.decisions
        )

    def _applications(self) -> dict[str, float]:
        weights = {name: document.weight for name, document in self.documents.applications.items()}
        if self._default:
            weights.setdefault(DEFAULT_APPLICATION, 1.0)
        return weights

    def _probe(self, sensor: Sensor) -> dict[str, Any] | None:
        try:
            if isinstance(sensor.source, PushSource):
                return sensor.source.format.model_dump()
            return self.probe(sensor.source, sensor.base)
        except Exception as error:  # whatever a codec raises is this sensor's problem
            what, remedy = said_by(error) or (
                f"{type(error).__name__}: {error}",
                "check the file or the device",
            )
            self.problems.append(problem_at(sensor, ("source",), what, remedy))
            return None

    def _frame(self, name: str) -> Value:
        if name not in self.frames:
            planned = self.sensors[name]
            inbox = planned.document.inbox
            waiting = WAITING.get(planned.format["kind"], WAITING_CHUNKS)
            self.frames[name] = self.builder.sensor(
                name,
                dict(planned.format),
                inbox=inbox.policy or inbox_policy(planned.document, planned.format),
                queue=inbox.size or waiting,
                in_flight=inbox.in_flight,
                cache=planned.document.cache,
            )
        return self.frames[name]

    def _pipeline(self, pipeline: Pipeline) -> None:
        if pipeline.sensor not in self.sensors or cycle(pipeline):
            return
        sensors = sensors_of(pipeline)
        known = set(sensors.values()) <= self.sensors.keys()
        if not known or any(mixes_sensors(step, sensors) for step in pipeline.steps):
            return  # the check of the documents, or the sensor's own problem, says why
        self._work_for(self._owner_of_work(pipeline))
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
        self._try(pipeline, lambda: made.append(self._step_planner(pipeline, separation)))
        if not made:
            return None
        planner = made[0]
        positions = {step.name: index for index, step in enumerate(pipeline.steps)}
        for step in order(pipeline):
            wanted = [(route, name) for route, name in needs(step) if name not in planner.given]
            if all(name not in positions and self._is_there(step, route, name) for route, name in wanted):
                self._step(pipeline, step, positions[step.name], planner)
        return planner if len(planner.given) == len(pipeline.steps) else None

    def _work_for(self, owner: str) -> None:
        """What is added from now on is this owner's alone; empty: everybody's."""
        self.models.owner = owner
        self.builder.private_to(owner)

    def _owner_of_work(self, pipeline: Pipeline) -> str:
        owner = pipeline.application or DEFAULT_APPLICATION
        if not self.merge:
            return f"{owner}/{pipeline.name}"
        return owner if self._is_private(pipeline) else ""

    def _is_private(self, pipeline: Pipeline) -> bool:
        application = self.documents.applications.get(pipeline.application or "")
        return pipeline.share == "private" or (application is not None and application.share == "private")

    def _is_there(self, step: Step, route: Route, name: str) -> bool:
        """Whether something that is no step may stand where a step says it: the frame, or a joined sensor."""
        if isinstance(step, SensorJoinStep) and route == ("join", "from"):
            return name in self.sensors
        return name == FRAME and may_read_frame(step, route)

    def _step_planner(self, pipeline: Pipeline, separation: Separation) -> StepPlanner:
        frame = self._frame(pipeline.sensor)
        return StepPlanner(
            self.builder,
            self.documents,
            self.models,
            self.sensors[pipeline.sensor].document,
            frame,
            pipeline,
            trigger_gates(self.builder, pipeline, frame),
            lambda name: (self.sensors[name].document, self._frame(name)),
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
        self._try(pipeline, lambda: done.append(self._outputs(pipeline, planner, last)))
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
                pipeline.application or DEFAULT_APPLICATION,
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
        owner = pipeline.application or DEFAULT_APPLICATION
        self.pipelines[pipeline.name] = PlannedPipeline(
            pipeline.name,
            owner,
            pipeline.sensor,
            number,
            pipeline,
            outputs,
            dict(planner.given),
            APART[planner.separation],
        )
        return True

    def _open(self, model: Model) -> None:
        self._try(model, lambda: self.models.open(model))

    def _note_models(self, pipeline: Pipeline, given: Mapping[str, Given]) -> None:
        for step in [each.step for each in with_brought(given.values())]:
            if reference := getattr(step, "model", None):
                self.references.setdefault(id(self.models.open(self.documents.model(reference))), reference)

    def _try(self, document: Any, action: Callable[[], Any]) -> None:
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


def inbox_policy(sensor: Sensor, format: Mapping[str, Any]) -> str:
    """What an inbox does when its document doesn't say."""
    if getattr(sensor.source, "speed", "original") == "max":
        return "block"
    return "latest" if format["kind"] == "image" else "queue"


def _named_values(reference: str, planner: StepPlanner, index: int) -> list[tuple[str, Value, str]]:
    name, tensor = split(reference)
    given = planner.given[name]
    if tensor is None and given.value is None and len(given.tensors) > 1:
        return [(f"{name}.{key}", value, "raw") for key, value in given.tensors.items()]
    kind = given.kind if tensor is None and given.value is not None else "raw"
    return [(reference, given.read(reference, ("outputs", index)), kind)]
