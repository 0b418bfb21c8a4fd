"""The sinks that Pipeline documents name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..documents import DocumentSet, Pipeline
    from ..sources.container import Tap
    from . import Sink


def open_sinks(documents: DocumentSet, titles: Mapping[str, str]) -> list[tuple[str, Sink]]:
    """Each sink with the title of the pipeline whose results it takes; `titles` by its name."""
    opened: list[tuple[str, Sink]] = []
    try:
        for name, title in titles.items():
            pipeline = documents.pipelines[name]
            for sink in pipeline.sinks:
                opened.append((title, _open(sink.model_dump(), pipeline, title)))
    except BaseException:
        for _, made in opened:
            made.close()
        raise
    return opened


def _open(fields: dict[str, Any], pipeline: Pipeline, title: str) -> Sink:
    if fields.pop("type") == "record":
        from .record import Record

        return Record(fields, pipeline.sensor, pipeline.base)
    from .mqtt import MqttSink

    return MqttSink(base_dir=pipeline.base, title=title, **fields)


def taps(sinks: list[tuple[str, Sink]]) -> Iterator[tuple[str, Tap]]:
    """For each sensor whose encoded stream sinks want: where its packets go."""
    by_sensor: dict[str, list[Tap]] = {}
    for _, sink in sinks:
        if (tap := getattr(sink, "tap", None)) is not None:
            by_sensor.setdefault(sink.sensor, []).append(tap)  # type: ignore[attr-defined]
    for sensor, wanted in by_sensor.items():
        yield sensor, wanted[0] if len(wanted) == 1 else Split(wanted)


class Split:
    """A stream's packets to several taps."""

    def __init__(self, taps: Sequence[Tap]) -> None:
        self._taps = taps

    def begin(self, stream: Any) -> None:
        """Tells all."""
        for tap in self._taps:
            tap.begin(stream)

    def packet(self, packet: Any) -> None:
        """Tells all."""
        for tap in self._taps:
            tap.packet(packet)


def figures(sinks: list[tuple[str, Sink]]) -> list[dict[str, Any]]:
    """What each did and lost, for metrics."""
    return [{"pipeline": title, **_figures(sink)} for title, sink in sinks]


def _figures(sink: Any) -> dict[str, Any]:
    if hasattr(sink, "figures"):
        return dict(sink.figures())
    return {"published": getattr(sink, "published", 0), "lost": dict(getattr(sink, "lost", {}))}
