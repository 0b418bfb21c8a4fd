"""What each pipeline said last, in words, for a run whose results go nowhere else."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..results import Result

EVERY = 0.5  # s between two results of a pipeline that are put into words
LONGEST = 100  # letters


class Lately:
    """A sink that keeps a few words a pipeline; of raw tensors and empty answers none."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, result: Result) -> None:
        """Takes note of a result."""
        now = time.monotonic()
        if result.outcome not in ("ok", "late") or now < self._next.get(result.pipeline, 0.0):
            return
        from ..sinks.draw import words

        told = (words(answer, name) for name, answer in result.answers.items())
        text = ", ".join(dict.fromkeys(each for each in told if each))
        with self._lock:
            if text:  # one that found nothing is tried again with the next result
                self._next[result.pipeline] = now + EVERY
                self._said[result.pipeline] = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def said(self, pipeline: str) -> str:
        """The words; empty when there were none."""
        with self._lock:
            return self._said.get(pipeline, "")

    def close(self) -> None:
        """Nothing to close."""
