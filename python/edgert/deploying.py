"""Giving a running runtime other documents: what stays goes on, what is new begins, what is gone ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidError, NotFoundError, make
from .life.feed import Feed
from .reading import Callback, Outlet
from .report.labels import labels
from .sinks.documented import open_sinks, taps

if TYPE_CHECKING:
    from .awaiting import Awaiting
    from .documents import Document, DocumentSet
    from .life.control import SensorControl
    from .life.keeper import Keeper
    from .life.nursery import AnyFeed, Nursery
    from .planner import Planned, PlannedPipeline, Planning
    from .planner.pipelines import Probe
    from .policy.seat import Seat
    from .sinks import Sink

    Given = str | Path | Iterable[str | Path] | DocumentSet

LEAVING = 5.0  # s for a source or a callback to end


class Failure(NamedTuple):
    """Something that ended while the rest went on: a sensor, a callback, or a policy."""

    where: str
    what: str


class Deploying:
    """The part of a Runtime that changes what it runs. One deploy at a time, from any thread."""

    documents: DocumentSet
    plan: Planned
    failures: list[Failure]
    _native: Any
    _planning: Planning
    _nursery: Nursery
    _keeper: Keeper
    _awaiting: Awaiting
    _policy: Seat
    _feeds: dict[str, AnyFeed]
    _controls: dict[str, SensorControl]
    _outlets: dict[str, Outlet]
    _sinks: list[tuple[str, Sink]]
    _for_all: list[Callback]
    _state: str
    _named_nodes: tuple[dict[int, str], dict[int, str]] | None
    _deploying: threading.Lock
    _planned_as: Callable[..., Planning]

    # -- what a program calls
    # -------------------------------------------------------------------------------------------

    def deploy(self, documents: Given) -> int:
        """Runs these documents in place of those at hand, from the next frame of each sensor on.

        Pipelines, sensors and models that both have go on: results in order without a gap, sensors without a
        restart, models as they are loaded, streams with the state of their equal steps (docs/deploying.md).
        Results of pipelines that are gone end. Returns the number of the plan, 1 for the first. Raises
        DocumentErrors or Error as making a Runtime does; then nothing has changed.
        """
        from .documents import DocumentSet, read

        given = documents if isinstance(documents, DocumentSet) else read(documents)
        with self._deploying:
            self._may_deploy()
            planning = self._planned_as(given, probe=_known_formats(self.plan))
            planned = planning.plan()
            number = self._follow(planned, given)
            self._planning = planning
            return number

    def add(self, documents: Given) -> int:
        """Runs these documents, too; what they can name is theirs and what is there. As deploy()."""
        from .documents import DocumentSet, read

        given = documents if isinstance(documents, DocumentSet) else read(documents)
        with self._deploying:
            self._may_deploy()
            before = self._planning.documents
            planned = self._planning.add(given)
            try:
                return self._follow(planned, self._planning.documents)
            except BaseException:
                self._planning.back_to(before)
                raise

    def remove(self, *, pipeline: str | None = None, application: str | None = None) -> int:
        """Runs no longer this pipeline ("application/pipeline", or the name alone), or this application with
        all its pipelines. What others use of theirs goes on. As deploy(). Raises NotFoundError."""
        if (pipeline is None) == (application is None):
            what = "names both a pipeline and an application" if pipeline else "names nothing"
            raise make(InvalidError, "remove", what, "give pipeline=... or application=...")
        gone = {one.name for one in self._named(pipeline, application)}
        return self.deploy(self.documents.without(lambda document: _goes(document, gone, application)))

    # -- inside
    # ----------------------------------------------------------------------------------------------

    def _named(self, pipeline: str | None, application: str | None) -> list[PlannedPipeline]:
        found = [
            one
            for one in self.plan.pipelines.values()
            if one.application == application or pipeline in (one.name, one.title)
        ]
        if found or application in self.documents.applications:
            return found
        what = f"pipeline {pipeline!r}" if pipeline is not None else f"application {application!r}"
        known = ", ".join(one.title for one in self.plan.pipelines.values())
        raise make(NotFoundError, what, "there is none of this name", f"there are {known}")

    def _may_deploy(self) -> None:
        if self._state == "stopped":
            raise make(InvalidError, "deploy", "the runtime is stopped", "make another one")

    def _follow(self, planned: Planned, documents: DocumentSet) -> int:
        """Everything that can be refused comes before the swap."""
        next_plan = self._native.prepare(planned.spec)
        new, gone = _only_in(planned, self.plan), _only_in(self.plan, planned)
        new_sinks = self._new_sinks(new, documents)
        outlets = [(self._outlets[one.title], one) for one in new if one.title in self._outlets]
        try:
            for outlet, one in outlets:
                outlet.expect(one, next_plan.number)
            self._policy.rise()
            number = int(self._native.swap(next_plan))
        except BaseException:
            for outlet, _ in outlets:
                outlet.expect_no(next_plan.number)
            for _, sink in new_sinks:
                sink.close()
            raise
        before, self.plan = self.plan, planned
        before_documents, self.documents = self.documents, documents
        self._nursery.follow(planned, new, gone)
        self._follow_outlets(planned, new, bool(gone), number)
        self._follow_sensors(before, planned)
        self._follow_sinks(new_sinks, before_documents)
        self._named_nodes = None
        try:
            self._policy.sit_down(planned, documents, lambda: self._labels)
        except Exception as error:
            self.failures.append(Failure("policy", f"{type(error).__name__}: {error}"))
        return number

    @property
    def _labels(self) -> dict[int, str]:
        return self._names_of_nodes()[0]

    @property
    def _models(self) -> dict[int, str]:
        return self._names_of_nodes()[1]

    def _names_of_nodes(self) -> tuple[dict[int, str], dict[int, str]]:
        """What people call the plan's nodes, and the models of those that run one; by id. Made when it is
        asked for: of a large plan it takes as long as a deploy."""
        if self._named_nodes is None:
            nodes = self.nodes()
            models = {node["id"]: node["model"] for node in nodes if node["op"] == "model"}
            self._named_nodes = labels(nodes), models
        return self._named_nodes

    def _outlet_of(self, planned: PlannedPipeline, number: int = 1) -> Outlet:
        return Outlet(planned, self._native, self._callback_failed, self._first_read, number)

    def _follow_outlets(
        self, planned: Planned, new: list[PlannedPipeline], some_gone: bool, number: int
    ) -> None:
        outlets = dict(self._outlets)
        for one in new:
            outlet = outlets.get(one.title)
            if outlet is None or not outlet.goes_on:
                callbacks = self._for_all if outlet is None else outlet.callbacks
                outlets[one.title] = self._outlet_of(one, number)
                for callback in callbacks:
                    outlets[one.title].call(callback)
        if some_gone:
            outlets = {one.title: outlets[one.title] for one in planned.pipelines.values()}
        self._outlets = outlets

    def _follow_sensors(self, before: Planned, planned: Planned) -> None:
        feeds, controls, new = {}, {}, []
        for name in planned.sensors:
            if not self._nursery.is_read(name):
                continue
            feed = self._feeds.get(name)
            if feed is not None and self._native.sensor(name).number == feed.number:
                same = _equal(before.sensors[name].document, planned.sensors[name].document)
                self._nursery.adjust(feed, self._controls[name], same)
                feeds[name], controls[name] = feed, self._controls[name]
            else:
                feeds[name] = self._nursery.feed(name)
                controls[name] = self._nursery.control(feeds[name])
                new.append(feeds[name])
        gone = [feed for name, feed in self._feeds.items() if feeds.get(name) is not feed]
        self._feeds, self._controls = feeds, controls
        for feed in gone:
            feed.stop("no longer wanted")
        for feed in gone:  # a device must be free before another source opens it
            feed.join(LEAVING)
        self._keeper.keep([*feeds.values(), self._awaiting])
        for feed in new if self._state == "running" else ():
            feed.start()

    def _new_sinks(self, new: list[PlannedPipeline], documents: DocumentSet) -> list[tuple[str, Sink]]:
        """Those of pipelines that are new or name other sinks than before, opened."""
        titles = {one.name: one.title for one in new if self._other_sinks(one, documents)}
        opened = open_sinks(documents, titles) if titles and self._state == "running" else []
        for sensor, _ in taps(opened):
            if sensor in self._feeds:
                for _, sink in opened:
                    sink.close()
                what = f"a sink of it records sensor {sensor}, which runs already"
                raise make(InvalidError, "deploy", what, "start a new runtime for that")
        return opened

    def _other_sinks(self, one: PlannedPipeline, documents: DocumentSet) -> bool:
        before = self.plan.pipelines.get(one.name)
        same = before is not None and before.title == one.title
        return not same or _sinks_of(documents, one.name) != _sinks_of(self.documents, one.name)

    def _follow_sinks(self, new: list[tuple[str, Sink]], before: DocumentSet) -> None:
        if not self._sinks and not new:
            return
        names = {one.title: name for name, one in self.plan.pipelines.items()}
        kept: list[tuple[str, Sink]] = []
        gone: list[tuple[str, Sink]] = []
        for title, sink in self._sinks:
            name = names.get(title)
            stays = name is not None and _sinks_of(before, name) == _sinks_of(self.documents, name)
            (kept if stays else gone).append((title, sink))
        self._sinks = [*kept, *new]
        for title, sink in gone:
            if title in self._outlets:
                self._outlets[title].forget(sink)
            sink.close()
        for title, sink in new:
            self._outlets[title].call(sink)
        for sensor, tap in taps(new):
            feed = self._feeds[sensor]
            if isinstance(feed, Feed):
                feed.listen(tap)

    def nodes(self) -> list[dict[str, Any]]:
        """The plan's nodes."""
        raise NotImplementedError

    def _callback_failed(self, pipeline: str, error: Exception) -> None:
        raise NotImplementedError

    def _first_read(self) -> None:
        raise NotImplementedError


def _goes(document: Document, pipelines: set[str], application: str | None) -> bool:
    if document.KIND == "Pipeline":
        return document.name in pipelines
    return document.KIND == "Application" and document.name == application


def _only_in(one: Planned, other: Planned) -> list[PlannedPipeline]:
    """All pipelines but those that the other plan has as they are."""
    known = other.pipelines
    return [pipeline for name, pipeline in one.pipelines.items() if known.get(name) is not pipeline]


def _equal(one: Document, other: Document) -> bool:
    return one is other or (one.model_dump(), one.base) == (other.model_dump(), other.base)


def _sinks_of(documents: DocumentSet, name: str) -> Any:
    pipeline = documents.pipelines.get(name)
    return None if pipeline is None else (pipeline.base, [sink.model_dump() for sink in pipeline.sinks])


def _known_formats(plan: Planned) -> Probe:
    """Sources that run already aren't opened a second time to learn what they give."""
    from .sources import probe_format

    def probe(source: Any, base: Path) -> dict[str, Any]:
        for known in plan.sensors.values():
            if known.document.source == source and known.document.base == base:
                return dict(known.format)
        return dict(probe_format(source, base))

    return probe


__all__ = ["Deploying", "Failure"]
