"""What of a plan goes on in the one that follows it, and what ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import InvalidError, make
from .sinks.documented import close

if TYPE_CHECKING:
    from .documents import Document, DocumentSet
    from .life.nursery import AnyFeed
    from .planner import Planned, PlannedPipeline
    from .planner.frames import Probe
    from .reading import Outlet
    from .sinks import Sink
    from .sinks.documented import Titled

LEAVING = 5.0  # s for a source or a callback to end


class Ended(NamedTuple):
    """What a deploy leaves without a place: sensors, and sinks with their outlets, and those that have
    followed these, if any."""

    feeds: list[AnyFeed]
    sinks: list[tuple[Outlet, Outlet | None, Sink]]

    def end(self) -> None:
        """Ends all; a device is free, and a sink has got what its pipeline gave, LEAVING seconds bar."""
        for feed in self.feeds:
            feed.stop("no longer wanted")
        for feed in self.feeds:
            feed.join(LEAVING)
        for outlet, now, sink in self.sinks:
            if now is None:
                outlet.join(LEAVING)
            for each in {id(one): one for one in (outlet, now) if one is not None}.values():
                each.forget(sink, LEAVING)
            sink.close()


def nodes_of(plan: Planned) -> list[dict[str, Any]]:
    """As Runtime.nodes()."""
    described = plan.spec.describe()
    names = [model["name"] for model in described["models"]]
    return [
        {**node, "model": names[node["model"]]} if node["op"] == "model" else node
        for node in described["nodes"]
    ]


def check_made_at_start(before: DocumentSet, after: DocumentSet, lanes: int) -> None:
    """Refuses what a runtime makes once: its cache, and its lanes where the program didn't say how many
    (`lanes` 0). Raises InvalidError."""
    said = after.scheduler.cache
    if said != before.scheduler.cache:
        what = (
            f"the Scheduler document says cache: {said} bytes now, and {before.scheduler.cache} at the start"
        )
        raise make(InvalidError, "deploy", what, "start a new runtime for that, or leave it as it was")
    if lanes == 0 and after.lanes != before.lanes:
        what = (
            f"a Profile document chose {after.lanes or 'no number of'} lanes, and they are made at the start"
        )
        raise make(InvalidError, "deploy", what, "start a new runtime for that, or say lanes yourself")


def check_pushed(before: Planned, after: Planned) -> None:
    """Refuses a sensor that is read in one plan and pushed in the other: who gives its frames is settled when
    it is made. Raises InvalidError."""
    for name in before.sensors.keys() & after.sensors.keys():
        was, now = (plan.sensors[name].document.source.type for plan in (before, after))
        if was != now and "push" in (was, now):
            what = f"was of type {was}, and is of type {now} now"
            hint = (
                "who pushes its frames is settled at its start: give it another name, or start a new runtime"
            )
            raise make(InvalidError, f"sensor {name}", what, hint)


@contextmanager
def undoing(
    outlets: Sequence[tuple[Outlet, PlannedPipeline]], number: int, sinks: Sequence[Titled]
) -> Iterator[None]:
    """Where the block raises, the plan of that number doesn't come, and its sinks end."""
    try:
        yield
    except BaseException:
        for outlet, _ in outlets:
            outlet.expect_no(number)
        close(sinks)
        raise


def only_in(one: Planned, other: Planned) -> list[PlannedPipeline]:
    """All pipelines but those that the other plan has as they are."""
    known = other.pipelines
    return [pipeline for title, pipeline in one.pipelines.items() if known.get(title) is not pipeline]


def equal(one: Document, other: Document) -> bool:
    return one is other or (one.model_dump(), one.base) == (other.model_dump(), other.base)


def known_formats(plan: Planned) -> Probe:
    """Sources that run already aren't opened a second time to learn what they give."""
    from .sources import probe_format

    def probe(source: Any, base: Path) -> dict[str, Any]:
        for known in plan.sensors.values():
            if known.document.source == source and known.document.base == base:
                return dict(known.format)
        return dict(probe_format(source, base))

    return probe


__all__ = [
    "LEAVING",
    "Ended",
    "check_made_at_start",
    "check_pushed",
    "equal",
    "known_formats",
    "nodes_of",
    "only_in",
    "undoing",
]
