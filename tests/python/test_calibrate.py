"""Calibrating reuse: what is lost, what a threshold would have saved, and the tool."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from edgert.calibrate import chosen
from edgert.calibrate.curve import Point, Recording, by_scene, change, point, used_by_age, used_by_scene
from edgert.calibrate.losses import lost
from edgert.calibrate.plot import told
from edgert.cli import main


def boxes(*rows: list[float]) -> Any:
    """x0, y0, x1, y1, score, class."""
    return np.array(rows, np.float32).reshape(-1, 6)


def test_a_detection_is_lost_without_a_partner_of_its_class() -> None:
    full = boxes([0, 0, 10, 10, 0.9, 1], [20, 0, 30, 10, 0.8, 1])
    assert lost(full, full) == 0
    assert lost(full, boxes()) == 2
    assert lost(boxes(), full) == 0
    assert lost(full, boxes([0, 0, 10, 10, 0.9, 2], [20, 0, 30, 10, 0.8, 1])) == 1
    assert lost(full, boxes([3, 0, 13, 10, 0.9, 1], [24, 0, 34, 10, 0.8, 1])) == 1  # 7/13 and 6/14
    # One partner serves one: the higher score has it.
    assert lost(boxes([0, 0, 10, 10, 0.9, 1], [1, 0, 11, 10, 0.8, 1]), boxes([0, 0, 10, 10, 0.9, 1])) == 1


def test_light_is_no_change_and_the_reference_is_the_last_result() -> None:
    dark = np.full((3, 4), 50, np.float32)
    assert change(dark, dark + 30) == 0
    spot = dark.copy()
    spot[1, 2] += 8
    assert change(dark, spot) == 8
    cells = []
    for index in range(7):  # a cell grows by one level a frame
        picture = dark.copy()
        picture[0, 0] += index
        cells.append(picture)
    times = [index / 10 for index in range(7)]
    assert used_by_scene(times, cells, 2.0, 10.0) == [0, 0, 0, 3, 3, 3, 6]
    assert used_by_scene(times, cells, 100.0, 0.25) == [0, 0, 0, 3, 3, 3, 6]
    assert used_by_age(times, 0.2) == [0, 0, 0, 3, 3, 3, 6]
    assert used_by_age([0.0, 0.1, 0.05], 1.0) == [0, 0, 0]
    assert used_by_age([5.0, 0.1, 0.2], 1.0) == [0, 1, 1], "time went back"


def test_the_choice_saves_most_within_the_loss() -> None:
    def made(saved: float, gone: float) -> Point:
        return Point((4, 3), 1.0, 1 - saved, gone, 0.0)

    curve = [made(0.1, 0.0), made(0.3, 0.01), made(0.6, 0.02), made(0.3, 0.005)]
    assert chosen(curve, 0.01) == curve[3]
    assert chosen(curve, 0.5) == curve[2]
    assert chosen([made(0.0, 0.0)], 0.01) is None


def test_a_curve_is_worked_out_from_full_answers() -> None:
    still, moved = boxes([0, 0, 10, 10, 0.9, 1]), boxes([30, 0, 40, 10, 0.9, 1])
    empty = np.zeros((2, 2), np.float32)
    there = np.array([[60, 0], [0, 0]], np.float32)
    recording = Recording(
        [0.0, 0.1, 0.2, 0.3], [still, still, moved, moved], {(2, 2): [empty, empty, there, there]}
    )
    used = used_by_scene(recording.times, recording.cells[(2, 2)], 100.0, 5.0)
    all_old = point(recording, used, (2, 2), 100.0)
    assert (all_old.executed, all_old.lost) == (0.25, 0.5)
    best = chosen(by_scene(recording, 5.0, 0.01), 0.01)
    assert best is not None
    assert (best.executed, best.lost) == (0.5, 0.0)


BOX = """
kind: Sensor
name: camera
source: {type: %s}
---
kind: Pipeline
name: p
sensor: camera
steps:
  - {name: found, model: m}
---
kind: Model
name: m
file: m.onnx
input: {image: {}}
answer: {type: %s}
"""


@pytest.mark.parametrize(
    ("source", "answer", "step", "why"),
    [
        ("camera, device: /dev/video0", "yolo", "p/found", "is no recording but camera"),
        (
            "video, path: clip.mp4",
            "embedding, normalise: false",
            "p/found",
            "gives embedding, and what is lost",
        ),
        ("video, path: clip.mp4", "yolo", "p/fond", "no step 'fond'"),
        ("video, path: clip.mp4", "yolo", "q/found", "no pipeline 'q'"),
        ("video, path: clip.mp4", "yolo", "found", "no PIPELINE/STEP"),
    ],
)
def test_what_cannot_be_calibrated(tmp_path: Path, source: str, answer: str, step: str, why: str) -> None:
    for name in ("m.onnx", "clip.mp4"):
        (tmp_path / name).touch()
    (tmp_path / "box.yaml").write_text(BOX % (source, answer))
    said = CliRunner().invoke(main, ["calibrate", str(tmp_path / "box.yaml"), "--step", step])
    assert said.exit_code in (1, 2), said.output
    assert why in said.output


@pytest.mark.parametrize(("detections", "few"), [(6, True), (99, True), (100, False)])
def test_few_detections_are_told_to_say_little(detections: int, few: bool) -> None:
    recording = SimpleNamespace(times=[0.0, 0.1], detections=[[0] * (detections - 1), [0]])
    said = told(SimpleNamespace(recording=recording, best=None, loss=0.01))  # type: ignore[arg-type]
    assert ("So few can't show a loss of 1.00%: take more --seconds." in said) == few


def test_a_loss_that_is_no_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text("")
    said = CliRunner().invoke(
        main, ["calibrate", str(tmp_path / "box.yaml"), "--step", "p/found", "--lost", "nan"]
    )
    assert said.exit_code == 2 and "nan is no share" in said.output


def test_the_tool_finds_a_threshold_and_writes_the_key(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    import yaml
    from edgert import zoo
    from edgert.documents import read

    try:
        zoo.get("street-camera"), zoo.get("ssd-mobilenetv2-oidv4")
    except zoo.ZooError as error:
        pytest.skip(str(error))
    (tmp_path / "box.yaml").write_text(
        "kind: Sensor\nname: camera\nsource: {type: video, path: zoo:street-camera}\n---\n"
        "kind: Pipeline\nname: p\nsensor: camera\n"
        "steps: [{name: found, model: zoo:ssd-mobilenetv2-oidv4, max_age: 1s}]\n"
    )
    out, page = tmp_path / "out.yaml", tmp_path / "curve.html"
    said = CliRunner().invoke(
        main,
        ["calibrate", str(tmp_path / "box.yaml"), "--step", "p/found", "--seconds", "4s", "--lost", "0.2",
         "-o", str(out), "--report", str(page)],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "chosen" in said.output and "of the runs are saved" in said.output
    step = yaml.safe_load(out.read_text())["steps"][0]
    assert "max_age" not in step and step["while"]["unchanged"] == "frame"
    found = read(out).pipelines["p"].steps[0].while_
    assert found is not None and found.threshold == step["while"]["threshold"]
    assert "<svg" in page.read_text()
