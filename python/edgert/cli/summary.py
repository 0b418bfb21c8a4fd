"""What is printed at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..report.savings import dropped, savings

if TYPE_CHECKING:
    from ..runtime import Runtime


def users(runtime: Runtime) -> dict[str, int]:
    """How many pipelines each sensor has."""
    counts: dict[str, int] = {}
    for planned in runtime.plan.pipelines.values():
        counts[planned.sensor] = counts.get(planned.sensor, 0) + 1
    return counts


def summary(metrics: Mapping[str, Any], by_sensor: Mapping[str, int]) -> Iterator[str]:
    """Lines: sensors, pipelines, and what sharing saved."""
    yield f"ran for {metrics['uptime_s']:.1f} s"
    for name, row in metrics["sensors"].items():
        lost = ", ".join(f"{count} dropped ({reason})" for reason, count in dropped(row).items())
        ending = (
            f", {row['state']}" + (f": {row['reason']}" if row.get("reason") else "")
            if row.get("state")
            else ""
        )
        yield f"  sensor {name}: {row.get('frames', 0)} frames" + (f", {lost}" if lost else "") + ending
    for name, row in metrics["pipelines"].items():
        bad = "".join(f", {row[key]} {key}" for key in ("missed", "errors") if row[key])
        latency = f"{row['latency_ms_p50']:.1f} ms (99 %: {row['latency_ms_p99']:.1f} ms)"
        yield f"  pipeline {name}: {row['results']} results in {latency}{bad}"
    yield from saved_lines(metrics, by_sensor)


def saved_lines(metrics: Mapping[str, Any], by_sensor: Mapping[str, int]) -> Iterator[str]:
    """What sharing saved, a kind a line."""
    words = {"decodes": "decodes", "transforms": "transforms", "models": "model runs"}
    for kind, value in savings(metrics, by_sensor).items():
        yield f"  {words[kind]}: {value.done:,} done, {value.wanted:,} wanted: sharing saved {value.saved:,}"
