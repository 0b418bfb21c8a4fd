"""bench/misses.py on a virtual clock: the same scheduler, executor, admission and policies, on models that
are said to take 1.4 to 16.3 ms (a tenth of noise) and take no time at all. What others do to the machine
changes nothing in it, and equal seeds give equal figures; what runs and memory do to each other isn't in it.

Bursts are of four frames at once. Policies are asked each 100 ms of virtual time, in this process.
As measured (--as-measured): gaps as those of the real bench, and runs that scatter as real ones did on two
lanes, where one in thirty was disturbed (MEASURED).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from common import say
from edgert import _native
from edgert.documents import read
from edgert.planner import Planned, plan
from edgert.policy.apply import Steering
from edgert.policy.outline import outline_of
from edgert.policy.record import Reader
from edgert.policy.reference import make, reference_of

from parts.misses import cells
from parts.misses.fleet import IN_PIECES, LANES, Asleep, AsleepInPieces
from parts.misses.least import least_misses
from parts.misses.load import arrivals

KINDS: dict[str, dict[str, Any]] = {"poisson": {"kind": "poisson"}, "bursts": {"kind": "bursts", "burst": 4}}
ORDERS = ("slack",)
LEAST_OF = 6.0  # s
PIECE_MS = 2.0
PERIOD = 0.1  # s
Box = tuple[Planned, Asleep]
WARM = 5.0  # s
QUARTILES = (
    1.0,
    1.13,
    1.26,
    0.135,
)  # p50, p90, p99 over the median, and the spread: normal, deviation a tenth
MEASURED = (0.88, 0.92, 0.95, 1.0, 1.06, 1.17, 1.32, 2.16, 5.2)
"""Over the median, at 1, 10, 25, 50, 75, 90, 95, 99 and 99.9 % of the runs: the zoo's face-detection-short,
17,000 runs among other models'."""


def virtual(
    seconds: float,
    loads: Sequence[float],
    sides: Sequence[str],
    bound: float,
    seed: int = 0,
    measured: bool = False,
) -> dict[str, Any]:
    """The share missed by kind, load and side."""
    found: dict[str, Any] = {}
    fleets = {"": Asleep(1.0), IN_PIECES: AsleepInPieces(1.0, PIECE_MS)}
    with tempfile.TemporaryDirectory() as name:
        bounds = {model: bound * ms for model, ms in fleets[""].times().items()}
        boxes = {how: (plan(read(fleet.box(Path(name), bounds))), fleet) for how, fleet in fleets.items()}
        for kind in KINDS:
            for load in loads:
                row = {
                    side: _missed(*_side(boxes, side), kind, load, seconds, seed, measured) for side in sides
                }
                found[f"{kind} {load:g}"] = row
                told = ", ".join(f"{side} {share:.3f} ({mean:.3f})" for side, (share, mean) in row.items())
                floor = _least(kind, load, bound, seed, measured)
                found[f"{kind} {load:g}"]["least"] = floor
                say(f"  virtual, {kind} {load:.0%}: {told}; every order {floor:.3f}")
    return found


def _side(boxes: dict[str, Box], side: str) -> tuple[Planned, Asleep, str]:
    """The box of a side, and its order or policy."""
    return *boxes[IN_PIECES if side.endswith(IN_PIECES) else ""], side.removesuffix(IN_PIECES)


def _missed(
    planned: Planned,
    fleet: Asleep,
    side: str,
    kind: str,
    load: float,
    seconds: float,
    seed: int,
    measured: bool,
) -> tuple[float, float]:
    frames = _measured_arrivals(kind, load, WARM + seconds, seed) if measured else _arrivals(kind, load)
    simulation = _made(planned, fleet, frames, "edf" if side not in ORDERS else side, seed, measured)
    outline = outline_of(planned, simulation.queues(), {}, {"cpu": LANES})
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


def _made(
    planned: Planned, fleet: Asleep, frames: dict[str, Any], order: str, seed: int, measured: bool
) -> Any:
    assert planned.spec is not None
    described = planned.spec.describe()
    times = fleet.times()
    p50, p90, p99, spread = QUARTILES
    alone = [times[model["name"]] for model in described["models"]]
    models = {
        index: {"threads": 1, "points": [(1, 1, 1, ms * p50, ms * p90, ms * p99, spread)]}
        for index, ms in enumerate(alone)
    }
    runs = {index: {1: [ms * part for part in MEASURED]} for index, ms in enumerate(alone)}
    rows = {node["id"]: 1.0 for node in described["nodes"] if node["outputs"]}  # a window a frame
    return _native.Simulation(planned.spec, LANES, order=order, models=models, rows=rows, arrivals=frames,
                              seed=seed, among={"models": runs} if measured else {})  # fmt: skip


def _arrivals(kind: str, load: float) -> dict[str, Any]:
    return {
        name: {**KINDS[kind], "period_ms": len(Asleep.names) * ms / load / LANES}
        for name, ms in zip(Asleep.names, Asleep.times_ms, strict=True)
    }


def _rates(load: float) -> list[float]:
    """Frames a second of each model."""
    return [load * LANES / len(Asleep.times_ms) / ms * 1e3 for ms in Asleep.times_ms]


def _measured_arrivals(kind: str, load: float, seconds: float, seed: int) -> dict[str, Any]:
    times, models = arrivals(_rates(load), seconds, cells.KINDS[kind], seed)
    return {
        name: {"kind": "given", "period_ms": 1e3 / rate, "times_ms": (1e3 * times[models == index]).tolist()}
        for index, (name, rate) in enumerate(zip(Asleep.names, _rates(load), strict=True))
    }


def _least(kind: str, load: float, bound: float, seed: int, measured: bool) -> float:
    """What every order misses of frames that come alike and take what is said, without the noise."""
    if measured:
        moments, models = arrivals(_rates(load), LEAST_OF, cells.KINDS[kind], seed)
        took = np.array(Asleep.times_ms)[models] / 1e3
        return least_misses(moments, took, bound * took, LANES)
    clump = KINDS[kind].get("burst", 1)
    rng, times, runs = np.random.default_rng(seed), [], []
    for ms in Asleep.times_ms:
        period = len(Asleep.times_ms) * ms / load / LANES * clump / 1e3
        at = np.repeat(np.cumsum(rng.exponential(period, int(2 * LEAST_OF / period) + 50)), clump)
        times.append(at[at < LEAST_OF])
        runs.append(np.full(len(times[-1]), ms / 1e3))
    order = np.argsort(np.concatenate(times), kind="stable")
    run = np.concatenate(runs)[order]
    return least_misses(np.concatenate(times)[order], run, bound * run, LANES)


def _counts(simulation: Any) -> dict[str, tuple[int, int]]:
    """Frames that were sent, and those answered in time, by model."""
    metrics = simulation.metrics()
    sensors = metrics["sensors"]
    return {
        name.partition("/")[2]: (sensors[name.partition("/")[2]]["frames"], row["ok"])
        for name, row in metrics["pipelines"].items()
    }
