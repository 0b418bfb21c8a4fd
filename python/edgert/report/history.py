"""What a report needs of a run, gathered while it runs."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

STEP = 1.0  # s between two samples of the rates
# in the order in which a frame passes them
STAGES = ("decode", "inbox", "transform", "queue", "model")


class History:
    """Gathers results' latencies (call it with each result) and metrics over time (sample()). From any
    thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._counts: dict[str, int] = defaultdict(int)
        self._totals: dict[str, int] = {}
        self.first_result_ms: float | None = None
        self.times: list[float] = []  # s since the start, of each sample
        self.sensor_rates: dict[str, list[float]] = defaultdict(list)  # frames a second, by sensor
        self.pipeline_rates: dict[str, list[float]] = defaultdict(list)  # results a second, by pipeline

    def __call__(self, result: Any) -> None:
        """Adds one result."""
        if result.status != "ok":
            return
        with self._lock:
            sums = self._sums[_title(result)]
            self._counts[_title(result)] += 1
            for stage, milliseconds in result.stages.items():
                sums[stage] += milliseconds

    def close(self) -> None:
        """Nothing to close."""

    def sample(self, metrics: dict[str, Any]) -> None:
        """Adds the rates since the sample before."""
        now = float(metrics["uptime_s"])
        step = now - self.times[-1] if self.times else now
        if step < STEP:
            return
        self.times.append(now)
        for name, row in metrics["sensors"].items():
            self.sensor_rates[name].append(self._rate(f"sensor {name}", row.get("frames", 0), step))
        for name, row in metrics["pipelines"].items():
            self.pipeline_rates[name].append(self._rate(name, row["results"], step))

    def stages(self) -> dict[str, dict[str, float]]:
        """Mean milliseconds of each stage and of the total, by pipeline."""
        with self._lock:
            return {name: self._means(name) for name in sorted(self._sums)}

    def _means(self, name: str) -> dict[str, float]:
        means = {stage: total / self._counts[name] for stage, total in self._sums[name].items()}
        return {stage: means.get(stage, 0.0) for stage in (*STAGES, "total")}

    def _rate(self, key: str, count: int, step: float) -> float:
        before = self._totals.get(key, 0)
        self._totals[key] = count
        return max(0, count - before) / step


def _title(result: Any) -> str:
    name = str(result.pipeline)
    return name if "/" in name else f"{result.application}/{name}"
