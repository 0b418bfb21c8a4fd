"""What benchmarks share: alternating rounds, medians, the machine, the one JSON line at the end."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def alternate(rounds: int, sides: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Runs every side once a round, in turn, so that a drift of the machine meets all alike."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for index in range(rounds):
        order = list(sides) if index % 2 == 0 else list(reversed(sides))
        for name in order:
            figures[name].append(sides[name]())
    return figures


def medians(figures: dict[str, list[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in figures.items()}


def machine() -> dict[str, Any]:
    """Processor, cores, load at the start: a figure without them says little."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(": ", 1)[1].strip() for line in lines if "model name" in line), "?")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def pss_mib(pid: int | str = "self") -> float:
    """Proportional set size in MiB: pages shared by n processes count an n-th each."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def threads_cpu_ms(beginning: str) -> float:
    """CPU time so far of this process's threads whose names begin so, in ms (Linux's schedstat)."""
    total = 0
    for task in Path("/proc/self/task").iterdir():
        if (task / "comm").read_text(encoding="utf-8").startswith(beginning):
            total += int((task / "schedstat").read_text(encoding="utf-8").split()[0])
    return total / 1e6


def finish(figures: dict[str, Any]) -> None:
    """Prints the one JSON line."""
    print(
        json.dumps(
            {key: round(value, 4) if isinstance(value, float) else value for key, value in figures.items()}
        )
    )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
