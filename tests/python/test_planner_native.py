"""Documents planned and run by the native module, on graphs that are made here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.answers import Detections, Raw, Rows
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from edgert.runtime import Runtime

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SIZE = 32  # of the models' pictures
CAMERA = f"""
kind: Sensor
name: camera
source: {{type: push, format: {{kind: image, pixel: rgb24, width: {2 * SIZE}, height: {SIZE}}}}}
inbox: {{policy: block}}
---
"""
WATCH = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [x, y, z], rate: 10, max_rows: 4}}
inbox: {policy: block}
---
"""


Shapes = dict[str, list[Any]]


def graph(file: Path, inputs: Shapes, nodes: list[Any], outputs: Shapes, constants: dict[str, Any]) -> None:
    """Writes an ONNX model of float32 tensors."""
    h = onnx.helper
    made = h.make_graph(
        [h.make_node(op, list(of), [to], **attributes) for op, of, to, attributes in nodes],
        "made",
        [h.make_tensor_value_info(name, 1, shape) for name, shape in inputs.items()],
        [h.make_tensor_value_info(name, 1, shape) for name, shape in outputs.items()],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opset = [h.make_opsetid("", 17)]
    onnx.save(h.make_model(made, opset_imports=opset, ir_version=8), str(file))


def detector(file: Path, **outputs: np.ndarray[Any, Any]) -> None:
    """A model that sees the same in every picture: outputs are constants, plus nought times the picture."""
    nodes: list[Any] = [
        ("GlobalAveragePool", ["image"], "pooled", {}),
        ("ReduceSum", ["pooled"], "one", {"keepdims": 0}),
        ("Mul", ["one", "nought"], "nothing", {}),
    ]
    nodes += [("Add", [f"{name}_seen", "nothing"], name, {}) for name in outputs]
    constants: dict[str, Any] = {f"{name}_seen": value.astype(np.float32) for name, value in outputs.items()}
    shapes = {name: list(value.shape) for name, value in outputs.items()}
    constants["nought"] = np.float32(0)
    graph(file, {"image": [1, 3, SIZE, SIZE]}, nodes, shapes, constants)


def results(folder: Path, text: str, frames: Sequence[Any], sensor: str) -> list[Any]:
    """The results of pipeline p for frames that are pushed."""
    (folder / "box.yaml").write_text(text)
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=30)
        for index, frame in enumerate(frames):
            runtime.push(sensor, frame, media_time=index * 0.4)
        runtime.finish(sensor)
        return list(coming)


def picture() -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).integers(0, 255, (SIZE, 2 * SIZE, 3), np.uint8)


def model(answer: str, image: str = "fit: letterbox, range: [0, 1]") -> str:
    return f"kind: Model\nname: m\nfile: m.onnx\ninput: {{image: {{{image}}}}}\nanswer: {answer}\n---\n"


def pipeline(steps: str, sensor: str = "camera", more: str = "") -> str:
    return f"kind: Pipeline\nname: p\nsensor: {sensor}\n{more}steps:\n{steps}\n"


def boxes_of(folder: Path, answer: str) -> Detections:
    """What a detector of a letterboxed picture found: a pixel of its input is 2 of the frame, y from -16."""
    text = CAMERA + model(answer) + pipeline("  - {name: d, model: m}")
    made = results(folder, text, [picture()], "camera")
    found = made[0].answers["d"]
    assert isinstance(found, Detections)
    return found


EXPECTED = [(16.0, 0.0, 48.0, 16.0)]  # centre (16, 12), size (16, 8) in the input


def test_a_picture_is_scaled_as_the_document_says(tmp_path: Path) -> None:
    nodes: list[Any] = [("Identity", ["image"], "same", {})]
    graph(tmp_path / "m.onnx", {"image": [1, 3, SIZE, 2 * SIZE]}, nodes, {"same": [1, 3, SIZE, 2 * SIZE]}, {})
    text = CAMERA + model("{type: raw}", "mean: [1, 2, 3], deviation: [4, 5, 6], colour: bgr")
    frame = picture()
    seen = results(tmp_path, text + pipeline("  - {name: a, model: m}"), [frame], "camera")[0].answers["a"]
    assert isinstance(seen, Raw)
    wanted = (frame[:, :, ::-1].astype(np.float32) - [1, 2, 3]) / [4, 5, 6]
    np.testing.assert_allclose(seen.array[0].transpose(1, 2, 0), wanted, rtol=1e-5, atol=1e-5)


def test_yolo_v8(tmp_path: Path) -> None:
    rows = np.zeros((600, 6), np.float32)
    rows[7], rows[8] = [16, 12, 16, 8, 0.1, 0.9], [16.5, 12, 16, 8, 0.1, 0.6]
    detector(tmp_path / "m.onnx", output0=rows.T[None])
    found = boxes_of(tmp_path, "{type: yolo, layout: v8, min_score: 0.3, labels: [cat, dog]}")
    assert [one.box for one in found] == EXPECTED and found[0].label == "dog"
    assert found[0].score == pytest.approx(0.9)


def test_yolo_v5(tmp_path: Path) -> None:
    rows = np.zeros((600, 7), np.float32)
    rows[3] = [16, 12, 16, 8, 0.5, 0.8, 0.1]
    detector(tmp_path / "m.onnx", output=rows[None])
    found = boxes_of(tmp_path, "{type: yolo, layout: v5, min_score: 0.3, labels: [cat, dog]}")
    assert [one.box for one in found] == EXPECTED and found[0].label == "cat"
    assert found[0].score == pytest.approx(0.4)


