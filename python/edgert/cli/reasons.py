"""Why results failed or were dropped: said once on standard error, counted for the summary."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..results import Result

TOP = 3  # reasons of a pipeline that are told
KEPT = 50  # reasons of a pipeline that are told apart
OTHERS = "others"
DROPPED = {
    "deadline": "over the latency bound",
    "cancelled": "stopped before it was done",
    "exhausted": "no buffer was left",
}
_NUMBER = re.compile(r"(?<![\w.:/-])-?\d+(?:\.\d+)?(?![\w/])")


class Reasons:
    """Says the first error of each pipeline, on standard error, and counts all of them; late results are
    none. Messages that differ only in numbers count as one reason. One thread a pipeline calls it."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._shown: dict[str, str] = {}  # an example of each reason
        self._lock = threading.Lock()

    def __call__(self, result: Result) -> None:
        """Takes note of a result."""
        if result.outcome not in ("failed", "dropped"):
            return
        reason = DROPPED.get(result.status, "") if result.outcome == "dropped" else ""
        self._count(result.pipeline, result.outcome, reason or str(result.error or result.status))

    def _count(self, pipeline: str, outcome: str, reason: str) -> None:
        with self._lock:
            counts = self._counts.setdefault(pipeline, Counter())
            first = outcome == "failed" and not any(key.startswith("failed") for key in counts)
            kind = f"{outcome}: {_NUMBER.sub('#', reason)}"
            if kind not in counts and len(counts) >= KEPT:
                kind = reason = OTHERS
            self._shown.setdefault(kind, reason)
            counts[kind] += 1
        if first:
            click.secho(f"pipeline {pipeline} failed: {reason}", err=True, fg="red")

    def top(self, pipeline: str) -> Iterator[str]:
        """The reasons that came most, with how often."""
        with self._lock:
            ranked = self._counts.get(pipeline, Counter()).most_common()
        for kind, count in ranked[:TOP]:
            yield f"{count} × {self._shown[kind]}"
        if rest := sum(count for _, count in ranked[TOP:]):
            yield f"{rest} × for {len(ranked) - TOP} other reason{'s' * (len(ranked) > TOP + 1)}"

    def close(self) -> None:
        """Nothing to close."""
