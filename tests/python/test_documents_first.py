"""The first document that `edgert inspect --document` writes: valid, and its guesses are marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import Model, answer, read
from edgert.documents.first import first_document
from planner_fake import tensor

DETECTOR = [tensor("boxes:0", [1, 1917, 4]), tensor("scores", [1, 1917, 24])]


def written(folder: Path, inputs: list[dict[str, object]], outputs: list[dict[str, object]]) -> Model:
    (folder / "first.yaml").write_text(first_document("zoo:my-model", inputs, outputs))
    found = read(folder)
    assert found.problems == []
    return found.models["my-model"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "kind", "answer"),
    [
        ([tensor("image", [-1, 3, 224, 224])], [tensor("logits", [-1, 1000])], "image", "classes"),
        ([tensor("in", [1, 128, 128, 3])], DETECTOR, "image", "boxes"),
        ([tensor("in", [1, 256, 256, 3])], [tensor("mask", [1, 256, 256, 1])], "image", "mask"),
        ([tensor("images", [1, 3, 640, 640])], [tensor("output0", [1, 84, 8400])], "image", "yolo"),
        (
            [tensor("log_mel", [-1, 96, 64])],
            [tensor("a", [-1, 521]), tensor("b", [-1, 1024])],
            "audio",
            "raw",
        ),
        ([tensor("in", [1, 3, 40])], [tensor("a", [1, 1])], "features", "probability"),
        ([tensor("in", [1, 76, 32, 1])], [tensor("conv", [-1, 1, 1, 96])], "features", "classes"),
        ([tensor("x", [1, 3, 224, 224])], [tensor("softmaxout_1", [1, 1000, 1, 1])], "image", "classes"),
        ([tensor("x", [-1, -1])], [tensor("y", [-1, 1, -1, 32])], "audio", "raw"),
        ([tensor("rows", [-1, 100, 6])], [tensor("p", [-1, 4])], "table", "classes"),
        ([tensor("embedding", [-1, 96])], [tensor("p", [-1, 1])], "features", "probability"),
    ],
)
def test_what_shapes_tell(
    tmp_path: Path, inputs: list[dict[str, object]], outputs: list[dict[str, object]], kind: str, answer: str
) -> None:
    model = written(tmp_path, inputs, outputs)
    assert model.input and model.input.model_fields_set == {kind}
    assert model.answer.type == answer


def test_layout_and_size_are_the_shapes(tmp_path: Path) -> None:
    model = written(tmp_path, [tensor("x", [1, 3, 192, 256])], [tensor("y", [1, 10])])
    assert model.input and model.input.image
    assert (model.input.image.layout, model.input.image.size) == ("nchw", (256, 192))


def test_quantised_pixels_keep_their_integers(tmp_path: Path) -> None:
    model = written(tmp_path, [tensor("x", [1, 8, 8, 3], "uint8", 0.0078125, 127)], [tensor("y", [1, 10])])
    assert model.input and model.input.image
    assert model.input.image.range == (-127 * 0.0078125, 128 * 0.0078125)


def test_state_and_constants_are_found(tmp_path: Path) -> None:
    inputs = [tensor("input", [-1, -1]), tensor("state", [2, -1, 128]), tensor("sr", [], "int64")]
    model = written(tmp_path, inputs, [tensor("output", [-1, 1]), tensor("stateN", [-1, -1, -1])])
    assert model.state == {"state": "stateN"} and model.constants == {"sr": 16000}
    assert model.input and model.input.audio


def test_names_that_yaml_would_read_otherwise_are_quoted() -> None:
    inputs = [tensor("a: b", [1, 128, 128, 3]), tensor("1", [1, 4, 7])]
    text = first_document("on", inputs, DETECTOR)
    for expected in ('name: "on"\nfile: "on"', '"a: b":', '"1":', 'boxes: "boxes:0"'):
        assert expected in text


def test_guesses_are_marked() -> None:
    lines = first_document("m.onnx", [tensor("x", [1, 8, 8, 3])], [tensor("y", [1, 10])]).splitlines()
    for line in lines:
        assert (
            not line.strip().startswith(("range", "fit", "colour", "layout", "activation"))
            or "# guess" in line
        )


@pytest.mark.parametrize(
    ("name", "activation"), [("logits", "softmax"), ("my_logits:0", "softmax"), ("prob_1", "none")]
)
def test_logits_want_a_softmax(tmp_path: Path, name: str, activation: str) -> None:
    model = written(tmp_path, [tensor("x", [1, 3, 64, 64])], [tensor(name, [1, 10])])
    assert isinstance(model.answer, answer.Classes) and model.answer.activation == activation


# The counts are those of the zoo's detectors: 1917 at 300, 896 at 128, 2254 at 224, 2304 at 192.
@pytest.mark.parametrize(
    ("size", "boxes", "width", "format", "strides"),
    [
        (300, 1917, 4, "ssd", None),
        (300, 1918, 4, "corners", None),
        (128, 896, 16, "mediapipe", [8, 16, 16, 16]),
        (224, 2254, 12, "mediapipe", [8, 16, 32, 32, 32]),
        (192, 2304, 16, "mediapipe", [4]),
    ],
)
def test_the_number_of_boxes_tells_the_anchors(
    tmp_path: Path, size: int, boxes: int, width: int, format: str, strides: list[int] | None
) -> None:
    outputs = [tensor("b", [1, boxes, width]), tensor("s", [1, boxes, 1 if width > 4 else 24])]
    model = written(tmp_path, [tensor("x", [1, size, size, 3])], outputs)
    assert isinstance(model.answer, answer.Boxes)
    assert (model.answer.format, model.answer.anchor_strides) == (format, strides)
    assert model.answer.keypoints == (width - 4) // 2


def test_boxes_of_unknown_anchors_are_raw_and_say_what_must_be_set(tmp_path: Path) -> None:
    outputs = [tensor("b", [1, 897, 16]), tensor("s", [1, 897, 1])]
    assert written(tmp_path, [tensor("x", [1, 128, 128, 3])], outputs).answer.type == "raw"
    assert "# this must be set" in (tmp_path / "first.yaml").read_text()


def test_a_stream_of_sound_with_state_has_the_window_of_voice_activity(tmp_path: Path) -> None:
    inputs = [tensor("input", [-1, -1]), tensor("state", [2, -1, 128]), tensor("sr", [], "int64")]
    model = written(tmp_path, inputs, [tensor("output", [-1, 1]), tensor("stateN", [-1, -1, -1])])
    assert model.input and model.input.audio
    assert (model.input.audio.window, model.input.audio.hop, model.input.audio.pad_start) == (576, 512, 64)
