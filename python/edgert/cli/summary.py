"""What is printed at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..report import windows
from ..report.outcomes import answered, beside, latency, said
from ..report.savings import dropped, savings

if TYPE_CHECKING:
    from ..runtime import Runtime


def users(runtime: Runtime) -> dict[str, int]:
    """How many pipelines each sensor has."""
    counts: dict[str, int] = {}
    for planned in runtime.plan.pipelines.values():
        counts[planned.sensor] = counts.get(planned.sensor, 0) + 1
    return counts


def summary(
    metrics: Mapping[str, Any], by_sensor: Mapping[str, int], unfilled: Mapping[str, float]
) -> Iterator[str]:
    """Lines: sensors, pipelines, and what sharing saved. `unfilled` is what report.windows says."""
    yield f"ran for {metrics['uptime_s']:.1f} s"
    for name, row in metrics["sensors"].items():
        lost = ", ".join(f"{count} dropped ({reason})" for reason, count in dropped(row).items())
        ending = (
            f", {row['state']}" + (f": {row['reason']}" if row.get("reason") else "")
            if row.get("state")
            else ""
        )
        lived = "".join(
            f", {row[key]} {word if row[key] > 1 else word.rstrip('s')}"
            for key, word in (("reconnects", "reconnects"), ("stalls", "stalls"))
            if row.get(key)
        )
        frames = f"{row.get('frames', 0)} frames"
        left_out = "".join(f", {count} left out ({why})" for why, count in row.get("rejected", {}).items())
        yield f"  sensor {name}: {frames}" + (f", {lost}" if lost else "") + left_out + lived + ending
    for name, row in metrics["pipelines"].items():
        parts = (said(row), *_latency(row), *beside(row), *_waiting(unfilled, name))
        yield f"  pipeline {name}: {'; '.join(parts)}"
    yield from _sinks(metrics)
    yield from saved_lines(metrics, by_sensor)


def _sinks(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What went into files, to brokers and to other processes, and what didn't."""
    for row in metrics.get("sinks", ()):
        lost = "".join(f"; {count} lost ({why})" for why, count in row["lost"].items())
        if "clips" in row:
            done = f"recorded {row['clips']} clips and {row['snapshots']} pictures of {row['events']} events"
            error = f"; {row['last_error']}" if row["last_error"] else ""
            yield f"  sink of {row['pipeline']}: {done}{lost}{error}"
        else:
            yield f"  sink of {row['pipeline']}: published {row['published']}{lost}"
    if share := metrics.get("share"):
        refused = sum(share["refused"].values())
        yield f"  shared at {share['path']}: {share['granted']:,} frames lent, {refused:,} refused"


def _latency(row: Mapping[str, Any]) -> Iterator[str]:
    """Of answers only: a result that was dropped took as long as its bound is, which says nothing."""
    if answered(row):
        yield f"answers in {latency(row)} ms (99 %: {latency(row, 'p99')} ms)"
    elif row["results"]:
        yield "no answers, so no latency"


def _waiting(unfilled: Mapping[str, float], name: str) -> Iterator[str]:
    if seconds := unfilled.get(name):
        yield f"nothing said: {windows.said(seconds)}"


def saved_lines(metrics: Mapping[str, Any], by_sensor: Mapping[str, int]) -> Iterator[str]:
    """What sharing saved, a kind a line."""
    words = {"decodes": "decodes", "transforms": "transforms", "models": "model runs"}
    for kind, value in savings(metrics, by_sensor).items():
        yield f"  {words[kind]}: {value.done:,} done, {value.wanted:,} wanted: sharing saved {value.saved:,}"
