"""How a pipeline's results ended, in numbers and words. Each result counts once, in one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

OUTCOMES = ("ok", "late", "skipped", "dropped", "failed", "stale")
MEANING = {
    "ok": "with its answer, in time",
    "late": "with its answer, but over its latency bound (on_miss: late)",
    "skipped": "no answer wanted: a condition was closed, or there was nothing to do",
    "dropped": "no answer: over its latency bound (on_miss: drop), or stopped before it was done",
    "failed": "no answer, or not all of it: a step failed",
    "stale": "over its latency bound, with an earlier frame's answer (on_miss: last)",
}
MEANING_OF_REFUSAL = {
    "queue": "over the application's queue limit",
    "rate": "over its rate limit",
    "share": "over its share of the device",
    "no time": "without time to keep the latency bound",
}
NONE = "–"  # a latency where nothing was answered

Row = Mapping[str, Any]  # of Runtime.metrics()["pipelines"]


def count(number: int, word: str) -> str:
    """ "1 frame", "1,200 frames"."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def answered(row: Row) -> int:
    """Results that brought their answer."""
    return int(row["ok"]) + int(row["late"])


def latency(row: Row, key: str = "p50", digits: int = 1) -> str:
    """Milliseconds of those that brought their answer ("p50" or "p99"); a dash when none did."""
    return f"{row[f'latency_ms_{key}']:.{digits}f}" if answered(row) else NONE


def said(row: Row) -> str:
    """ "120 results: 100 ok, 20 dropped"; plain "120 results" when all are ok."""
    all_of_them = count(row["results"], "result")
    ended = [f"{row[outcome]} {outcome}" for outcome in OUTCOMES if row[outcome]]
    return all_of_them if row["ok"] == row["results"] else f"{all_of_them}: {', '.join(ended)}"


def beside(row: Row) -> Iterator[str]:
    """What else became of its frames and results, where something did."""
    if row["refused"]:
        yield f"{count(row['refused'], 'frame')} came too late to begin"
    if refused := {reason: frames for reason, frames in row["not_admitted"].items() if frames}:
        told = ", ".join(f"{frames} {MEANING_OF_REFUSAL[reason]}" for reason, frames in refused.items())
        yield f"frames not taken in: {told}"
    if row["unread"]:
        yield f"{row['unread']} of the results nobody took"
