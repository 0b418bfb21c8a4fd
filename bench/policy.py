"""What a policy in Python costs the lanes.

    python bench/policy.py [--rounds 16] [--seconds 1]

Four models saturate all lanes (one a core). A policy is set once, and then asked and not asked in short
rounds of one process, in the order off, on, on, off, so that a drift of the machine meets both alike. Of each
pair of neighbours the quotient of the throughputs is taken, and the median of those told, with the quartiles.
No process starts or ends in these rounds: what that costs is in policy_overhead_spinning alone.

policy_overhead: of one that looks at everything and decides something else each time (`adaptive`).
policy_overhead_spinning_on: of one that spins for ever and isn't killed (its limit is an hour; it is stopped
in the rounds without it). policy_overhead_spinning: of one that spins, is killed when late and started again
1, 2, 4 … s later, from when it is set: rounds of SPELL s.

by_cpu: the same from processor time, which is steadier on a machine that others use, too: results for a
second of processor time of this process (with the thread that asks the policy) over those without a policy,
times the part of the processor time of both processes that this one got. control_ms, policy_ms: processor
time of a call in the runtime's thread, and in the policy's process.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import finish, machine, say
from edgert import Runtime

MODELS = ("face-detection-short", "palm-detection", "pose-detection", "selfie-segmentation")
BOX = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 192, height: 192}}
inbox: {policy: block, size: 16, in_flight: 8}
"""
PIPELINE = """
---
kind: Pipeline
name: NAME
sensor: camera
when_full: drop_oldest
steps: [{name: step, model: "zoo:NAME"}]
"""
SPINS = """
from edgert.policy import Policy


class Spins(Policy):
    def decide(self, now):
        while True:
            pass
"""
SETTLE = 0.1  # s between rounds
SPELL, SPELLS = 4.0, 2  # s of a policy that is killed and started again, and how often
Switch = Callable[[bool], object]


@dataclass
class Round:
    """One of them: results a second, of this process's processor time too, and the part of it."""

    rate: float
    per_cpu: float
    kept: float


class Bench:
    """The saturated runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def pairs(self, name: str, switch: Switch, rounds: int, seconds: float) -> dict[str, float]:
        """The figures of what `switch` turns on and off."""
        quotients, by_cpu = [], []
        for index in range(rounds):
            found: dict[bool, Round] = {}
            for on in (False, True) if index % 2 == 0 else (True, False):
                switch(on)
                found[on] = self.measure(seconds)
            quotients.append(found[True].rate / found[False].rate)
            by_cpu.append(found[True].kept * found[True].per_cpu / found[False].per_cpu)
        switch(True)
        say(f"{name}: {' '.join(f'{quotient:.3f}' for quotient in quotients)}")
        low, middle, high = _quartiles(quotients)
        return {name: middle, f"{name}_low": low, f"{name}_high": high,
                f"{name}_by_cpu": statistics.median(by_cpu)}  # fmt: skip

    def measure(self, seconds: float) -> Round:
        time.sleep(SETTLE)
        began, results, own, theirs = time.perf_counter(), self._results(), time.process_time(), self._cpu()
        time.sleep(seconds)
        took = time.perf_counter() - began
        own, theirs = time.process_time() - own, self._cpu() - theirs
        done = self._results() - results
        return Round(done / took, done / own, own / (own + theirs))

    def take(self, policy: str | None, **options: Any) -> None:
        """Sets a policy, and waits until it has been asked; one that spins says nothing."""
        self.runtime.set_policy(policy, **options)
        time.sleep(1.0)

    def _results(self) -> int:
        return sum(int(row["results"]) for row in self.runtime.metrics()["pipelines"].values())

    def _cpu(self) -> float:
        row = self.runtime.metrics()["policy"]
        return float(row["cpu_s"]) if row else 0.0


def overhead(rounds: int = 16, seconds: float = 1.0) -> dict[str, Any]:
    """The figures, for this script and bench/scheduler.py."""
    with tempfile.TemporaryDirectory() as folder:
        box, spins = Path(folder, "box.yaml"), Path(folder, "spins.py")
        box.write_text(BOX + "".join(PIPELINE.replace("NAME", name) for name in MODELS))
        spins.write_text(SPINS)
        with Runtime(box, policy="none") as runtime, _pushed(runtime):
            bench = Bench(runtime)
            time.sleep(1.0)
            figures = _asked(bench, rounds, seconds)
            figures |= _spinning_on(bench, f"{spins}:Spins", max(2, rounds // 2), seconds)
            figures |= _spinning(bench, f"{spins}:Spins")
            runtime.set_policy(None)
    return figures


def _asked(bench: Bench, rounds: int, seconds: float) -> dict[str, Any]:
    bench.take("adaptive")
    supervisor: Any = bench.runtime._policy._supervisor

    def ask(on: bool) -> None:
        supervisor._course.active = on
        os.eventfd_write(supervisor._bell, 1)  # its thread sleeps for good while nobody is asked

    before = bench.runtime.metrics()["policy"]
    figures = bench.pairs("policy_overhead", ask, rounds, seconds)
    after = bench.runtime.metrics()["policy"]
    calls = after["calls"] - before["calls"]
    if calls < 5 * rounds * seconds:
        raise SystemExit(f"the policy was asked {calls} times only: the figures say nothing")
    control = after["control_cpu_s"] - before["control_cpu_s"]
    return {**figures, "policy_calls": calls, "policy_late": after["late"] - before["late"],
            "control_ms": control / calls * 1e3,
            "policy_ms": (after["cpu_s"] - before["cpu_s"]) / calls * 1e3}  # fmt: skip


def _spinning_on(bench: Bench, policy: str, rounds: int, seconds: float) -> dict[str, Any]:
    bench.take(policy, limit=3600.0)
    course: Any = bench.runtime._policy._supervisor._course  # type: ignore[union-attr]
    process = course.worker.pid
    return bench.pairs(
        "policy_overhead_spinning_on",
        lambda on: os.kill(process, signal.SIGCONT if on else signal.SIGSTOP),
        rounds,
        seconds,
    )


def _spinning(bench: Bench, policy: str) -> dict[str, Any]:
    late: list[int] = []

    def switch(on: bool) -> None:
        if (row := bench.runtime.metrics()["policy"]) is not None:
            late.append(int(row["late"]))
        bench.runtime.set_policy(policy if on else None)

    figures = bench.pairs("policy_overhead_spinning", switch, SPELLS, SPELL)
    return {**figures, "spinning_killed": sum(late)}


@contextmanager
def _pushed(runtime: Runtime) -> Iterator[None]:
    """Frames as fast as they are taken."""
    stop = threading.Event()
    picture = np.random.default_rng(0).integers(0, 255, (192, 192, 3), np.uint8)

    def push() -> None:
        while not stop.is_set():
            runtime.push("camera", picture, timeout=60)

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=16, help="pairs of one with and one without")
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    before = machine()
    finish({**overhead(arguments.rounds, arguments.seconds), **before})


if __name__ == "__main__":
    main()
