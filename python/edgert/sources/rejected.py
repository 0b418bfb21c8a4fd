"""What a live source could not read: counted by reason, and the first of each reason told."""

from __future__ import annotations

import logging
import threading
from typing import Any

LOG = logging.getLogger("edgert.sources")
SHOWN = 60  # characters of what could not be read


class Unreadable(Exception):
    """A message, line or part that is no frame: `reason` is one of few, `detail` is of this one."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Rejected:
    """Counts by reason. Any thread adds, any thread reads; it never raises.

    The first of each reason is logged as a warning to the logger `edgert.sources`, and kept in `first`.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def add(self, error: Unreadable, quiet: bool = False) -> None:
        """Counts one. `quiet`: it was to be expected, and is not told."""
        with self._lock:
            seen = self._counts.get(error.reason, 0)
            self._counts[error.reason] = seen + 1
            if seen:
                return
            self._first[error.reason] = error.detail
        if not quiet:
            LOG.warning("%s: %s; left out, and counted from now on", self._where, error)

    @property
    def counts(self) -> dict[str, int]:
        """How many, by reason."""
        with self._lock:
            return dict(self._counts)

    @property
    def first(self) -> dict[str, str]:
        """What the first one of each reason was."""
        with self._lock:
            return dict(self._first)


def shown(data: bytes | str) -> str:
    """The beginning of what could not be read, fit for a message."""
    text = data[: 4 * SHOWN].decode("utf-8", "replace") if isinstance(data, bytes) else data
    return repr(text[:SHOWN]) + ("…" if len(text) > SHOWN else "")


def troubles(source: object) -> dict[str, Any]:
    """What a live source had to leave out, for metrics: `rejected` by reason, the `first_rejected` of each,
    and messages that came faster than they were read (`messages_lost`). Only what the source counts."""
    found: dict[str, Any] = {}
    if (rejected := getattr(source, "rejected", None)) is not None:
        found.update(rejected=rejected.counts, first_rejected=rejected.first)
    if (lost := getattr(source, "lost", None)) is not None:
        found["messages_lost"] = lost
    return found


def merged(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The troubles of one source after the other: counts are added, the first of each reason stays."""
    out = {**now, **before}
    for name in ("rejected", "messages_lost"):
        if name in before and name in now:
            out[name] = _sum(before[name], now[name])
    if "first_rejected" in out:
        out["first_rejected"] = {**now.get("first_rejected", {}), **before.get("first_rejected", {})}
    return out


def _sum(before: Any, now: Any) -> Any:
    if isinstance(before, dict):
        return {reason: before.get(reason, 0) + now.get(reason, 0) for reason in {**before, **now}}
    return before + now
