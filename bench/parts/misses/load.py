"""What models take alone and together, and arrivals that nobody holds back: for bench/misses.py."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from common import say
from edgert import Runtime

from parts.misses.fleet import LANES, Fleet

Push = Callable[[float], object]

# -- what models take


def alone_ms(runtime: Runtime, name: str, frame: np.ndarray, runs: int = 40) -> float:
    """The median from a push to the result, one at a time."""
    results = runtime.results(name, timeout=10.0)
    found = []
    for _ in range(runs):
        runtime.push(name, frame)
        found.append(next(results).latency_ms)
    return float(np.median(found[runs // 4 :]))


@dataclass(frozen=True)
class Together:
    """With all lanes busy: what a frame of each model takes of a lane, and the part of the lanes' time that
    goes into that."""

    ms: dict[str, float]
    part: float


def together(runtime: Runtime, fleet: Fleet, alone: Mapping[str, float], seconds: float) -> Together:
    """Equal work of each model, all submitted at once."""
    counts = {name: max(4, int(seconds * 1e3 * LANES / len(alone) / ms)) for name, ms in alone.items()}
    order = (
        np.random.default_rng(0)
        .permutation(np.repeat(np.arange(len(counts)), list(counts.values())))
        .tolist()
    )
    pushes = fleet.pushes(runtime)
    before, began = work(runtime, fleet), time.perf_counter()
    for model in order:
        pushes[model](-1.0)
    wait_idle(runtime)
    took, after = time.perf_counter() - began, work(runtime, fleet)
    ms = {name: (after[name] - before[name]) / counts[name] for name in counts}
    return Together(ms, sum(after[name] - before[name] for name in counts) / 1e3 / took / LANES)


def work(runtime: Runtime, fleet: Fleet) -> dict[str, float]:
    """Lane time so far, in ms, by model: nodes have their step's name, which is the model's."""
    total = dict.fromkeys(fleet.names, 0.0)
    for node in runtime.metrics()["nodes"]:
        total[node["name"].split()[-1]] += node["executed"] * node["run_ms_mean"]
    return total


def wait_idle(runtime: Runtime, timeout: float = 60.0) -> None:
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        sensors = runtime.metrics()["sensors"].values()
        if all(sensor["in_flight"] == 0 and sensor["waiting"] == 0 for sensor in sensors):
            return
        time.sleep(0.005)
    raise SystemExit("the box doesn't become idle")


# -- arrivals


def arrivals(rates: list[float], seconds: float, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Times in seconds and models, in order. `rates` a second; the gaps are gamma distributed with this
    coefficient of variation (1: Poisson), each model's from a seed of its own."""
    times, models = [], []
    for model, rate in enumerate(rates):
        rng = np.random.default_rng([seed, model])
        shape = 1 / spread**2
        lead = 20 / rate
        gaps = rng.gamma(shape, 1 / rate / shape, int((seconds + lead) * rate * 1.5) + 100)
        at = np.cumsum(gaps) - lead
        times.append(at[(at >= 0) & (at < seconds)])
        models.append(np.full(len(times[-1]), model))
    order = np.argsort(np.concatenate(times), kind="stable")
    return np.concatenate(times)[order], np.concatenate(models)[order]


@dataclass
class Driven:
    """What driving cost and how exact it was."""

    pushed: list[int]
    cpu: float = 0.0  # part of a core
    lag_ms_p50: float = 0.0
    lag_ms_p99: float = 0.0


def drive(pushes: Sequence[Push], times: np.ndarray, models: np.ndarray) -> Driven:
    """Pushes each frame when it is due, whatever becomes of those before it."""
    lags = np.zeros(len(times))
    plan = list(zip(times.tolist(), models.tolist(), strict=True))
    cpu, origin = time.thread_time(), time.monotonic() + 0.01
    for index, (at, model) in enumerate(plan):
        due = origin + at
        while (left := due - time.monotonic()) > 0:
            time.sleep(left)
        lags[index] = -left
        pushes[model](due)
    took = time.monotonic() - origin
    p50, p99 = np.percentile(lags, [50, 99]) * 1e3
    pushed = np.bincount(models, minlength=len(pushes)).tolist()
    return Driven(pushed, (time.thread_time() - cpu) / took, p50, p99)


@contextmanager
def urgent() -> Iterator[bool]:
    """This thread above all ordinary ones, where that is permitted: else a busy box delays arrivals."""
    before = os.sched_getscheduler(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except PermissionError:
        say("  the driver may not be raised: see its lag")
        yield False
        return
    try:
        yield True
    finally:
        os.sched_setscheduler(0, before & ~os.SCHED_RESET_ON_FORK, os.sched_param(0))
