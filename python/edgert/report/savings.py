"""What sharing saved: work that was done once and wanted several times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

NO_LOSS = {"unwanted", "stopped"}  # what no pipeline wanted (its rate), and what was in hand at the end
CONTROL = {"source", "region", "each", "gather", "gate", "recall"}  # no work of their own


class Savings(NamedTuple):
    """Counts of one kind of work: `done` in fact, `wanted` by those who asked, each for itself."""

    done: int
    wanted: int

    @property
    def saved(self) -> int:
        """What was not done a second time."""
        return max(0, self.wanted - self.done)


def savings(metrics: Mapping[str, Any], users: Mapping[str, int]) -> dict[str, Savings]:
    """Of "decodes", "models" and "transforms". `users` is the number of pipelines on each sensor: each of
    them would read and decode it for itself."""
    nodes = metrics["nodes"]
    return {
        "decodes": _decodes(metrics["sensors"], users),
        "models": _sum(node for node in nodes if node["op"] == "model"),
        "transforms": _sum(node for node in nodes if node["op"] not in CONTROL | {"model"}),
    }


def saved_seconds(metrics: Mapping[str, Any]) -> float:
    """The time of runs that were wanted and not done again, at the mean of each transform and model."""
    return sum(
        (wanted(node) - int(node["executed"])) * float(node["run_ms_mean"]) / 1e3
        for node in metrics["nodes"]
        if node["executed"]
    )


def wanted(node: Mapping[str, Any]) -> int:
    """How often it was asked for, less what came to nothing (skipped by a condition, failed)."""
    return max(int(node["demanded"]), int(node["executed"]))


def dropped(sensor: Mapping[str, Any]) -> dict[str, int]:
    """Frames that came but found no place, by reason."""
    return {
        reason: count
        for reason, count in sensor.get("dropped", {}).items()
        if count and reason not in NO_LOSS
    }


def _decodes(sensors: Mapping[str, Any], users: Mapping[str, int]) -> Savings:
    frames = {name: int(row.get("frames", 0)) for name, row in sensors.items()}
    return Savings(
        sum(frames.values()), sum(count * max(1, users.get(name, 1)) for name, count in frames.items())
    )


def _sum(nodes: Iterable[Mapping[str, Any]]) -> Savings:
    rows = [(int(node["executed"]), wanted(node)) for node in nodes]
    return Savings(sum(done for done, _ in rows), sum(asked for _, asked in rows))
