"""Runs a workload in slices of time, and reads what came out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from .outcome import Busy, Outcome, PipelineOutcome, Slice
from .workload import Workload

SLICES = 60
FIRST_PIECE = 0.25  # s simulated
STEP = 0.2  # s of real time
TICK = 2e-9  # s: what is nearer to a slice's end has reached it
Tell = Callable[[int, int], None]
"""Called after each slice: how many are done, of how many."""


def run(
    workload: Workload,
    seconds: float = 60.0,
    seed: int = 1,
    *,
    lanes: int = 0,
    order: str = "",
    share: float = 1.0,
    tell: Tell = lambda done, total: None,
) -> Outcome:
    """Simulates so many seconds; equal arguments give equal outcomes. `lanes`, `order` and `share` (of the
    sensors' rates) try something else than what the workload says."""
    began = time.perf_counter()
    simulation = workload.simulation(seed, lanes, order, share)
    reading = _Reading(workload, simulation, share)
    slices: list[Slice] = []
    for index in range(SLICES):
        _run_until(simulation, seconds * (index + 1) / SLICES)
        slices.append(reading.slice())
        tell(index + 1, SLICES)
    found = reading.pipelines()
    return Outcome(
        seconds,
        order or workload.order,
        found,
        reading.lanes(),
        reading.models(),
        slices,
        time.perf_counter() - began,
    )


def _run_until(simulation: Any, at: float) -> None:
    """In pieces that take about STEP of real time each, so that Ctrl-C ends it soon."""
    piece = FIRST_PIECE
    while (left := at - simulation.elapsed) > TICK:
        began = time.perf_counter()
        simulation.run(min(piece, left))
        piece *= 2.0 if time.perf_counter() - began < STEP / 2 else 0.5 if piece > FIRST_PIECE else 1.0


class _Reading:
    """Reads metrics; of a slice, what was added since the one before."""

    def __init__(self, workload: Workload, simulation: Any, share: float) -> None:
        self.workload, self.simulation, self.share = workload, simulation, share
        self.planned = sorted(workload.planned.pipelines.values(), key=lambda one: one.index)
        self.before: dict[str, Any] = {"at": 0.0, "asked": [0] * len(self.planned), "missed": [], "busy": []}
        self.metrics: dict[str, Any] = {}

    def slice(self) -> Slice:
        self.metrics = self.simulation.metrics()
        now = self.simulation.elapsed
        counted = [self._counted(one) for one in self.planned]
        asked = [one["asked"] for one in counted]
        missed = [one["asked"] - one["kept"] for one in counted]
        busy = [lane["busy_s"] for lane in self.metrics["lanes"]]
        before = self.before
        lasted = max(now - before["at"], 1e-9)
        made = Slice(
            now,
            [
                max(0, new - old)
                for new, old in zip(missed, before["missed"] or [0] * len(missed), strict=True)
            ],
            [max(0, new - old) for new, old in zip(asked, before["asked"], strict=True)],
            [
                (new - old) / lasted
                for new, old in zip(busy, before["busy"] or [0.0] * len(busy), strict=True)
            ],
        )
        self.before = {"at": now, "asked": asked, "missed": missed, "busy": busy}
        return made

    def pipelines(self) -> list[PipelineOutcome]:
        found = []
        for one in self.planned:
            latencies, counts = self.simulation.latency(one.index)
            bound = one.document.latency
            bound_ms = None if bound is None else float(bound) * 1e3
            found.append(
                PipelineOutcome(
                    one.title, bound_ms=bound_ms, latencies_ms=latencies, counts=counts, **self._counted(one)
                )
            )
        return found

    def lanes(self) -> list[Busy]:
        elapsed = self.simulation.elapsed
        numbers: dict[str, int] = {}
        found = []
        for lane in self.metrics["lanes"]:
            device = "lane" if lane["device"] == "cpu" else str(lane["device"])
            number = numbers[device] = numbers.get(device, -1) + 1
            found.append(Busy(f"{device} {number}", lane["busy_s"] / elapsed, lane["executions"]))
        return found

    def models(self) -> list[Busy]:
        """By lane time, the busiest first; transforms together last."""
        total = self.simulation.elapsed * len(self.metrics["lanes"])
        described = self.workload.planned.spec.describe()
        index = {node["id"]: node["model"] for node in described["nodes"]}
        names = [model["name"] for model in self.metrics["models"]]
        busy, runs = [0.0] * len(names), [0] * len(names)
        for node in self.metrics["nodes"]:
            model = index[node["id"]]
            if model < 0:
                continue
            busy[model] += node["executed"] * node["run_ms_mean"] / 1e3
            runs[model] += node["executed"]
        for model, said in enumerate(self.metrics["models"]):
            fewer = _runs_a_work(said["batches"])
            busy[model], runs[model] = busy[model] * fewer, round(runs[model] * fewer)
        most = [said["instances"] for said in self.metrics["models"]]
        found = [Busy(*each) for each in zip(names, (one / total for one in busy), runs, most, strict=True)]
        return sorted(found, key=lambda one: -one.share)

    def _counted(self, one: Any) -> dict[str, int]:
        """Frames that were due. What was lost at the sensor counts as far as the pipeline wanted it."""
        said = self.metrics["pipelines"][one.title]
        refused = said["not_admitted"]
        inside = said["results"] + said["refused"] + said["passed_over"]
        inside += sum(refused.values()) - refused["no time"]  # those have results
        kept = said["ok"] + said["skipped"]
        late = said["late"] + said["stale"]
        asked = max(inside, round(self._wanted(one, inside)))
        return {"asked": asked, "kept": kept, "late": late, "dropped": asked - kept - late}

    def _wanted(self, one: Any, inside: int) -> float:
        """With what the sensor lost; a pipeline with a rate of its own takes the next frame instead."""
        sensor = self.metrics["sensors"][one.sensor]
        lost = sum(
            count for why, count in sensor["dropped"].items() if why not in ("unwanted", "not_admitted")
        )
        under_way = sensor["in_flight"] + sensor["waiting"]
        frames = max(sensor["frames"] - under_way, 1)
        if self.workload.planned.sensors[one.sensor].document.inbox.policy == "block":
            due = self.workload.rates[one.sensor] * self.share * self.simulation.elapsed
            waited = max(0.0, due - 1 - sensor["frames"])  # so many its source could not give
            lost, frames = lost + waited, frames + waited
        reached = frames - lost
        if lost <= 0 or reached <= 0:
            return float(inside) if lost <= 0 else float(frames)
        all_of_them = inside * frames / reached
        rate = one.document.rate
        return float(all_of_them if rate is None else min(all_of_them, float(rate) * self.simulation.elapsed))


def _runs_a_work(batches: Mapping[int, int]) -> float:
    works = sum(size * count for size, count in batches.items())
    return sum(batches.values()) / works if works else 1.0
