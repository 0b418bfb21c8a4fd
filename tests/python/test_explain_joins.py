"""`edgert explain` of joins, and of what a missed bound becomes."""

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import read
from edgert.explain import explain, text
from edgert.planner import plan

BOX = """
kind: Sensor
name: door
source: {type: push, format: {kind: table, columns: [a], rate: 10}}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [b], rate: 50}}
---
kind: Pipeline
name: both
sensor: door
latency: 200ms
on_miss: %s
steps:
  - {name: shaken, join: {from: watch, by: interpolate, tolerance: 40ms}}
"""
MISSES = {"drop": "dropped", "late": "marked late", "last": "answered with the last answer"}


@pytest.mark.parametrize("on_miss", MISSES)
def test_a_joined_sensor_is_read_and_a_miss_is_told(tmp_path: Path, on_miss: str) -> None:
    (tmp_path / "box.yaml").write_text(BOX % on_miss)
    said = text(explain(plan(read([tmp_path / "box.yaml"])))).splitlines()
    assert next(line for line in said if line.startswith("watch:")).endswith("; joined by default/both")
    assert any(line.endswith(f"what is over that is {MISSES[on_miss]}") for line in said)
