"""One side under one load: arrivals that nobody holds back, and what became of them."""

from __future__ import annotations

import time
from typing import Any

from edgert import Runtime

from parts.misses.fleet import LANES, Fleet
from parts.misses.load import Driven, Together, arrivals, drive, urgent, wait_idle, work

ORDERS = ("slack",)  # sides that are orders without a policy
KINDS = {"poisson": 1.0, "bursts": 2.0}  # coefficients of variation of the gaps
REASONS = ("dropped", "late", "stale", "refused", "failed", "skipped")
WARM = 0.3  # s of arrivals before those that count
LEARNING = 1.0  # s of them under a policy that looks at the last seconds
STEADY = ("fifo", "edf", "slack", "moore-hodgson")  # sides that look at none


def rates_at(load: float, capacity: Together) -> list[float]:
    """Frames a second of each model."""
    return [load * LANES * capacity.part / len(capacity.ms) / ms * 1e3 for ms in capacity.ms.values()]


class Bench:
    """A runtime whose misses are counted."""

    def __init__(self, runtime: Runtime, fleet: Fleet, capacity: Together, seconds: float) -> None:
        self.runtime, self.capacity, self.seconds = runtime, capacity, seconds
        self.pushes, self.fleet = fleet.pushes(runtime), fleet
        self.driven: list[Driven] = []
        nodes = runtime.plan.spec.describe()["nodes"]
        self.models = {node["id"]: node["name"].split()[-1] for node in nodes if node["model"] >= 0}

    def take(self, side: str) -> None:
        """Puts an order or policy into force."""
        if side in ORDERS:
            self.runtime.set_policy(None)
            self.runtime.set_order(side)
            return
        self.runtime.set_policy(side)
        until = time.monotonic() + 20
        while (row := self.runtime.metrics()["policy"]) is None or row["name"] != side or not row["tables"]:
            if time.monotonic() > until:
                raise SystemExit(f"the policy {side} doesn't come into force: {row}")
            time.sleep(0.01)

    def cell(self, side: str, load: float, kind: str, seed: int) -> dict[str, Any]:
        """Misses of one side under one load."""
        self.take(side)
        rates = rates_at(load, self.capacity)
        warm = WARM if side in STEADY else LEARNING
        with urgent():
            drive(self.pushes, *arrivals(rates, warm, KINDS[kind], seed + 1000))
            wait_idle(self.runtime)
            before, ran = self._counts(), self._ran()
            driven = drive(self.pushes, *arrivals(rates, self.seconds, KINDS[kind], seed))
            wait_idle(self.runtime)
        self.driven.append(driven)
        found = _cell(driven, before, self._counts())
        found["slower"] = self._slower(ran, self._ran())
        self.runtime.set_policy(None)
        return found

    def _ran(self) -> tuple[dict[str, float], dict[str, int]]:
        """Lane time in ms and runs so far, by model."""
        runs = dict.fromkeys(self.fleet.names, 0)
        for node in self.runtime.metrics()["nodes"]:
            if node["id"] in self.models:
                runs[self.models[node["id"]]] += node["executed"]
        return work(self.runtime, self.fleet), runs

    def _slower(self, before: Any, after: Any) -> float | None:
        """How much longer runs took than when the capacity was measured; None for models in pieces, of which
        not all are run."""
        if len(self.models) != len(self.fleet.names):
            return None
        took = sum(after[0].values()) - sum(before[0].values())
        usual = sum((after[1][name] - before[1][name]) * ms for name, ms in self.capacity.ms.items())
        return float(took / usual) if usual else None

    def _counts(self) -> list[dict[str, int]]:
        rows = self.runtime.metrics()["pipelines"].values()
        return [{reason: row[reason] for reason in ("ok", *REASONS)} for row in rows]


def _cell(driven: Driven, before: list[dict[str, int]], after: list[dict[str, int]]) -> dict[str, Any]:
    got = [{key: row[key] - old[key] for key in row} for row, old in zip(after, before, strict=True)]
    submitted = sum(driven.pushed)
    shares = [1 - row["ok"] / pushed for row, pushed in zip(got, driven.pushed, strict=True) if pushed]
    reasons = {reason: sum(row[reason] for row in got) for reason in REASONS}
    missed = submitted - sum(row["ok"] for row in got)
    reasons["no place"] = missed - sum(reasons.values())
    return {
        "submitted": submitted,
        "missed": missed,
        "share": missed / submitted,
        "by_model": shares,
        "reasons": {reason: count for reason, count in reasons.items() if count},
    }
