"""Clips and snapshots of what a pipeline found: the sink `record` of its document."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..answers import Raw
from ..recorder import Keep, Recorder, Settings, Store
from ..results import Result
from .composer import Composer


class Record:
    """Begins a clip with each result that found something. Its `tap` gets the camera's packets.

    `fields` are a RecordSink document's. Raises UnavailableError when the folder can't be written.
    """

    def __init__(self, fields: dict[str, Any], sensor: str, base: Path) -> None:
        keep = fields["keep"]
        bounds = Keep(float(keep["age"] or 0), keep["size"] or 0, keep["free"])
        settings = Settings(fields["before"], fields["after"], fields["longest"], clips=fields["clips"])
        self.sensor = sensor
        self.tap = Recorder(Store(base / fields["folder"], sensor, bounds), settings)
        self._when: str | None = fields["when"]
        self._snapshot: bool = fields["snapshot"]

    def __call__(self, result: Result) -> None:
        """Takes one result."""
        if result.status != "ok" or not self._found(result):
            return
        draw = (lambda path: snapshot(result, path)) if self._snapshot else None
        self.tap.event(result.native.capture_ns or time.monotonic_ns(), draw)

    def close(self) -> None:
        """Finishes what is being written."""
        self.tap.close()

    def figures(self) -> dict[str, Any]:
        """For metrics."""
        figures = self.tap.figures
        return {
            "events": figures.events, "clips": figures.clips, "clip_bytes": figures.clip_bytes,
            "snapshots": figures.snapshots, "removed": self.tap.store.removed, "lost": dict(figures.lost),
            "last_error": figures.last_error,
        }  # fmt: skip

    def _found(self, result: Result) -> bool:
        answers = result.answers
        chosen = answers.values() if self._when is None else [answers.get(self._when)]
        return any(found(answer) for answer in chosen)


def found(answer: Any) -> bool:
    """Whether an answer says that something is there: not skipped, not empty, fired."""
    if answer is None:
        return False
    if (fired := getattr(answer, "fired", None)) is not None:
        return bool(fired)
    if isinstance(answer, Raw):  # a threshold's numbers, and others: one that isn't 0
        return bool(np.any(answer.array))
    return len(answer) > 0 if isinstance(answer, Sequence) or hasattr(answer, "__len__") else True


def snapshot(result: Result, path: Path) -> None:
    """Draws a result on its frame and writes it. Raises UnavailableError without pillow, OSError."""
    composer = Composer(result.sensor)
    composer.add(result)
    composed = composer.take(rest=True)
    if composed is not None:
        composed.draw().save(path)
