"""Giving a running runtime other documents: what stays goes on, what is new begins, what is gone ends."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidError, NotFoundError, make
from .following import (
    Ended,
    check_made_at_start,
    check_pushed,
    equal,
    known_formats,
    nodes_of,
    only_in,
    undoing,
)
from .reading import Callback, Outlet
from .report.labels import labels
from .sinks.documented import DocumentedSinks, sinks_of
from .titles import title_of

if TYPE_CHECKING:
    from .awaiting import Awaiting
    from .documents import Document, DocumentSet
    from .life.control import SensorControl
    from .life.keeper import Keeper
    from .life.nursery import AnyFeed, Nursery
    from .planner import Planned, PlannedPipeline, Planning
    from .policy.seat import Seat
    from .sinks.documented import Titled

    Given = str | Path | Iterable[str | Path] | DocumentSet


class Failure(NamedTuple):
    """Something that ended while the rest went on: a sensor, a callback, or a policy."""

    where: str
    what: str


class Deploying(ABC):
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
    _sinks: DocumentedSinks
    _for_all: list[Callback]
    _state: str
    _lanes: int
    _named_nodes: tuple[Planned, dict[int, str], dict[int, str]] | None
    _deploying: threading.Lock
    _changing: threading.Lock  # held while what is looked up goes from one plan to the next
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
            return self._deploy(given)

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
        """Runs no longer this pipeline ("application/pipeline", or the name alone where one application has
        it), or this application with all its pipelines. What others use of theirs goes on. As deploy().
        Raises NotFoundError, or InvalidError for a name that several applications' pipelines have."""
        if (pipeline is None) == (application is None):
            what = "names both a pipeline and an application" if pipeline else "names nothing"
            raise make(InvalidError, "remove", what, "give pipeline=... or application=...")
        with self._deploying:  # what is there must not change before it is there without these
            gone = self._titles(pipeline, application)
            return self._deploy(self.documents.without(lambda document: _goes(document, gone, application)))

    # -- inside
    # ----------------------------------------------------------------------------------------------

    def _deploy(self, documents: DocumentSet) -> int:
        self._may_deploy()
        planning = self._planned_as(documents, probe=known_formats(self.plan))
        number = self._follow(planning.plan(), documents)
        self._planning = planning
        return number

    def _titles(self, pipeline: str | None, application: str | None) -> set[str]:
        """Of this pipeline, or of all that the application has."""
        every = self.plan.pipelines
        if pipeline is not None:
            return {title_of(pipeline, every)}
        found = {title for title, one in every.items() if one.application == application}
        if found or application in self.documents.applications:
            return found
        hint = f"there are {', '.join({one.application: one for one in every.values()})}"
        raise make(NotFoundError, f"application {application!r}", "there is none of this name", hint)

    def _may_deploy(self) -> None:
        if self._state == "stopped":
            raise make(InvalidError, "deploy", "the runtime is stopped", "make another one")

    def _follow(self, planned: Planned, documents: DocumentSet) -> int:
        """Everything that can be refused comes before the swap."""
        check_made_at_start(self.documents, documents, self._lanes)
        check_pushed(self.plan, planned)
        self._policy.check(planned, documents)
        next_plan = self._native.prepare(planned.spec)
        new, gone = only_in(planned, self.plan), only_in(self.plan, planned)
        running = self._state == "running"
        new_sinks = self._sinks.make(new, documents, self.documents) if running else []
        outlets = [(self._outlets[one.title], one) for one in new if one.title in self._outlets]
        with undoing(outlets, next_plan.number, new_sinks):
            for outlet, one in outlets:
                outlet.expect(one, next_plan.number)
            self._policy.rise()
        with self._changing:
            with undoing(outlets, next_plan.number, new_sinks):
                number = int(self._native.swap(next_plan))
            ended = self._take_up(planned, documents, new, gone, new_sinks, number)
        ended.end()
        self._keeper.keep([*self._feeds.values(), self._awaiting])
        for feed in self._feeds.values() if running else ():
            if feed.life.state == "waiting":
                feed.start()
        try:
            self._policy.sit_down(planned, documents, lambda: self._labels)
        except Exception as error:
            self.failures.append(Failure("policy", f"{type(error).__name__}: {error}"))
        return number

    def _take_up(
        self,
        planned: Planned,
        documents: DocumentSet,
        new: list[PlannedPipeline],
        gone: list[PlannedPipeline],
        new_sinks: list[Titled],
        number: int,
    ) -> Ended:
        """What is looked up by the plan at hand becomes the next one's, at once for who looks (`_changing`).
        Gives what has ended by that."""
        before, self.plan = self.plan, planned
        said_before, self.documents = self.documents, documents
        outlets = self._outlets
        self._nursery.follow(planned, new, gone)
        self._follow_outlets(planned, new, bool(gone), number)
        feeds = self._follow_sensors(before, planned)
        sinks = self._follow_sinks(new_sinks, said_before)
        return Ended(feeds, [(outlets[title], self._outlets.get(title), sink) for title, sink in sinks])

    @property
    def _labels(self) -> dict[int, str]:
        return self._names_of_nodes(self.plan)[0]

    def _names_of_nodes(self, plan: Planned) -> tuple[dict[int, str], dict[int, str]]:
        """What people call the plan's nodes, and the models of those that run one; by id. Made when it is
        asked for: of a large plan it takes as long as a deploy."""
        if self._named_nodes is None or self._named_nodes[0] is not plan:
            nodes = nodes_of(plan)
            models = {node["id"]: node["model"] for node in nodes if node["op"] == "model"}
            self._named_nodes = plan, labels(nodes), models
        return self._named_nodes[1:]

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
            outlets = {title: outlets[title] for title in planned.pipelines}
        self._outlets = outlets

    def _follow_sensors(self, before: Planned, planned: Planned) -> list[AnyFeed]:
        """Gives the feeds that are no longer wanted."""
        feeds: dict[str, AnyFeed] = {}
        controls = {}
        for name in planned.sensors:
            if not self._nursery.is_read(name):
                continue
            feed = self._feeds.get(name)
            if feed is not None and self._native.sensor(name).number == feed.number:
                same = equal(before.sensors[name].document, planned.sensors[name].document)
                self._nursery.adjust(feed, self._controls[name], same)
                feeds[name], controls[name] = feed, self._controls[name]
            else:
                feeds[name] = self._nursery.feed(name)
                controls[name] = self._nursery.control(feeds[name])
        gone = [feed for name, feed in self._feeds.items() if feeds.get(name) is not feed]
        self._feeds, self._controls = feeds, controls
        return gone

    def _follow_sinks(self, new: list[Titled], before: DocumentSet) -> list[Titled]:
        """Gives the sinks that have ended."""
        if not self._sinks.open and not new:
            return []
        titles, after = self.plan.pipelines, self.documents
        gone = self._sinks.follow(
            new, lambda title: title in titles and sinks_of(before, title) == sinks_of(after, title)
        )
        self._sinks.listen(self._feeds.values())
        for title, sink in new:
            self._outlets[title].call(sink)
        return gone

    @abstractmethod
    def _callback_failed(self, pipeline: str, error: Exception) -> None:
        """Notes that a callback of a pipeline's results ended by an error."""

    @abstractmethod
    def _first_read(self) -> None:
        """Notes that somebody reads results now."""


def _goes(document: Document, pipelines: set[str], application: str | None) -> bool:
    if document.KIND == "Pipeline":
        return document.key in pipelines
    return document.KIND == "Application" and document.name == application


__all__ = ["Deploying", "Failure"]
