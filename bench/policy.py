"""What a policy in Python costs the lanes.

    python bench/policy.py [--rounds 6] [--seconds 4]

Four models saturate all lanes (one a core). Sides, in alternating rounds of one process: no policy; a
policy that looks at everything and decides something else each time (`adaptive`); one that spins for
ever, is killed when late and started again; and one that spins and is never killed (its limit is an hour).
policy_overhead: throughput with the first over without; policy_overhead_spinning, _spinning_on: with the
others. A quotient of neighbouring rounds is taken and the median of those told, since a machine drifts.

by_cpu: the same from processor time, which is steadier on a machine that others use, too: results for a
second of processor time of this process (with the thread that asks the policy) over those without a policy,
times the part of the processor time of both processes that this one got.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import alternate, finish, machine, say
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
SETTLE = 0.3  # s


class Side:
    """Results a second under one policy, and what that cost besides."""

    def __init__(self, runtime: Runtime, policy: str | None, **options: Any) -> None:
        self.runtime, self.policy, self.options = runtime, policy, options
        self.kept: list[float] = []  # the part of the processor time that this process got
        self.yields: list[float] = []  # results a second of it
        self.rows: list[dict[str, Any]] = []

    def measure(self, seconds: float) -> float:
        self.runtime.set_policy(self.policy, **self.options)
        time.sleep(SETTLE)
        began, results, own, theirs = time.perf_counter(), self._results(), time.process_time(), self._cpu()
        time.sleep(seconds)
        took = time.perf_counter() - began
        own, theirs = time.process_time() - own, self._cpu() - theirs
        self.kept.append(own / (own + theirs))
        self.yields.append((self._results() - results) / own)
        if row := self.runtime.metrics()["policy"]:
            self.rows.append(row)
        return (self._results() - results) / took

    def _results(self) -> int:
        rows = self.runtime.metrics()["pipelines"].values()
        return sum(int(row["results"]) for row in rows)

    def _cpu(self) -> float:
        row = self.runtime.metrics()["policy"]
        return float(row["cpu_s"]) if row else 0.0


def overhead(rounds: int = 6, seconds: float = 4.0) -> dict[str, Any]:
    """The figures, for this script and bench/scheduler.py."""
    with tempfile.TemporaryDirectory() as folder:
        box, spins = Path(folder, "box.yaml"), Path(folder, "spins.py")
        box.write_text(BOX + "".join(PIPELINE.replace("NAME", name) for name in MODELS))
        spins.write_text(SPINS)
        with Runtime(box, policy="none") as runtime:
            stop = threading.Event()
            thread = threading.Thread(target=_push, args=(runtime, stop))
            thread.start()
            sides = {
                "none": Side(runtime, None),
                "adaptive": Side(runtime, "adaptive"),
                "spinning": Side(runtime, f"{spins}:Spins"),
                "spinning_on": Side(runtime, f"{spins}:Spins", limit=3600.0),
            }
            try:
                _told(sides, 1, seconds)  # a round to warm up
                for side in sides.values():
                    for kept in (side.kept, side.yields, side.rows):
                        kept.clear()
                rates = _told(sides, rounds, seconds)
                runtime.set_policy(None)
            finally:
                stop.set()
                thread.join()
    return _figures(rates, sides)


def _push(runtime: Runtime, stop: threading.Event) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (192, 192, 3), np.uint8)
    while not stop.is_set():
        runtime.push("camera", picture, timeout=60)


def _told(sides: dict[str, Side], rounds: int, seconds: float) -> dict[str, list[float]]:
    calls = {name: lambda side=side: side.measure(seconds) for name, side in sides.items()}
    return alternate(rounds, calls)


def _figures(rates: dict[str, list[float]], sides: dict[str, Side]) -> dict[str, Any]:
    figures: dict[str, Any] = {"rate_none": statistics.median(rates["none"])}
    for name, key in (
        ("adaptive", "policy_overhead"),
        ("spinning", "policy_overhead_spinning"),
        ("spinning_on", "policy_overhead_spinning_on"),
    ):
        quotients = [one / none for one, none in zip(rates[name], rates["none"], strict=True)]
        figures[key] = statistics.median(quotients)
        by_cpu = [
            kept * one / none
            for kept, one, none in zip(
                sides[name].kept, sides[name].yields, sides["none"].yields, strict=True
            )
        ]
        figures[f"{key}_by_cpu"] = statistics.median(by_cpu)
        say(f"{name}: {' '.join(f'{quotient:.3f}' for quotient in quotients)}")
    last = sides["adaptive"].rows[-1]
    figures["policy_call_ms"] = last["call_ms"]
    figures["policy_late"] = sum(row["late"] for row in sides["adaptive"].rows)
    figures["spinning_killed"] = sum(row["late"] for row in sides["spinning"].rows)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    before = machine()
    finish({**overhead(arguments.rounds, arguments.seconds), **before})


if __name__ == "__main__":
    main()
