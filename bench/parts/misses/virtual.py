"""bench/misses.py on a virtual clock: the same scheduler, executor, admission and policies, on models that
are said to take 1.4 to 16.3 ms (a tenth of noise) and take no time at all. What others do to the machine
changes nothing in it, and equal seeds give equal figures; what runs and memory do to each other isn't in it.

Bursts are of four frames at once. Policies are asked each 100 ms of virtual time, in this process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import say
from edgert import _native
from edgert.documents import read
from edgert.planner import Planned, plan
from edgert.policy.apply import Steering
from edgert.policy.outline import outline_of
from edgert.policy.record import Reader
from edgert.policy.reference import make, reference_of

from parts.misses.fleet import LANES, Asleep

KINDS = {"poisson": {"kind": "poisson"}, "bursts": {"kind": "bursts", "burst": 4}}
ORDERS = ("slack",)
PERIOD = 0.1  # s
WARM = 5.0  # s
QUARTILES = (
    1.0,
    1.13,
    1.26,
    0.135,
)  # p50, p90, p99 over the median, and the spread: normal, deviation a tenth


def virtual(
    seconds: float, loads: Sequence[float], sides: Sequence[str], bound: float, seed: int = 1
) -> dict[str, Any]:
    """The share missed by kind, load and side."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        fleet = Asleep(1.0)
        bounds = {model: bound * ms for model, ms in zip(fleet.names, fleet.times_ms, strict=True)}
        planned = plan(read(fleet.box(Path(name), bounds)))
        for kind in KINDS:
            for load in loads:
                row = {side: _missed(planned, side, kind, load, seconds, seed) for side in sides}
                found[f"{kind} {load:g}"] = row
                told = ", ".join(f"{side} {share:.3f} ({mean:.3f})" for side, (share, mean) in row.items())
                say(f"  virtual, {kind} {load:.0%}: {told}")
    return found


def _missed(
    planned: Planned, side: str, kind: str, load: float, seconds: float, seed: int
) -> tuple[float, float]:
    simulation = _made(planned, kind, load, "edf" if side not in ORDERS else side, seed)
    outline = outline_of(planned, simulation.queues(), {}, LANES)
    reader, steering = Reader(outline), Steering(simulation, outline, "edf" if side not in ORDERS else side)
    policy = None if side in ORDERS else make(reference_of(side), {})
    before: dict[str, tuple[int, int]] = {}
    while simulation.elapsed < WARM + seconds:
        simulation.run(PERIOD)
        if policy is not None:
            steering.apply(policy.decide(reader.read(simulation.load(), {}, {})))
        if not before and simulation.elapsed >= WARM:
            before = _counts(simulation)
    after = _counts(simulation)
    sent = {name: after[name][0] - before[name][0] for name in after}
    missed = {name: sent[name] - (after[name][1] - before[name][1]) for name in after}
    return sum(missed.values()) / sum(sent.values()), sum(missed[n] / sent[n] for n in sent) / len(sent)


def _made(planned: Planned, kind: str, load: float, order: str, seed: int) -> Any:
    assert planned.spec is not None
    described = planned.spec.describe()
    times = dict(zip(Asleep.names, Asleep.times_ms, strict=True))
    p50, p90, p99, spread = QUARTILES
    models = {
        index: {"threads": 1, "points": [(1, 1, 1, ms * p50, ms * p90, ms * p99, spread)]}
        for index, ms in enumerate(times[model["name"]] for model in described["models"])
    }
    arrivals = {
        name: {**KINDS[kind], "period_ms": len(times) * ms / load / LANES} for name, ms in times.items()
    }
    rows = {node["id"]: 1.0 for node in described["nodes"] if node["outputs"]}  # a window a frame
    return _native.Simulation(
        planned.spec, LANES, order=order, models=models, rows=rows, arrivals=arrivals, seed=seed
    )


def _counts(simulation: Any) -> dict[str, tuple[int, int]]:
    """Frames that were sent, and those answered in time, by model."""
    metrics = simulation.metrics()
    sensors = metrics["sensors"]
    return {
        name.partition("/")[2]: (sensors[name.partition("/")[2]]["frames"], row["ok"])
        for name, row in metrics["pipelines"].items()
    }
