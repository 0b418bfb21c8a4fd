"""Detection, classification, segmentation by edgert and by hand in the engines: the same answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("av")

import hand_boxes as boxes
import hand_pixels as pixels
from hand_boxes import Found
from hand_engines import Seen, interpreter, onnx, run, tflite, zoo

EVERY, FRAMES = 97, 7  # of the street camera
P999, MOST = 0.06, 0.12  # levels of 255: how far docs/operations.md says a tensor may be from float64's

STREET = """
kind: Sensor
name: street
source: {type: video, path: zoo:street-camera, speed: max}
---
kind: Pipeline
name: objects
sensor: street
every: %d
steps:
  - {name: objects, model: zoo:ssd-mobilenetv2-oidv4}
  - {name: classes, model: zoo:efficientnet-lite0}
  - {name: quantised, model: zoo:efficientnet-lite0-int8}
  - {name: objects_input, transform: image.to_tensor, from: frame,
     params: {width: 300, height: 300, layout: nhwc, scale: 1, offset: 0}}
  - {name: classes_input, transform: image.to_tensor, from: frame,
     params: {width: 224, height: 224, layout: nhwc, fit: centre_crop, scale: 1, offset: 0}}
outputs: [objects, classes, quantised, objects_input, classes_input]
"""
MODELS = [
    "ssd-mobilenetv2-oidv4",
    "ssd-mobilenetv2-oidv4-labels",
    "efficientnet-lite0",
    "efficientnet-lite0-int8",
    "imagenet-labels",
]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, Seen]]:
    """Frames decoded by hand, and what edgert said of them."""
    for name in MODELS:
        zoo(name)
    decoded = list(pixels.frames(zoo("street-camera"), EVERY, FRAMES))
    seen = run(tmp_path_factory.mktemp("street"), STREET % EVERY)["default/objects"]
    return list(zip(decoded, seen, strict=False))


def objects(rgb: Any) -> list[Found]:
    """The SSD by hand: what it finds in a picture, best first."""
    out = tflite("ssd-mobilenetv2-oidv4", pixels.ranged(pixels.tensor(rgb, 300, "stretch"), -1, 1))
    scores = boxes.sigmoid(out["raw_outputs/class_predictions"][0])[:, 1:]
    places = boxes.ssd_boxes(out["raw_outputs/box_encodings"][0])
    kinds, best = scores.argmax(1) + 1, scores.max(1)
    nothing = np.zeros((0, 2))
    found = [Found(places[i], float(best[i]), int(kinds[i]), nothing) for i in np.flatnonzero(best >= 0.5)]
    way = pixels.place(pixels.whole(rgb), 300, "stretch")
    return [boxes.in_frame(one, 300, way) for one in boxes.one_each(found, 0.5, weighted=False)]


def classes(rgb: Any) -> Any:
    """EfficientNet-Lite0 by hand: probabilities [1000]."""
    seen = (pixels.tensor(rgb, 224, "centre_crop") - 127) / 128
    (logits,) = onnx("efficientnet-lite0", image=seen.transpose(2, 0, 1)[None].astype(np.float32))
    return boxes.softmax(logits[0])


def test_the_street_has_frames_to_compare(street: list[tuple[Any, Seen]]) -> None:
    assert len(street) == FRAMES
    assert sum(len(seen.outputs["objects"]) for _, seen in street) >= 15
    times = [seen.media_time for _, seen in street]
    assert times == pytest.approx([frame.time for frame, _ in street], abs=1e-4)


def test_tensors_are_those_of_float64(street: list[tuple[Any, Seen]]) -> None:
    for name, size, fit in (("objects_input", 300, "stretch"), ("classes_input", 224, "centre_crop")):
        wanted = [pixels.tensor(pixels.planes_first(frame), size, fit) for frame, _ in street]
        error = np.abs(np.array([seen.outputs[name][0] for _, seen in street]) - np.array(wanted))
        assert np.quantile(error, 0.999) <= P999 and error.max() <= MOST, name


def test_objects_are_those_of_the_engine_by_hand(street: list[tuple[Any, Seen]]) -> None:
    labels = zoo("ssd-mobilenetv2-oidv4-labels").read_text().split("\n")
    for frame, seen in street:
        wanted = objects(pixels.planes_first(frame))
        rows = seen.outputs["objects"]
        assert rows[:, 5].tolist() == [found.kind for found in wanted]
        assert seen.labels["objects"] == [labels[found.kind].strip() for found in wanted]
        np.testing.assert_allclose(rows[:, 4], [found.score for found in wanted], atol=1e-3)
        np.testing.assert_allclose(rows[:, :4], [found.box for found in wanted], atol=0.1)


def test_classes_are_those_of_the_engine_by_hand(street: list[tuple[Any, Seen]]) -> None:
    for frame, seen in street:
        wanted = classes(pixels.planes_first(frame))
        rows = seen.outputs["classes"]
        assert rows[:, 0].tolist() == np.argsort(-wanted)[:5].tolist()
        np.testing.assert_allclose(rows[:, 1], wanted[rows[:, 0].astype(int)], atol=2e-3)


def test_classes_of_a_quantised_model_are_those_of_the_engine_by_hand(street: list[tuple[Any, Seen]]) -> None:
    details = interpreter("efficientnet-lite0-int8")
    (scale, zero), (step, middle) = (
        ends()[0]["quantization"] for ends in (details.get_input_details, details.get_output_details)
    )
    for frame, seen in street:
        value = (pixels.tensor(pixels.planes_first(frame), 224, "centre_crop") - 127) / 128
        levels = np.rint(value / scale + zero).clip(0, 255).astype(np.uint8)
        (said,) = tflite("efficientnet-lite0-int8", levels[None]).values()
        wanted = boxes.softmax((said[0].astype(np.float64) - middle) * step)
        rows = seen.outputs["quantised"]
        assert wanted[int(rows[0, 0])] >= wanted.max() - 0.02
        # a pixel on the border of two levels may fall to either side, and a step of the output is 7 %
        np.testing.assert_allclose(rows[:, 1], wanted[rows[:, 0].astype(int)], rtol=0.25, atol=0.01)


def test_decisions_are_those_of_pixels_made_first(street: list[tuple[Any, Seen]]) -> None:
    for frame, seen in street:
        rgb = pixels.pixels_first(frame)
        wanted, rows = objects(rgb), seen.outputs["objects"]
        sure = [found for found in wanted if found.score > 0.53]
        assert abs(len(wanted) - len(rows)) <= len(wanted) - len(sure) + np.sum(rows[:, 4] < 0.53)
        for found in sure:
            near = max(rows, key=lambda row: boxes.overlap(row[:4].astype(np.float64), found.box))
            assert boxes.overlap(near[:4].astype(np.float64), found.box) >= 0.95
            assert near[5] == found.kind and abs(near[4] - found.score) <= 0.03
        probabilities = classes(rgb)
        best, said = seen.outputs["classes"][0]
        assert abs(probabilities[int(best)] - said) <= 0.03
