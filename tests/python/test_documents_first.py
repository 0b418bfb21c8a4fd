"""The first document that `edgert inspect --document` writes: valid, and its guesses are marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import Model, read
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
            "features",
            "raw",
        ),
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
    text = first_document("on", [tensor("a: b", [1, 4, 7]), tensor("1", [1, 4, 7])], DETECTOR)
    assert 'file: "on"' in text and '"a: b":' in text and '"1":' in text and 'boxes: "boxes:0"' in text


def test_guesses_are_marked() -> None:
    lines = first_document("m.onnx", [tensor("x", [1, 8, 8, 3])], [tensor("y", [1, 10])]).splitlines()
    for line in lines:
        assert (
            not line.strip().startswith(("range", "fit", "colour", "layout", "activation"))
            or "# guess" in line
        )
