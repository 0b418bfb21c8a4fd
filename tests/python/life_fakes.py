"""A port, and sources that behave as told: what tests of a sensor's life share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from edgert.errors import UnavailableError, make
from edgert.sources.base import Samples

PATIENCE = 10.0


class Port:
    """Takes samples; the first `full` pushes find no place."""

    def __init__(self, full: int = 0) -> None:
        self.taken: list[float] = []
        self.gaps: list[bool] = []
        self.full = full
        self.finished = threading.Event()

    def push_samples(self, array: Any, media_time: float, gap: bool, **rest: Any) -> bool:
        from edgert.errors import DeadlineError

        if self.full:
            self.full -= 1
            raise make(DeadlineError, "inbox", "is full", "wait")
        self.taken.append(media_time)
        self.gaps.append(gap)
        return True

    def finish(self) -> None:
        self.finished.set()


class Fake:
    """Gives `count` rows, then does what `after` says: raises it, calls it, or ends."""

    realtime = False
    copied_bytes = 0

    def __init__(
        self, count: int | None = 3, after: Exception | Callable[[], Any] | None = None, step: float = 0.0
    ) -> None:
        self.count, self.after, self.step = count, after, step
        self.closed = self.interrupted = 0

    def probe(self) -> dict[str, Any]:
        return {"kind": "table", "columns": ["x"], "rate": 10.0, "max_rows": 1}

    def frames(self) -> Iterator[Samples]:
        index = 0
        while self.count is None or index < self.count:
            yield Samples(np.zeros((1, 1), np.float32), index / 10)
            index += 1
            time.sleep(self.step)
        if isinstance(self.after, Exception):
            raise self.after
        if self.after is not None:
            self.after()

    def interrupt(self) -> None:
        self.interrupted += 1

    def close(self) -> None:
        self.closed += 1


def gone() -> UnavailableError:
    """What a source raises whose device is unplugged."""
    return make(UnavailableError, "fake", "is gone", "plug it in")


def until(condition: Callable[[], Any], timeout: float = PATIENCE) -> bool:
    """Waits for it. False: it did not come."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True
