"""An hour of 1,000 pipelines over 20 sensors and 50 models on eight lanes: for bench/simulate.py."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from edgert.contents import sha256_of
from edgert.documents import read
from edgert.simulate import Assumptions, Workload, run

SENSORS, MODELS, LANES = 20, 50, 8
LOAD = 0.66
MODEL = """---
kind: Model
name: m{index}
file: m{index}.null
input: {{table: {{window: 1, shape: [1, 2]}}}}
"""
SENSOR = """---
kind: Sensor
name: s{index}
source: {{type: push, format: {{kind: table, columns: [x, y], rate: 10}}}}
"""
PIPELINE = """---
kind: Pipeline
name: p{sensor}-{model}
sensor: s{sensor}
rate: 1
latency: 500ms
steps: [{{name: m, model: m{model}}}]
"""
PROFILE = """---
kind: Profile
name: made
box: {cpu: made up, cores: 8, machine: x86_64}
date: '2026-01-01T00:00:00Z'
edgert: 0.1.0
engines: {'null': '1'}
models:
"""
POINT = """- model: m{index}
  file: m{index}.null
  content: "{content}"
  backend: 'null'
  points:
  - instances: 1
    threads: 1
    batch: 1
    p50: {ms:.4f}ms
    p90: {p90:.4f}ms
    p99: {p99:.4f}ms
    mean: {ms:.4f}ms
    throughput: 100
    runs: 99
"""


def hour_of_1000() -> dict[str, float]:
    """Seconds of planning and of simulating, and what it answered."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        workload = Workload.of(read([_documents(folder)]), Assumptions(costs="stated"), LANES)
        planned = time.perf_counter() - began
        outcome = run(workload, 3600.0)
    answers = sum(one.kept + one.late for one in outcome.pipelines)
    return {
        "hour_of_1000_s": planned + outcome.took,
        "hour_of_1000_planning_s": planned,
        "hour_of_1000_answers": answers,
        "hour_of_1000_busy": sum(lane.share for lane in outcome.lanes) / LANES,
    }


def _documents(folder: Path) -> Path:
    mean = LOAD * LANES / (SENSORS * MODELS) * 1e3  # ms of a run, each pipeline once a second
    text, points = "", ""
    for index in range(MODELS):
        file = folder / f"m{index}.null"
        file.write_text(f"input x float32 1x2\noutput y{index} float32 1x2\n", encoding="utf-8")
        text += MODEL.format(index=index)
        ms = mean * (0.5 + index / (MODELS - 1)) * 0.95
        points += POINT.format(index=index, content=sha256_of(file), ms=ms, p90=ms * 1.1, p99=ms * 1.5)
    text += "".join(SENSOR.format(index=index) for index in range(SENSORS))
    text += "".join(PIPELINE.format(sensor=s, model=m) for s in range(SENSORS) for m in range(MODELS))
    file = folder / "box.yaml"
    file.write_text(text + PROFILE + points, encoding="utf-8")
    return file
