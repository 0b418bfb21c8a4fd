"""Plans all pipelines of a set of documents, and gathers what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from edgert.documents import DocumentSet, Model, Refused, Sensor
from edgert.documents.check import check
from edgert.documents.errors import Problem
from edgert.documents.pipeline import DEFAULT_APPLICATION
from edgert.titles import ByTitle
from edgert.trunks.decision import Decision

from .devices import Devices
from .expected import tell_run_times
from .frames import Frames, Probe
from .model_runs import InPieces, Key, ModelRuns
from .models import Models, Opened
from .native import Builder, blamed_on
from .one_pipeline import PipelinePlanner
from .planned import Planned, PlannedModel, PlannedPipeline, PlannedSensor


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
        self.documents, self.builder, self.merge = documents, builder, merge
        self.devices = Devices(builder, documents)
        self.models = Models(builder, known or {}, devices=self.devices)
        self.decisions: tuple[Decision, ...] = ()
        self.problems: list[Problem] = [*documents.problems, *check(documents)]
        self._known: set[str] = set()  # applications
        self._default = False  # a pipeline has no application of its own
        self._frames = Frames(builder, probe, self.problems)
        self._pipelines = PipelinePlanner(
            builder, self.models, self._frames, self.problems, merge, cuts or {}
        )

    @property
    def runs(self) -> ModelRuns:
        """The models' runs, as the pipelines want them."""
        return self._pipelines.runs

    @property
    def sensors(self) -> dict[str, PlannedSensor]:
        """Those that can be used."""
        return self._frames.planned

    @property
    def pipelines(self) -> ByTitle[PlannedPipeline]:
        """Those that were planned, by title."""
        return self._pipelines.planned

    def plan(self, every_model: bool = False) -> None:
        """Plans all that can be; `problems` says what can't. `every_model`: opens unused ones, too."""
        self._plan(self.documents)
        self._pipelines.work_for("")
        for model in self.documents.models.values() if every_model else ():
            self._open(model)

    def add(self, more: DocumentSet, together: DocumentSet) -> None:
        """Plans more Sensors, Models, Applications and Pipelines. `together`: with those that are planned."""
        self.documents = together
        self.problems += [*together.problems, *check(together, more.documents())]
        self._plan(more)

    def _plan(self, documents: DocumentSet) -> None:
        for sensor in documents.sensors.values():
            self._frames.add(sensor)
        for rest in documents.rests:
            if isinstance(rest, Sensor):  # wrong in other ways; whether its file is there shows all the same
                self._frames.probe(rest)
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
            self._pipelines.plan(pipeline, self.documents)

    def finish(self) -> Planned | None:
        """The plan; None when the native builder refuses it as a whole, which becomes a problem."""
        spec, references = None, self._pipelines.references
        if self.pipelines:
            try:
                with blamed_on(None, (), "the plan"):
                    by_name = {
                        references[id(one)]: one
                        for one in self.models.opened.values()
                        if id(one) in references and one.index >= 0  # of the others only pieces run
                    }
                    tell_run_times(self.builder, self.documents.profiles.values(), by_name)
                    self.devices.tell_times()
                    spec = self.builder.finish()
            except Refused as refused:
                self.problems.append(Problem(refused.what, refused.remedy))
                return None
        opened = self.models.opened.values()
        used = [
            PlannedModel(
                references[id(one)],
                one.file,
                one.index,
                one.document.instances,
                one.document.backend,
                one.document.devices,
            )
            for one in opened
            if id(one) in references
        ]
        return Planned(
            spec, dict(self.sensors), used, ByTitle(self.pipelines), self._applications(), self.decisions
        )

    def _applications(self) -> dict[str, float]:
        weights = {name: document.weight for name, document in self.documents.applications.items()}
        if self._default:
            weights.setdefault(DEFAULT_APPLICATION, 1.0)
        return weights

    def _open(self, model: Model) -> None:
        self._pipelines.attempt(model, lambda: self.models.open(model))
