"""Ten models, what they take alone and together, and arrivals that nobody holds back: for bench/misses.py."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import say
from edgert import Runtime

MODELS = {
    "face-detection-short": 128,
    "face-mesh": 192,
    "face-detection-full": 192,
    "selfie-segmentation": 256,
    "hand-landmarks": 224,
    "light-shufflenet": 224,
    "efficientnet-lite0-qdq-int8": 224,
    "palm-detection": 192,
    "efficientnet-lite0": 224,
    "pose-detection": 224,
}
"""And the side of their input, which is the sensor's: what is before the model is little."""
LANES = 2
BURSTS = 2.0  # coefficient of variation of the gaps
SENSOR = """---
kind: Sensor
name: {name}
source: {{type: push, format: {{kind: image, pixel: rgb24, width: {side}, height: {side}}}}}
inbox: {{policy: {inbox}}}
"""
QUEUED = "queue, size: 1024, in_flight: 64"  # what waits, waits in the scheduler
PIPELINE = """---
kind: Pipeline
name: {name}
sensor: {sensor}
when_full: drop_oldest
{bound}steps: [{{name: step, model: "zoo:{name}"}}]
"""


def box(folder: Path, models: Mapping[str, int], bounds_ms: Mapping[str, float]) -> Path:
    """A document with a pipeline a model, each on a sensor of its own."""
    text = ""
    for name, side in models.items():
        bound = f"latency: {bounds_ms[name]:.4f}ms\non_miss: drop\n" if name in bounds_ms else ""
        text += SENSOR.format(name=name, side=side, inbox=QUEUED)
        text += PIPELINE.format(name=name, sensor=name, bound=bound)
    file = folder / "box.yaml"
    file.write_text(text, encoding="utf-8")
    return file


class Pusher:
    """Pushes pictures of zeros. To the core's ports, since those take the moment at which a frame was due:
    bounds count from there, not from when this program got round to it."""

    def __init__(self, runtime: Runtime, models: Mapping[str, int]) -> None:
        self._ports = [runtime._native.sensor(name) for name in models]
        self._pictures = [([np.zeros((side, side, 3), np.uint8)], [3 * side], side) for side in models.values()]

    def push(self, model: int, due: float = -1.0) -> None:
        planes, strides, side = self._pictures[model]
        self._ports[model].push_image(planes, strides, side, side, "rgb24", capture=due)


# -- what models take


def alone_ms(runtime: Runtime, name: str, side: int, runs: int = 40) -> float:
    """The median from a push to the result, one at a time."""
    picture = np.zeros((side, side, 3), np.uint8)
    results = runtime.results(name, timeout=10.0)
    found = []
    for _ in range(runs):
        runtime.push(name, picture)
        found.append(next(results).latency_ms)
    return float(np.median(found[runs // 4 :]))


@dataclass(frozen=True)
class Together:
    """With all lanes busy: what a frame of each model takes of a lane, and the part of the lanes' time that
    goes into that."""

    ms: dict[str, float]
    part: float


def together(runtime: Runtime, alone: Mapping[str, float], seconds: float) -> Together:
    """Equal work of each model, all submitted at once."""
    counts = {name: max(4, int(seconds * 1e3 * LANES / len(alone) / ms)) for name, ms in alone.items()}
    order = np.random.default_rng(0).permutation(
        np.repeat(np.arange(len(counts)), list(counts.values()))
    ).tolist()
    pusher = Pusher(runtime, MODELS)
    before, began = work(runtime), time.perf_counter()
    for model in order:
        pusher.push(model)
    wait_idle(runtime)
    took, after = time.perf_counter() - began, work(runtime)
    ms = {name: (after[name] - before[name]) / counts[name] for name in counts}
    return Together(ms, sum(after[name] - before[name] for name in counts) / 1e3 / took / LANES)


def work(runtime: Runtime) -> dict[str, float]:
    """Lane time so far, in ms, by pipeline: a node's name is the step's, its scope the sensor's."""
    names, total = list(MODELS), dict.fromkeys(MODELS, 0.0)
    for node in runtime.metrics()["nodes"]:
        total[names[node["scope"]]] += node["executed"] * node["run_ms_mean"]
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
    coefficient of variation (1: Poisson), each model's from a seed of its own, from some point of its life."""
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


def drive(pusher: Pusher, times: np.ndarray, models: np.ndarray) -> Driven:
    """Pushes each frame when it is due, whatever becomes of those before it."""
    lags = np.zeros(len(times))
    plan = list(zip(times.tolist(), models.tolist(), strict=True))
    cpu, origin = time.thread_time(), time.monotonic() + 0.01
    for index, (at, model) in enumerate(plan):
        due = origin + at
        while (left := due - time.monotonic()) > 0:
            time.sleep(left)
        lags[index] = -left
        pusher.push(model, due)
    took = time.monotonic() - origin
    p50, p99 = np.percentile(lags, [50, 99]) * 1e3
    return Driven(np.bincount(models, minlength=len(MODELS)).tolist(), (time.thread_time() - cpu) / took, p50, p99)


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
