"""How many runs of a model go on at once where its document doesn't say."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from edgert import Runtime, zoo
from edgert.cli import main
from edgert.planner.instances import another_takes, instances_of, told

SMALL = "zoo:face-detection-short"
BOX = """\
kind: Sensor
name: camera
source: {{type: push, format: {{kind: image, pixel: rgb24, width: 64, height: 64}}}}
---
kind: Model
name: faces
file: {file}
backend: tflite
input: {{image: {{range: [-1, 1]}}}}
answer: {{type: raw}}
{more}
---
kind: Pipeline
name: p
sensor: camera
steps: [{{name: seen, model: faces}}]
"""


def box(folder: Path, more: str = "") -> Path:
    file = folder / "box.yaml"
    file.write_text(BOX.format(file=SMALL, more=more))
    return file


def at_once(folder: Path, lanes: int, more: str = "") -> int:
    with Runtime(box(folder, more), lanes=lanes) as runtime:
        (model,) = runtime.metrics()["models"]
        return int(model["instances"])


def test_a_small_model_runs_on_every_lane(tmp_path: Path) -> None:
    assert [at_once(tmp_path, lanes) for lanes in (1, 2, 3)] == [1, 2, 3]
    assert at_once(tmp_path, 3, "instances: 2") == 2


def test_a_large_model_runs_as_often_as_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    each = another_takes(zoo.resolve(SMALL), "")
    monkeypatch.setattr("edgert.planner.instances.FURTHER", each)
    assert at_once(tmp_path, 3) == 2
    monkeypatch.setattr("edgert.planner.instances.FURTHER", each - 1)
    assert at_once(tmp_path, 3) == 1
    assert "one run at once: another would take about" in told(0, zoo.resolve(SMALL), "")


@pytest.mark.parametrize(
    ("name", "measured"),  # MiB that another interpreter took
    [("face-detection-short", 3.3), ("face-detection-full", 7.9), ("palm-detection", 8.2),
     ("efficientnet-lite0-int8", 3.9), ("wake-okay-nabu", 0.2)],
)  # fmt: skip
def test_estimates_are_near_what_was_measured(name: str, measured: float) -> None:
    assert 0.6 <= another_takes(zoo.resolve(f"zoo:{name}"), "") / (measured * (1 << 20)) <= 2.7


def test_only_interpreters_cost_memory(tmp_path: Path) -> None:
    assert another_takes(zoo.resolve(SMALL), "onnxruntime") == 0
    assert another_takes(zoo.resolve("zoo:light-squeezenet"), "") == 0
    damaged = tmp_path / "damaged.tflite"
    for content in (b"", b"TFL3", bytes(range(256)), zoo.resolve(SMALL).read_bytes()[:5000]):
        damaged.write_bytes(content)
        assert another_takes(damaged, "") == 0
    assert another_takes(tmp_path / "none.tflite", "") == 0
    assert (instances_of(3, zoo.resolve(SMALL), ""), told(3, damaged, "")) == (3, "3 runs at once")


def test_explain_tells(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["explain", str(box(tmp_path))]).output
    assert "a run on each lane" in said and "another would take about" in said
