"""A simulated device whose profile is known, and documents that place models there."""

# ruff: noqa: E501 - points stand in one line

from __future__ import annotations

from pathlib import Path

KNOWN = """\
kind: Profile
name: known
box: {cpu: some, cores: 2, machine: x86_64}
edgert: "1"
engines: {}
date: "2026-01-01T00:00:00Z"
models:
- model: m
  file: m.null
  content: "0000000000000000000000000000000000000000000000000000000000000000"
  backend: "null"
  device: npu
  points:
  - {instances: 1, threads: 1, batch: 1, p50: 4ms, p90: 4.4ms, p99: 5ms, mean: 4ms, spread: 0.05, runs: 9, throughput: 250}
  - {instances: 2, threads: 1, batch: 1, p50: 5ms, p90: 5.5ms, p99: 6ms, mean: 5ms, spread: 0.05, runs: 9, throughput: 400}
  - {instances: 4, threads: 1, batch: 1, p50: 10ms, p90: 11ms, p99: 12ms, mean: 10ms, spread: 0.05, runs: 9, throughput: 400}
  - {instances: 1, threads: 1, batch: 4, p50: 8ms, p90: 8.8ms, p99: 10ms, mean: 8ms, spread: 0.05, runs: 9, throughput: 500}
  together:
  - {beside: n, slowdown: 1.5, p50: 6ms, p90: 6ms, p99: 6ms, mean: 6ms, runs: 9}
- model: n
  file: n.null
  content: "0000000000000000000000000000000000000000000000000000000000000000"
  backend: "null"
  device: npu
  points:
  - {instances: 1, threads: 1, batch: 1, p50: 2ms, p90: 2.2ms, p99: 3ms, mean: 2ms, spread: 0.05, runs: 9, throughput: 500}
  together:
  - {beside: m, slowdown: 2, p50: 4ms, p90: 4ms, p99: 4ms, mean: 4ms, runs: 9}
"""
NPU = """\
kind: Device
name: npu
type: sim
profile: known
streams: 2
in_flight: 2
"""
BOX = """\
kind: Sensor
name: s
source: {type: push, format: {kind: table, columns: [a, b], rate: 100, max_rows: 1}}
---
kind: Model
name: m
file: m.null
device: npu
input: {features: {}}
---
kind: Model
name: n
file: n.null
device: npu
input: {features: {}}
---
kind: Model
name: c
file: c.null
input: {features: {}}
---
kind: Pipeline
name: p
sensor: s
latency: 60ms
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: one, model: m, from: rows}
  - {name: two, model: n, from: rows}
outputs: [one, two]
"""


def documents(folder: Path, box: str = BOX, known: str = KNOWN, npu: str = NPU) -> Path:
    """In a file, beside the models."""
    for name, output in (("m", "y"), ("n", "z")):  # equal files would be one model
        (folder / f"{name}.null").write_text(f"input x float32 ?x2\noutput {output} float32 ?x2\necho\n")
    (folder / "c.null").write_text("input x float32 1x2\noutput y float32 1x2\ndelay_us 2000\n")
    path = folder / "box.yaml"
    path.write_text("---\n".join(part for part in (known, npu, box) if part))
    return path
