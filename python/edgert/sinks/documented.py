"""The sinks that Pipeline documents name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..life.feed import Feed

if TYPE_CHECKING:
    from ..documents import DocumentSet, Pipeline
    from ..life.nursery import AnyFeed
    from ..planner import PlannedPipeline
    from ..sources.container import Tap
    from . import Sink

Titled = tuple[str, "Sink"]
"""A sink, behind the title of the pipeline whose results it takes."""


class DocumentedSinks:
    """Those that run, while plans follow each other: one whose pipeline says the same goes on."""

    def __init__(self) -> None:
        self.open: list[Titled] = []

    def make(
        self, pipelines: Iterable[PlannedPipeline], documents: DocumentSet, before: DocumentSet | None = None
    ) -> list[Titled]:
        """Opens the sinks of those of these pipelines that name others than `before`. Raises what opening
        raises; then none is left open."""
        opened: list[Titled] = []
        running = {title for title, _ in self.open}
        try:
            for one in pipelines:
                same = before is not None and sinks_of(documents, one.title) == sinks_of(before, one.title)
                if same and one.title in running:
                    continue
                pipeline = documents.pipelines[one.title]
                for sink in pipeline.sinks:
                    opened.append((one.title, _open(sink.model_dump(), pipeline, one.title)))
        except BaseException:
            close(opened)
            raise
        return opened

    def follow(self, new: list[Titled], stays: Callable[[str], bool]) -> list[Titled]:
        """Takes the new ones up; gives those of pipelines for which it doesn't `stay`, by title."""
        gone = [each for each in self.open if not stays(each[0])]
        self.open = [*(each for each in self.open if stays(each[0])), *new]
        return gone

    def listen(self, feeds: Iterable[AnyFeed]) -> None:
        """The encoded streams of these sensors go to the sinks that record them, and no longer to others."""
        wanted: dict[str, list[Tap]] = {}
        for sensor, tap in _taps(self.open):
            wanted.setdefault(sensor, []).append(tap)
        for feed in feeds:
            if isinstance(feed, Feed):
                feed.listen(wanted.get(feed.sensor, ()))

    def close(self) -> None:
        """Ends all."""
        close(self.open)


def close(sinks: Iterable[Titled]) -> None:
    """Ends these."""
    for _, sink in sinks:
        sink.close()


def sinks_of(documents: DocumentSet, title: str) -> Any:
    """What a pipeline says of its sinks; None where there is no such pipeline."""
    pipeline = documents.pipelines.get(title)
    if pipeline is None:
        return None
    return pipeline.sensor, pipeline.base, [sink.model_dump() for sink in pipeline.sinks]


def _open(fields: dict[str, Any], pipeline: Pipeline, title: str) -> Sink:
    if fields.pop("type") == "record":
        from .record import Record

        return Record(fields, pipeline.sensor, pipeline.base)
    from .mqtt import MqttSink

    return MqttSink(base_dir=pipeline.base, title=title, **fields)


def _taps(sinks: Iterable[Titled]) -> Iterator[tuple[str, Tap]]:
    for _, sink in sinks:
        if (tap := getattr(sink, "tap", None)) is not None:
            yield sink.sensor, tap  # type: ignore[attr-defined]


def figures(sinks: Iterable[Titled]) -> list[dict[str, Any]]:
    """What each did and lost, for metrics."""
    return [{"pipeline": title, **_figures(sink)} for title, sink in sinks]


def _figures(sink: Any) -> Mapping[str, Any]:
    if hasattr(sink, "figures"):
        return dict(sink.figures())
    return {"published": getattr(sink, "published", 0), "lost": dict(getattr(sink, "lost", {}))}
