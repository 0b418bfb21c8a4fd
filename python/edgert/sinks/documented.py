"""The sinks that Pipeline documents name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..documents import DocumentSet
    from . import Sink


def open_sinks(documents: DocumentSet, titles: Mapping[str, str]) -> list[tuple[str, Sink]]:
    """Each sink with the title of the pipeline whose results it takes; `titles` by its name."""
    return [
        (titles[name], _open(sink.model_dump(), pipeline.base))
        for name, pipeline in documents.pipelines.items()
        if name in titles
        for sink in pipeline.sinks
    ]


def _open(fields: dict[str, Any], base: Path) -> Sink:
    from .mqtt import MqttSink

    del fields["type"]
    return MqttSink(base_dir=base, **fields)


def figures(sinks: list[tuple[str, Sink]]) -> list[dict[str, Any]]:
    """What each published and lost, for metrics."""
    return [
        {
            "pipeline": title,
            "published": getattr(sink, "published", 0),
            "lost": dict(getattr(sink, "lost", {})),
        }
        for title, sink in sinks
    ]
