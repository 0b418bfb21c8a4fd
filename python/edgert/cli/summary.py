"""What is printed at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..report import windows
from ..report.outcomes import answered, beside, count, latency, said
from ..report.savings import dropped, savings

if TYPE_CHECKING:
    from ..runtime import Runtime


def users(runtime: Runtime) -> dict[str, int]:
    """How many pipelines each sensor has."""
    counts: dict[str, int] = {}
    for planned in runtime.plan.pipelines.values():
        for sensor in planned.sensors:
            counts[sensor] = counts.get(sensor, 0) + 1
    return counts


def summary(
    metrics: Mapping[str, Any],
    by_sensor: Mapping[str, int],
    unfilled: Mapping[str, float],
    reasons: Callable[[str], Iterable[str]] = lambda pipeline: (),
    lately: Callable[[str], str] = lambda pipeline: "",
) -> Iterator[str]:
    """Lines: sensors, pipelines with the reasons of what failed and what they said `lately`, and what sharing
    saved. `unfilled` is what report.windows says."""
    yield f"ran for {metrics['uptime_s']:.1f} s"
    for name, row in metrics["sensors"].items():
        lost = ", ".join(f"{number} dropped ({reason})" for reason, number in dropped(row).items())
        ending = (
            f", {row['state']}" + (f": {row['reason']}" if row.get("reason") else "")
            if row.get("state")
            else ""
        )
        lived = "".join(
            f", {count(row[key], word)}"
            for key, word in (("reconnects", "reconnect"), ("stalls", "stall"))
            if row.get(key)
        )
        frames = count(row.get("frames", 0), "frame")
        left_out = "".join(f", {number} left out ({why})" for why, number in row.get("rejected", {}).items())
        yield f"  sensor {name}: {frames}" + (f", {lost}" if lost else "") + left_out + lived + ending
    for name, row in metrics["pipelines"].items():
        parts = (said(row), *_latency(row), *beside(row), *_waiting(unfilled, name))
        yield f"  pipeline {name}: {'; '.join(parts)}"
        yield from (f"    {reason}" for reason in reasons(name))
        if told := lately(name):
            yield f"    last said: {told}"
    yield from _sinks(metrics)
    yield from _policy(metrics)
    yield from _batches(metrics)
    yield from _devices(metrics)
    yield from _cache(metrics)
    yield from saved_lines(metrics, by_sensor)


def _sinks(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What went into files, to brokers and to other processes, and what didn't."""
    for row in metrics.get("sinks", ()):
        lost = "".join(f"; {number} lost ({why})" for why, number in row["lost"].items())
        if "clips" in row:
            kept = f"{count(row['clips'], 'clip')} and {count(row['snapshots'], 'picture')}"
            done = f"recorded {kept} of {count(row['events'], 'event')}"
            error = f"; {row['last_error']}" if row["last_error"] else ""
            yield f"  sink of {row['pipeline']}: {done}{lost}{error}"
        else:
            yield f"  sink of {row['pipeline']}: published {row['published']}{lost}"
    if share := metrics.get("share"):
        refused = sum(share["refused"].values())
        yield f"  shared at {share['path']}: {count(share['granted'], 'frame')} lent, {refused:,} refused"


def _cache(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What was kept of equal frames, and what each application saved by it."""
    if not (cache := metrics.get("cache")):
        return
    held = f"{cache['bytes'] / 1e6:.1f} of {cache['limit'] / 1e6:.1f} MB, {count(cache['results'], 'result')}"
    pushed_out = f", {cache['evictions']:,} made room" if cache["evictions"] else ""
    without = f", {cache['refused']:,} without room" if cache["refused"] else ""
    asked = sum(cache[key] for key in ("hits", "waits", "misses", "results"))
    nothing = "" if asked else "; nothing here can be kept: windows and what else has a state never is"
    yield f"  request cache: {held}{pushed_out}{without}{nothing}"
    for name, row in metrics["applications"].items():
        own = row["cache"]
        found = own["hits"] + own["waits"]
        if found or own["misses"]:
            told = f"outputs of {count(found, 'node')} were there, {own['misses']:,} computed"
            yield f"    {name}: {told}, {own['saved_s']:.2f} s of lanes saved"


def _policy(metrics: Mapping[str, Any]) -> Iterator[str]:
    """What the policy was asked, what it gave, and what went wrong."""
    row = metrics.get("policy")
    if row is None:
        return
    words = {
        "late": "late",
        "raised": "raised",
        "refused": "refused",
        "ended": "ended",
        "restarts": "× started again",
    }
    wrong = "".join(f", {row[key]} {word}" for key, word in words.items() if row[key])
    last = "".join(f"; {row[key]}" for key in ("note", "problem") if row[key])
    yield f"  policy {row['name']}: {row['calls']:,} calls, {row['tables']:,} tables{wrong}{last}"


def _batches(metrics: Mapping[str, Any]) -> Iterator[str]:
    """How many works the models ran as one, or why they didn't."""
    for row in metrics["models"]:
        if row.get("batch_refused"):
            yield f"  model {row['name']}: ran its works one by one: {row['batch_refused']}"
        elif row.get("most_batch", 1) > 1:
            runs = sum(row.get("batches", {}).values())
            items = sum(size * number for size, number in row.get("batches", {}).items())
            most = f"up to {row['most_batch']} as one"
            told = f"{items:,} works in {count(runs, 'run')}, {most}"
            if runs and items == runs:
                told = (
                    f"{items:,} works ran one by one ({most} may): larger runs took no less, or none waited"
                )
            yield f"  model {row['name']}: {told}"


def _devices(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Where the models ran that may run on several devices."""
    for row in metrics["models"]:
        parts = [
            f"{place['executed']:,} on {place['device']} ({place['run_ms_mean']:.1f} ms each)"
            for place in row.get("places", ())
            if place["executed"]
        ]
        if parts:
            yield f"  model {row['name']}: {', '.join(parts)}"


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
    """What sharing saved, a kind a line; of what several wanted nothing of, only what was done."""
    words = {"decodes": "decodes", "transforms": "transforms", "models": "model runs"}
    found = [(words[kind], value) for kind, value in savings(metrics, by_sensor).items()]
    for word, value in found:
        if value.saved:
            yield f"  {word}: {value.done:,} done, {value.wanted:,} wanted: sharing saved {value.saved:,}"
    alone = [f"{value.done:,} {word}" for word, value in found if value.done and not value.saved]
    if alone:
        yield f"  wanted once: {', '.join(alone)}"
