"""One side of bench/ablation.py in a process of its own: -m parts.ablation.side SIDE SCENARIO MODELS FRAMES
OUTPUT SECONDS

Serves FRAMES rounds as fast as it can, prints what that took as a line of JSON, and keeps some answers in
the folder OUTPUT. Then it reads a rate (rounds a second), serves SECONDS at that rate, and prints what came
of it.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import edgert
from common import pss_mib

from parts.ablation.work import QUICK, SIDES, Side, documents, pipelines, sensor_of
from parts.tenants.edgert import decoded, outputs_of
from parts.tenants.work import AUDIO, HOP, Kept, sound

SAMPLES = 6
"""Rounds of which the answers are compared."""


def sampled(frames: int) -> set[int]:
    """Whole windows of sound lie before the first one."""
    return {frames * (2 * k + 1) // (2 * SAMPLES) for k in range(SAMPLES)}


def memory_mib() -> float:
    """Of this process and those that it started: the policy's."""
    total = pss_mib()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread or a process that ended meanwhile
            total += sum(pss_mib(pid) for pid in (task / "children").read_text().split())
    return total


def cpu_ms(runtime: Any) -> float:
    """Processor time of this process and of the policy's, so far."""
    policy = runtime.metrics()["policy"]
    return (time.process_time() + (policy["cpu_s"] if policy else 0.0)) * 1e3


class Feeder:
    """Reads one sensor on a thread of its own: decodes each frame, at its time where there is one."""

    def __init__(self, port: Any, audio: bool, rounds: int, rate: float = 0) -> None:
        self.port, self.audio, self.rounds, self.rate = port, audio, rounds, rate
        self.thread = threading.Thread(target=self._run)

    def start(self, began: float) -> None:
        self.began = began
        self.thread.start()

    def _run(self) -> None:
        for index in range(self.rounds):
            due = self.began + index / self.rate if self.rate else -1.0
            if self.rate and (ahead := due - time.monotonic()) > 0:
                time.sleep(ahead)
            self._push(index, due)

    def _push(self, index: int, due: float) -> None:
        if self.audio:
            chunk = self._sound[index * HOP : (index + 1) * HOP]
            self.port.push_samples(chunk.reshape(-1, 1), media_time=index * HOP / 16000, capture=due)
            return
        frame, decode_ms = next(self._frames)
        sides = list(frame.planes)
        lines = [plane.line_size for plane in sides]
        self.port.push_image(
            sides, lines, frame.width, frame.height, "yuv420p",
            media_time=index / 10, decode_ms=decode_ms, capture=due,
        )  # fmt: skip

    def ready(self) -> Feeder:
        """Opened, so that opening isn't timed."""
        if self.audio:
            self._sound = sound(self.rounds)
        else:
            self._frames: Iterator[tuple[Any, float]] = decoded(self.rounds, live=True)
        return self


class Served:
    """A runtime with its feeders, and what comes of it."""

    def __init__(self, side: Side, scenario: str, count: int, rounds: int, rate: float = 0) -> None:
        self.wanted = pipelines(count, scenario)
        self.runtime = edgert.Runtime(documents(count, scenario, side, rate > 0), **side.runtime)
        sensors = {sensor_of(name, model, side): model in AUDIO for name, model in self.wanted.items()}
        native = self.runtime._native
        self.feeders = [
            Feeder(native.sensor(sensor), audio, rounds, rate).ready() for sensor, audio in sensors.items()
        ]

    def run(self, take: Callable[[str, str], Callable[[Any], None]], until: Callable[[], bool]) -> float:
        """Serves until `until` says so; the seconds since the first frame."""
        for name, model in self.wanted.items():
            self.runtime.on_result(f"{name}/{name}", take(name, model))
        self.runtime.start()
        self.used_ms = cpu_ms(self.runtime)  # making the policy's process is no part of a round
        began = time.monotonic() + 0.05
        for feeder in self.feeders:
            feeder.start(began)
        for feeder in self.feeders:
            feeder.thread.join()
        while not until():
            time.sleep(0.002)
        return time.monotonic() - began


def saturated(side: Side, scenario: str, count: int, rounds: int, output: str) -> dict[str, float]:
    """Every pipeline answers every round, as fast as that goes."""
    served = Served(side, scenario, count, rounds)
    counts, compared, kept = dict.fromkeys(served.wanted, 0), sampled(rounds), Kept(output)

    def take(name: str, model: str) -> Callable[[Any], None]:
        def each(result: Any) -> None:
            if result.error is not None:
                raise result.error
            counts[name] += 1
            if result.sequence in compared:
                for i, array in enumerate(outputs_of(model, result)):
                    kept.keep(f"{name}.{result.sequence}.{i}", array)

        return each

    def done() -> bool:
        if served.runtime.failures:
            raise SystemExit(f"{served.runtime.failures[0]}")
        return min(counts.values()) >= rounds

    seconds = served.run(take, done)
    figures = {
        "rounds_s": rounds / seconds,
        "cpu_ms": (cpu_ms(served.runtime) - served.used_ms) / rounds,
        "pss_mib": memory_mib(),
    }
    served.runtime.stop()
    return figures


def paced(side: Side, scenario: str, count: int, rate: float, seconds: float) -> dict[str, Any]:
    """Latencies (ms) at a real rate, of all pipelines and of the quick ones. None: never answered."""
    rounds = max(10, round(rate * seconds))
    served = Served(side, scenario, count, rounds, rate)
    latencies: dict[str, list[float]] = {name: [] for name in served.wanted}
    ok = dict.fromkeys(served.wanted, 0)

    def take(name: str, model: str) -> Callable[[Any], None]:
        def each(result: Any) -> None:
            ok[name] += result.outcome == "ok"
            if result.outcome in ("ok", "late"):
                latencies[name].append(round(result.latency_ms, 3))

        return each

    ended = time.monotonic() + rounds / rate + 2 * seconds
    served.run(take, lambda: time.monotonic() > ended or _settled(served.runtime, served.wanted))
    served.runtime.stop()

    def asked(names: list[str]) -> dict[str, Any]:
        answered = [value for name in names for value in latencies[name]]
        return {
            "latency_ms": answered,
            "asked": rounds * len(names),
            "missed": rounds * len(names) - sum(ok[name] for name in names),
        }

    everyone = list(served.wanted)
    return {
        "all": asked(everyone),
        "quick": asked([name for name in everyone if served.wanted[name] in QUICK]),
    }


def _settled(runtime: Any, wanted: dict[str, str]) -> bool:
    """Whether nothing is under way any more: what was let in came out."""
    figures = runtime.metrics()
    return all(not (row["waiting"] or row["in_flight"]) for row in figures["sensors"].values())


def main() -> None:
    side, scenario, count, rounds = SIDES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    edgert.dedicate_process()
    next(decoded(1, live=True))  # the file is in the page cache
    print(json.dumps(saturated(side, scenario, count, rounds, sys.argv[5])), flush=True)
    rate = float(sys.stdin.readline())
    print(json.dumps(paced(side, scenario, count, rate, float(sys.argv[6]))), flush=True)


if __name__ == "__main__":
    main()
