"""Ten models of ten tenants on one 720p camera and one microphone, as fast as they can be served.

    python bench/tenants.py [--frames 120] [--rounds 3]

edgert (one process, one decode) against (a) one process a model, each decoding and preparing its own
input with OpenCV and its engine's default options, (b) the same with one thread each, and (c) the limit:
all cores busy only with one decode, and each distinct transform and model once, timed alone. A round is a
frame through seven models and 480 ms of sound through three; every model does the same rounds on every
side. The answers of every side are compared, and a difference fails the run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import alternate, finish, machine, medians, pss_mib, say
from parts.tenants.work import AUDIO, MODELS, Kept, camera_file

HERE = Path(__file__).parent
CORES = os.cpu_count() or 1
# Cosine of an output to edgert's. OpenCV rounds to bytes between its steps and clamps colours before it
# resizes, edgert after: the pictures differ by a level here and there.
ALIKE = 0.99


def child(part: str, *arguments: object) -> subprocess.Popen[str]:
    """A module of parts/tenants in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"parts.tenants.{part}", *map(str, arguments)],
        cwd=HERE,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a process ended early with code {process.wait()}")
    return line.strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


class Processes:
    """One process a model, with `threads` threads (0: the engine's defaults)."""

    def __init__(self, threads: int, frames: int) -> None:
        self.threads, self.frames = threads, frames
        self.pss: list[float] = []
        self.answers: dict[str, Any] = {}

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as folder:
            folders = {name: f"{folder}/{name}" for name in MODELS}
            running = {
                name: child("process", name, self.frames, self.threads, folders[name]) for name in MODELS
            }
            for process in running.values():
                assert line_of(process) == "ready"
            began = time.perf_counter()
            for process in running.values():
                tell(process)
            for process in running.values():
                line_of(process)
            seconds = time.perf_counter() - began
            self.pss.append(sum(pss_mib(process.pid) for process in running.values()))
            self.answers = {name: Kept(folder).read() for name, folder in folders.items()}
            for process in running.values():
                tell(process)
                process.wait()
        say(f"  processes, {self.threads or 'default'} threads: {self.frames / seconds:.1f} rounds/s")
        return self.frames / seconds


class Edgert:
    """edgert in a process of its own."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.pss: list[float] = []
        self.cpu_ms: list[float] = []
        self.answers: dict[str, Any] = {}
        self.report: dict[str, Any] = {}

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory() as folder:
            process = child("edgert", "serve", self.frames, folder)
            self.report = json.loads(line_of(process))
            process.wait()
            self.answers = Kept(folder).read()
        self.pss.append(self.report["pss_mib"])
        self.cpu_ms.append(self.report["cpu_ms"])
        say(f"  edgert: {self.frames / self.report['seconds']:.1f} rounds/s")
        return self.frames / float(self.report["seconds"])


class Limit:
    """All cores at once measure the distinct work alone; their rounds a second are added."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.parts: dict[str, float] = {}
        self.cpu_ms: list[float] = []

    def __call__(self) -> float:
        running = [child("edgert", "limit", self.frames) for _ in range(CORES)]
        reports = [json.loads(line_of(process)) for process in running]
        for process in running:
            process.wait()
        parts = [report["ms"] for report in reports]
        self.cpu_ms.append(sum(report["cpu_ms"] for report in reports) / CORES)
        self.parts = {key: sum(part[key] for part in parts) / CORES for key in parts[0]}
        rate = sum(1000 / sum(part.values()) for part in parts)
        say(f"  limit: {rate:.1f} rounds/s")
        return rate


def cosine(a: Any, b: Any) -> float:
    a, b = np.ravel(a).astype(np.float64), np.ravel(b).astype(np.float64)
    scale = np.linalg.norm(a) * np.linalg.norm(b)
    return 1.0 if scale == 0 and np.array_equal(a, b) else float(a @ b / scale)


def compare(ours: dict[str, Any], theirs: dict[str, Any], frames: int) -> float:
    """The least cosine over all sampled outputs of all models; a missing or differing answer ends the run."""
    least, compared = 1.0, 0
    for name in MODELS:
        for index in range(10, frames, 20):
            keys = [key for key in theirs[name] if key.startswith(f"{index}.")]
            if name == "voice":
                keys = keys[:1]
            for key in keys:
                mine = ours.get(f"{name}.{key}")
                if mine is None and name in AUDIO:
                    continue  # a round without a whole window
                if mine is None:
                    raise SystemExit(f"{name}: edgert has no answer {key}")
                alike = cosine(mine, theirs[name][key])
                compared += 1
                least = min(least, alike)
                if alike < ALIKE:
                    raise SystemExit(f"{name}: output {key} differs from the process's (cosine {alike:.4f})")
    if compared < 5 * len(MODELS) * (frames // 120):
        raise SystemExit(f"only {compared} answers could be compared")
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    camera_file(120)
    here = machine()
    default, one = Processes(0, options.frames), Processes(1, options.frames)
    ours, limit = Edgert(options.frames), Limit(options.frames)
    rates = medians(
        alternate(options.rounds, {"edgert": ours, "default": default, "one": one, "limit": limit})
    )
    alike = min(compare(ours.answers, side.answers, options.frames) for side in (default, one))
    finish(
        {
            "vs_processes_default": rates["edgert"] / rates["default"],
            "vs_processes_one_thread": rates["edgert"] / rates["one"],
            "of_limit": rates["edgert"] / rates["limit"],
            "cpu_over_limit": float(np.median(ours.cpu_ms) / np.median(limit.cpu_ms)),
            "memory_ratio": float(np.median(ours.pss) / np.median(one.pss)),
            "rounds_per_second": {name: round(rate, 2) for name, rate in rates.items()},
            "pss_mib": {
                "edgert": round(float(np.median(ours.pss))),
                "processes_one_thread": round(float(np.median(one.pss))),
                "processes_default": round(float(np.median(default.pss))),
            },
            "cpu_ms_a_round": {
                "edgert": round(float(np.median(ours.cpu_ms)), 2),
                "limit": round(float(np.median(limit.cpu_ms)), 2),
            },
            "limit_ms": {key: round(value, 3) for key, value in limit.parts.items()},
            "least_cosine": alike,
            "machine": here,
        }
    )


if __name__ == "__main__":
    main()
