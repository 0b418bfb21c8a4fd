"""The core's records, as csrc/edgert/metrics/trace.h and plan/executor_trace.cc have them."""

from __future__ import annotations

from typing import Any, NamedTuple

RAN, POINT, ADMITTED, DROPPED, ANSWERED = range(5)
ENDS = ("ok", "failed", "expired", "skipped")
DROPS = (
    "inbox full",
    "replaced by a newer one",
    "came too late to begin",
    "not admitted",
    "left when the run stopped",
)
OUTCOMES = ("ok", "late", "skipped", "dropped", "failed", "stale")
NO_LANE = -1
FIRST_ASIDE = 1000
FIRST_STREAM, STREAMS_EACH = 2000, 256


class Record(NamedTuple):
    """Times in nanoseconds of the monotonic clock; trace.h says what each is, by kind."""

    ready: int
    start: int
    end: int
    frame: int
    cause: int  # the record that made it ready, counted from 1; 0: not known
    wanted_by: int
    where: int  # a node, a sensor or a pipeline
    row: int
    lane: int
    batch: int
    kind: int
    end_code: int


def records(array: Any) -> list[Record]:
    """Of the structured array that the core gives."""
    return [Record._make(row) for row in array.tolist()]
