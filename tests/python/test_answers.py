"""Typed readings of outputs."""

from __future__ import annotations

import json

import numpy as np
from edgert.answers import Classes, Detections, Embedding, Keypoints, Mask, Probability, Raw, Rows, read


def test_detections() -> None:
    array = np.array([[1, 2, 3, 4, 0.9, 1, 5, 6, 0.5], [0, 0, 9, 9, 0.25, 7, 1, 1, 1]], np.float32)
    found = read("detections", array, ["cat", "dog"])
    assert isinstance(found, Detections) and len(found) == 2
    first, second = found
    assert first.box == (1, 2, 3, 4) and first.label == "dog" and second.label is None and second.index == 7
    assert first.keypoints.tolist() == [[5, 6, 0.5]] and np.shares_memory(first.keypoints, array)
    assert found.boxes.shape == (2, 4) and found.scores.tolist() == [np.float32(0.9), 0.25]
    assert json.loads(json.dumps(found.to_json()))[0] == {
        "box": [1.0, 2.0, 3.0, 4.0], "score": 0.9, "label": "dog", "keypoints": [[5.0, 6.0, 0.5]],
    }  # fmt: skip
    assert found.to_json()[1]["class"] == 7


def test_no_detections() -> None:
    found = read("detections", np.zeros((0, 6), np.float32))
    assert isinstance(found, Detections) and list(found) == [] and found.to_json() == []


def test_classes() -> None:
    found = read("classes", np.array([[1, 0.75], [0, 0.25]], np.float32), ["cat", "dog"])
    assert (
        isinstance(found, Classes)
        and found.best == ("dog", 0.75)
        and list(found) == [("dog", 0.75), ("cat", 0.25)]
    )
    assert found.to_json() == [{"label": "dog", "score": 0.75}, {"label": "cat", "score": 0.25}]
    assert Classes(np.zeros((0, 2))).best is None
    assert Classes(np.array([[3, 1.0]])).to_json() == [{"class": 3, "score": 1.0}]


def test_the_others() -> None:
    points = read("keypoints", np.array([[1.25, 2, 3, 0.5]], np.float32))
    assert (
        isinstance(points, Keypoints)
        and points.points.tolist() == [[1.25, 2]]
        and points.to_json() == [[1.25, 2, 3, 0.5]]
    )
    mask = read("mask", np.array([[0.0, 1.0], [0.9, 0.1]], np.float32))
    assert isinstance(mask, Mask) and mask.to_json() == {"height": 2, "width": 2, "share": 0.5}
    probability = read("probability", np.array([0.5], np.float32))
    assert isinstance(probability, Probability) and float(probability) == 0.5 == probability.to_json()
    one, other = (read("embedding", np.array(v, np.float32)) for v in ([3, 4], [4, -3]))
    assert isinstance(one, Embedding) and isinstance(other, Embedding)
    assert one.similarity(one) == 1.0 and one.similarity(other) == 0.0 and one.to_json() == [3.0, 4.0]
    raw = read("raw", np.array([[1, 2]], np.uint8))
    assert isinstance(raw, Raw) and raw.to_json() == {"shape": [1, 2], "dtype": "uint8", "values": [[1, 2]]}


def test_nothing_came() -> None:
    assert read("mask", None) is None


def test_rows_of_regions_and_windows() -> None:
    data = [(0, np.array([0.5], np.float32)), (2, np.array([0.25], np.float32))]
    regions = np.arange(15, dtype=np.float32).reshape(3, 5)
    found = read("probability", data, None, regions)
    assert isinstance(found, Rows) and [row.index for row in found] == [0, 2]
    assert found[1].place is not None and found[1].place.tolist() == [10, 11, 12, 13, 14]
    assert found.to_json()[0] == {"row": 0, "answer": 0.5, "region": [0.0, 1.0, 2.0, 3.0, 4.0]}
    times = read("probability", data[:1], None, np.array([[0.0, 0.975]]))
    assert isinstance(times, Rows) and times.to_json() == [{"row": 0, "answer": 0.5, "times": [0.0, 0.975]}]
    assert read("detections", [], ["a"]) is not None
