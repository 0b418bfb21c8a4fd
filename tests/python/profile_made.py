"""Made-up profiles, models of words, and a bench that computes instead of measuring."""

# ruff: noqa: E501 - points stand in one line

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgert.documents import Duration
from edgert.documents.profile import Point

PROFILE = """\
kind: Profile
name: measured
box: {cpu: A processor, cores: 4, machine: x86_64}
date: '2026-01-02T03:04:05Z'
edgert: 0.1.0
engines: {'null': '1'}
chosen:
  lanes: 3
  models:
  - {model: words, threads: 2, instances: 3}
models:
- model: words
  file: words.null
  content: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  backend: 'null'
  points:
  - {instances: 1, threads: 1, batch: 1, p50: 1ms, p90: 2ms, p99: 3ms, mean: 1.5ms, runs: 9, throughput: 1000}
  - {instances: 1, threads: 1, batch: 4, p50: 2.5ms, p90: 3ms, p99: 3ms, mean: 2.5ms, throughput: 1600, runs: 9}
  - {instances: 2, threads: 1, batch: 1, p50: 1.5ms, p90: 3ms, p99: 4ms, mean: 2ms, throughput: 1300, runs: 9}
  - {instances: 1, threads: 2, batch: 1, p50: 0.6ms, p90: 1ms, p99: 2ms, mean: 0.7ms, throughput: 1600, runs: 9}
"""

BOX = """\
kind: Sensor
name: numbers
source: {type: push, format: {kind: table, columns: [a, b, c], rate: 50}}
---
kind: Model
name: words
file: words.null
input: {table: {window: 1}}
---
kind: Pipeline
name: all
sensor: numbers
latency: 10s
steps:
  - {name: said, model: words}
"""


def words(folder: Path, name: str = "words", shape: str = "1x3", more: str = "") -> Path:
    """A model of words that gives back what it gets."""
    file = folder / f"{name}.null"
    file.write_text(f"input x float32 {shape}\noutput y float32 {shape}\necho\n{more}")
    return file


def box(folder: Path) -> Path:
    """Documents of a pipeline with that model, in a file."""
    words(folder)
    (folder / "box.yaml").write_text(BOX)
    return folder / "box.yaml"


class Computed:
    """Stands in for a Bench: `rate(instances, threads, batch)` gives items a second."""

    def __init__(self, rate: Callable[[int, int, int], float], batch: int | str = "free") -> None:
        self.rate, self.batch = rate, batch
        self.asked: list[tuple[int, int, int]] = []

    def measure(self, instances: int, threads: int, batch: int, seconds: float) -> Any:
        self.asked.append((instances, threads, batch))
        rate = self.rate(instances, threads, batch)
        taken = Duration(instances * batch / rate)
        return Point(
            instances=instances,
            threads=threads,
            batch=batch,
            throughput=rate,
            p50=taken,
            p90=taken,
            p99=taken,
            mean=taken,
            runs=10,
        )
