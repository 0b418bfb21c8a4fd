"""A plan's outline as a policy's process gets it, made by hand."""

from __future__ import annotations

from array import array
from typing import Any

from edgert.policy import Snapshot
from edgert.policy.record import Reader


def outline() -> dict[str, Any]:
    """A short and a long model of two applications; the short one's pipeline has a bound."""
    queues = [
        {"name": name, "is_model": True, "applications": [app], "pipelines": [pipeline], "most_batch": most,
         "devices": ["cpu"]}
        for name, app, pipeline, most in (("short", "a", "a/alarm", 1), ("long", "b", "b/count", 8))
    ]  # fmt: skip
    pipelines = [
        {"name": "a/alarm", "application": "a", "sensor": "door", "bound_ms": 50.0, "on_miss": "drop",
         "queues": ["short"]},
        {"name": "b/count", "application": "b", "sensor": "door", "bound_ms": None, "on_miss": "drop",
         "queues": ["long"]},
    ]  # fmt: skip
    return {
        "version": 2,
        "devices": {"cpu": 2},
        "queues": queues,
        "pipelines": pipelines,
        "applications": [{"name": "a", "weight": 1.0}, {"name": "b", "weight": 1.0}],
        "sensors": ["door"],
    }


def snapshot(
    lanes: tuple[float, float] = (0.5, 0.5),
    waiting: tuple[float, float] = (0, 0),
    rates: tuple[float, float] = (20, 20),
    runs_ms: tuple[float, float] = (5, 40),
    alarm: tuple[float, float] = (20, 0),
    devices: tuple[float, float] = (0.5, 0.5),
    reader: Reader | None = None,
) -> Snapshot:
    """`alarm`: results in time and dropped ones of a/alarm, a second."""
    numbers = [2.0, 1000.0, 60.0, 2, 2, 0, 2, 2, 1, *lanes]
    for queued, rate, run in zip(waiting, rates, runs_ms, strict=True):
        numbers += [queued, rate, run, run, 2 * run, 1.0, 2.0, 0.0, 0]
    numbers += [alarm[0], 0, 0, alarm[1], 0, 0, 0, 0, 30.0, 60.0, 1.0]
    numbers += [20.0, 0, 0, 0, 0, 0, 0, 0, 80.0, 90.0, 1.0]
    for device in devices:
        numbers += [device, 0]
    numbers += [20.0, 0, 1, 0]
    return (reader or Reader(outline())).read(array("d", numbers).tobytes(), {"soc": 61.5}, {})
