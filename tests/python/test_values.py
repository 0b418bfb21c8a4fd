"""Values that have the right type and make no sense: refused with line, reason and what to do."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from edgert.documents import read

BOX = """
kind: Sensor
name: camera
source: {type: camera, device: /dev/video0}
---
kind: Sensor
name: drawn
source: {type: synthetic, pattern: moving}
---
kind: Sensor
name: net
source: {type: rtsp, url: "rtsp://host/x", timeout: 5s}
---
kind: Sensor
name: ear
source: {type: microphone, rate: 16kHz, chunk: 100ms}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [ax, ay], rate: 10}}
---
kind: Model
name: cars
file: cars.onnx
input: {image: {range: [0, 1]}}
answer: {type: yolo, labels: [car, bus]}
region: {scale: 1.5}
---
kind: Pipeline
name: p
sensor: camera
latency: 100ms
steps:
  - {name: a, model: cars}
  - {name: b, filter: {from: a, above: 0.5}}
  - {name: c, join: [a, b]}
"""
WRONG = {
    (
        "range: [0, 1]",
        "range: [1, 1]",
    ): "Model/cars: 'input.image': range begins and ends at the same number, so every pixel would be it; write two",
    (
        "range: [0, 1]",
        "mean: 127, deviation: -1",
    ): "Model/cars: item 1 of 'input.image.deviation' is -1; write more than 0",
    (
        "labels: [car, bus]",
        "labels: []",
    ): "Model/cars: 'answer.labels': there are none; name the classes, or leave labels out",
    (
        "labels: [car, bus]",
        'labels: [car, ""]',
    ): "Model/cars: 'answer.labels': label 1 (counted from 0) is empty; give it a name",
    ("scale: 1.5", "scale: -1"): "Model/cars: item 1 of 'region.scale' is -1; write more than 0",
    ("scale: 1.5", "scale: [1, 0]"): "Model/cars: item 2 of 'region.scale' is 0; write more than 0",
    (
        "scale: 1.5",
        "rotate_from: 1",
    ): "Model/cars: 'region': rotate_from and rotate_to belong together: a line from one key point to another; say both",
    ("scale: 1.5", "size_to: 1"): "Model/cars: 'region': centre_on and size_to belong together",
    ("scale: 1.5", "points: [-1]"): "Model/cars: item 1 of 'region.points' is -1; write at least 0",
    (
        "latency: 100ms",
        "latency: 0ms",
    ): "Pipeline/p: 'latency': a duration of 0 can't be kept; write one above 0, or leave it out",
    ("join: [a, b]", "join: [a, a]"): "Pipeline/p: a step is joined with itself; name each step once",
    (
        "{from: a, above: 0.5}",
        "{from: a}",
    ): "Pipeline/p: 'filter' of step 'b': the filter keeps everything; say one of classes, above, max_detections and min_size",
    (
        "model: cars}",
        "model: cars, filter: {from: b}}",
    ): "Pipeline/p: a step does one thing, and this one says model and filter; make a step of its own of each",
    (
        "rtsp://host/x",
        "rtsp://",
    ): "Sensor/net: 'source.url' is 'rtsp://'; write rtsp://HOST/PATH, or rtsps://",
    ("timeout: 5s", "timeout: 0s"): "Sensor/net: 'source.timeout': a duration of 0 can't be kept",
    ("chunk: 100ms", "chunk: 0ms"): "Sensor/ear: 'source.chunk': a duration of 0 can't be kept",
    (
        "chunk: 100ms",
        "chunk: 1h",
    ): "Sensor/ear: 'source.chunk': a chunk of sound is at most 10 s; windows may be longer",
    ("rate: 16kHz", "rate: 0.5"): "Sensor/ear: 'source.rate': sound has a whole number of Hz; write one",
    ("device: /dev/video0", "device: ''"): "Sensor/camera: 'source.device' is empty; fill it in",
    (
        "device: /dev/video0",
        "width: 640",
    ): "Sensor/camera: 'source': a camera is asked for width and height together; say both",
    ("pattern: moving", "width: 100000"): "Sensor/drawn: 'source.width' is 100000; write at most 8192",
    (
        "pattern: moving",
        "path: x.png",
    ): "Sensor/drawn: 'source': path: only the pattern pan moves over a picture; say pattern: pan, or leave path out",
    (
        "columns: [ax, ay]",
        "columns: [ax, ax]",
    ): "Sensor/watch: 'source.format.columns': 'ax' is there twice; name each once",
    (
        "columns: [ax, ay]",
        "columns: [ax, '']",
    ): "Sensor/watch: item 2 of 'source.format.columns' is empty; fill it in",
    (
        "name: watch",
        "name: yes",
    ): "Sensor/?: 'name' is true; YAML reads yes, no, on, off, true and false so: put the word in quotes",
    ("name: watch", "name: 7"): """Sensor/?: 'name' is 7; it must be text: put it in quotes, "7\"""",
}


@pytest.mark.parametrize(("change", "expected"), WRONG.items(), ids=[new for _, new in WRONG])
def test_what_makes_no_sense_is_refused(change: tuple[str, str], expected: str, tmp_path: Path) -> None:
    old, new = change
    assert BOX.count(old) == 1
    box = tmp_path / "box.yaml"
    box.write_text(BOX.replace(old, new))
    from edgert.documents.check import check

    documents = read(box)
    found = [str(problem) for problem in [*documents.problems, *check(documents)]]
    line = BOX[: BOX.index(old)].count("\n") + 1
    said = [re.sub(rf"^{box}:(\d+): ", r"\1: ", text) for text in found]
    assert any(text.startswith(f"{line}: {expected}") for text in said), "\n".join(said)


def test_the_box_is_good_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(BOX)
    assert read(tmp_path / "box.yaml").problems == []


def test_a_compiled_plan_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "box.plan").write_bytes(b"EDGERTPL\xff\x00")
    (problem,) = read(tmp_path / "box.plan").problems
    assert "this is a compiled plan, not documents; run the documents that it was made of" in str(problem)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "load: the file has no name; give a model file's path, or zoo:NAME"),
        (".", "is a folder, not a model file; name the file in it"),
        ("no.onnx", "no such file"),
        ("box.yaml", "is a document, not a model file; run it with edgert.Runtime"),
    ],
)
def test_what_can_not_be_loaded(name: str, said: str, tmp_path: Path) -> None:
    from edgert import errors, load

    (tmp_path / "box.yaml").write_text(BOX)
    given: Any = tmp_path / name if name else ""
    with pytest.raises(errors.Error) as caught:
        load(given)
    assert said in str(caught.value)
