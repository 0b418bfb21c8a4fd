"""Conditions and thresholds on the sensor's own rows; steps are named in what fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import DocumentErrors, read
from edgert.planner import plan

TABLE = """\
kind: Sensor
name: climate
source: {type: push, format: {kind: table, columns: [humidity, temperature], rate: 1}}
---
kind: Pipeline
name: hot
sensor: climate
steps:
  - {name: warm, condition: {from: frame, label: temperature, above: 30}}
  - {name: rows, transform: table.select, from: frame, when: warm}
---
kind: Pipeline
name: marks
sensor: climate
steps:
  - {name: over, threshold: {from: frame, above: 20}}
"""


def test_a_condition_looks_at_a_column_of_the_rows(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(TABLE)
    runtime = Runtime(tmp_path / "box.yaml")
    hot, marks = runtime.results("hot", timeout=10), runtime.results("marks", timeout=10)
    with runtime:
        for temperature in (29.5, 30.5, 12.0):
            runtime.push("climate", np.array([[80, temperature]], np.float32))
        outcomes = [next(hot).outcome for _ in range(3)]
        over = [next(marks).outputs["over"].tolist() for _ in range(3)]
    assert outcomes == ["skipped", "ok", "skipped"]
    assert over == [[[1, 1]], [[1, 1]], [[1, 0]]]


BOXES = """\
kind: Sensor
name: found
source: {type: push, format: {kind: table, columns: [x1, y1, x2, y2, score, class], rate: 1, max_rows: 4}}
---
kind: Pipeline
name: sure
sensor: found
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: all, transform: detections.filter, params: {min_score: 0.1}, from: rows}
  - {name: tracks, track: {from: rows, confirm: 1, show: all}}
  - {name: certain, threshold: {from: tracks, above: 0.5}}
  - {name: number, threshold: {from: all, above: 0.5}}
outputs: [tracks, certain, number]
"""


def test_a_threshold_of_tracks_looks_at_scores(tmp_path: Path) -> None:
    """Their coordinates are all above 0.5; of a plain transform's tensor each number is compared."""
    (tmp_path / "box.yaml").write_text(BOXES)
    runtime = Runtime(tmp_path / "box.yaml")
    results = runtime.results("sure", timeout=10)
    with runtime:
        rows = [[10, 10, 50, 90, 0.9, 0], [200, 10, 250, 90, 0.3, 0], [400, 10, 450, 90, 0.7, 0]]
        runtime.push("found", np.array(rows, np.float32))
        result = next(results)
    scores = result.outputs["tracks"][:, 4]
    assert len(scores) > 1
    assert result.outputs["certain"].tolist() == [[int(score > 0.5)] for score in scores]
    assert result.outputs["number"].tolist() == [[1, 1, 1, 1, score, 0] for score in (1, 0, 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "label: temperature",
            "label: temprature",
            "the sensor's rows have no column 'temprature'; did you mean",
        ),
        ("label: temperature", "index: 2", "there is no number 2 in float32 [?, 2]; write 0 to 1"),
        (
            "{kind: table, columns: [humidity, temperature], rate: 1}",
            "{kind: image}",
            "frames of climate are pictures (rgb24), not numbers to compare; name a step that makes some",
        ),
    ],
)
def test_what_can_t_be_compared_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    (tmp_path / "box.yaml").write_text(TABLE.replace(old, new))
    with pytest.raises(DocumentErrors) as found:
        plan(read(tmp_path / "box.yaml"))
    assert f"Pipeline/hot: step 'warm': {expected}" in str(found.value) or expected in str(found.value)


FAILING = """\
kind: Sensor
name: cam
source: {type: push, format: {kind: image, width: 8, height: 8}}
---
kind: Pipeline
name: p
sensor: cam
steps:
  - {name: brightness, transform: {python: "own.py:Own"}, from: frame}
"""
OWN = """
from edgert.transforms import Output, Transform
class Own(Transform):
    def format(self, inputs): return Output([1])
    def run(self, picture): raise ValueError("too dark")
"""


def test_a_failure_names_the_step(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(FAILING)
    (tmp_path / "own.py").write_text(OWN)
    runtime = Runtime(tmp_path / "box.yaml")
    results = runtime.results("p", timeout=10)
    with runtime:
        runtime.push("cam", np.zeros((8, 8, 3), np.uint8))
        error = str(next(results).error)
    assert error.startswith("step 'brightness' (python): ") and "own.py:Own" in error and "too dark" in error