def test_detr(tmp_path: Path) -> None:
    logits = np.full((1, 5, 3), -9, np.float32)
    logits[0, :, 2], logits[0, 2] = 9, [9, -9, -9]
    boxes = np.full((1, 5, 4), 0.5, np.float32)
    boxes[0, 2] = [16 / SIZE, 12 / SIZE, 16 / SIZE, 8 / SIZE]
    detector(tmp_path / "m.onnx", logits=logits, boxes=boxes)
    found = boxes_of(tmp_path, "{type: detr, logits: logits, boxes: boxes, labels: [cat, dog]}")
    assert [one.box for one in found] == EXPECTED and found[0].label == "cat"


def test_a_model_runs_once_for_each_region(tmp_path: Path) -> None:
    boxes = np.array([[[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]]], np.float32)
    detector(tmp_path / "m.onnx", boxes=boxes, scores=np.array([[[0.9], [0.8]]], np.float32))
    nodes: list[Any] = [("GlobalAveragePool", ["image"], "mean", {})]
    graph(tmp_path / "mean.onnx", {"image": [1, 3, 4, 4]}, nodes, {"mean": [1, 3, 1, 1]}, {})
    text = CAMERA + model("{type: boxes, boxes: boxes, scores: scores, activation: none}", "range: [0, 1]")
    text += "kind: Model\nname: mean\nfile: mean.onnx\ninput: {image: {range: [0, 255], filter: area}}\n---\n"
    steps = "  - {name: d, model: m}\n  - {name: each, model: mean, for_each: d}"
    frame = np.zeros((SIZE, 2 * SIZE, 3), np.uint8)
    frame[: SIZE // 2, :SIZE], frame[SIZE // 2 :, SIZE:] = (10, 20, 30), (200, 100, 50)
    rows = results(tmp_path, text + pipeline(steps), [frame], "camera")[0].answers["each"]
    assert isinstance(rows, Rows)
    means = [row.reading.array.reshape(3).tolist() for row in rows if isinstance(row.reading, Raw)]
    np.testing.assert_allclose(means, [[10, 20, 30], [200, 100, 50]], atol=0.05)
    assert rows[1].place is not None and rows[1].place.tolist() == [48, 24, 32, 16, 0]


def test_windows_conditions_and_another_steps_tensor(tmp_path: Path) -> None:
    nodes: list[Any] = [("ReduceMax", ["rows"], "greatest", {"axes": [1], "keepdims": 0})]
    graph(tmp_path / "m.onnx", {"rows": ["N", 4, 2]}, nodes, {"greatest": ["N", 2]}, {})
    nodes = [("Neg", ["x"], "y", {})]
    graph(tmp_path / "neg.onnx", {"x": ["N", 2]}, nodes, {"y": ["N", 2]}, {})
    text = """
kind: Model
name: m
file: m.onnx
input: {table: {columns: [z, x], window: 400ms, deviation: 2}}
---
kind: Model
name: neg
file: neg.onnx
input: {features: {}}
---
"""
    steps = """
  - {name: high, model: m}
  - {name: hot, condition: {from: high.greatest, index: 0, above: 4}}
  - {name: less, model: neg, from: high.greatest, when: hot}
"""
    rows = [np.arange(12, dtype=np.float32).reshape(4, 3) + 3 * start for start in (-4, 0, 4)]
    made = results(
        tmp_path, WATCH + text + pipeline(steps, "watch", "outputs: [high, less]\n"), rows, "watch"
    )
    high = [row.reading.array.reshape(2).tolist() for one in made for row in one.answers["high"]]
    assert high == [[-0.5, -1.5], [5.5, 4.5], [11.5, 10.5]]
    less = [[row.reading.array.reshape(2).tolist() for row in one.answers["less"] or []] for one in made]
    assert less == [[], [[-5.5, -4.5]], [[-11.5, -10.5]]]


def test_two_applications_share_what_is_equal(tmp_path: Path) -> None:
    detector(tmp_path / "m.onnx", output=np.zeros((1, 600, 7)))
    twice = (
        pipeline("  - {name: d, model: m}")
        + "---\n"
        + pipeline("  - {name: e, model: n}").replace("name: p", "name: q")
    )
    first = model("{type: yolo, layout: v5}")
    second = first.replace("name: m", "name: n").replace("range: [0, 1]", "mean: 0, deviation: 255")
    (tmp_path / "box.yaml").write_text(CAMERA + first + second + twice)
    nodes = plan(read(tmp_path)).spec.describe()["nodes"]
    assert [len(node["pipelines"]) for node in nodes] == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("file", "content"),
    [("m.onnx", b""), ("m.onnx", b"no model at all"), ("m.tflite", b"\x00" * 64), ("m.bin", b"x")],
)
def test_files_that_are_no_models(tmp_path: Path, file: str, content: bytes) -> None:
    (tmp_path / file).write_bytes(content)
    text = CAMERA + model("{type: raw}").replace("m.onnx", file) + pipeline("  - {name: d, model: m}")
    (tmp_path / "box.yaml").write_text(text)
    with pytest.raises(DocumentErrors) as caught:
        plan(read(tmp_path))
    assert [(problem.line, problem.document) for problem in caught.value.problems] == [(9, "Model/m")]
    assert caught.value.problems[0].remedy


def test_an_operation_that_refuses_is_a_problem_of_its_step(tmp_path: Path) -> None:
    steps = "  - {name: a, transform: image.to_tensor, params: {width: 0, height: 4}, from: frame}\n"
    steps += "  - {name: b, transform: image.to_tensr, from: frame}"
    (tmp_path / "box.yaml").write_text(CAMERA + pipeline(steps))
    with pytest.raises(DocumentErrors) as caught:
        plan(read(tmp_path))
    texts = [(problem.line, problem.what) for problem in caught.value.problems]
    assert [line for line, _ in texts] == [11, 12]
    assert "'width'" in texts[0][1] and "image.to_tensr" in texts[1][1]
