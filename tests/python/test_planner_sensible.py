"""The planner refuses what can be planned and would not do what it says; a zoo model is never at fault."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

from pathlib import Path

import pytest
from edgert import zoo
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from planner_box import YAMNET, Box, pipeline

ACTIVITY = """
kind: Model
name: activity
file: activity.onnx
input: {table: {window: 100}}
answer: {type: classes, activation: softmax, labels: [a, b, c, d]}
---
"""
CHW = """
kind: Model
name: chw
file: chw.onnx
input: {image: {range: [0, 1]}}
answer: {type: mask}
---
"""


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.mark.parametrize("labels", ["[a, b, c]", "[a, b, c, d, e]"])
def test_labels_that_do_not_fit_the_classes(labels: str, box: Box) -> None:
    text = ACTIVITY.replace("[a, b, c, d]", labels) + pipeline("  - {name: s, model: activity}", "watch")
    count = len(labels.split(","))
    assert box.refused(text) == [
        f"Model/activity: there are {count} labels, and the model gives 4 classes; give one label for each class, in the model's order"
    ]


def test_a_mask_of_what_is_no_picture(box: Box) -> None:
    (said,) = box.refused(CHW + pipeline("  - {name: s, model: chw}"))
    assert said.startswith(
        "Model/chw: a mask is a picture, and output 'logits' of the model is float32 [?, 10]; name an output"
    )


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (
            "above: 1.5",
            "above is 1.5, and the score of step 's' lies in 0..1: the condition would never change",
        ),
        ("above: 1", "above is 1, and"),
        ("above: -0.1", "above is -0.1, and"),
        ("below: 0", "below is 0, and"),
        ("above: 9, index: 1", ""),  # a number of the row, not the score
        ("above: 0.5, index: 7", "there is no number 7 in float32"),
        ("below: 1", ""),
        ("above: 0", ""),
    ],
)
def test_bounds_of_a_condition(bound: str, said: str, box: Box) -> None:
    steps = f"  - {{name: s, model: activity}}\n  - {{name: c, condition: {{from: s, {bound}}}}}\n  - {{name: t, model: activity, when: c}}"
    text = ACTIVITY + pipeline(steps, "watch")
    if said:
        assert any(said in problem for problem in box.refused(text))
    else:
        box.plan(text)


def test_scores_that_are_no_probabilities_may_have_any_bound(box: Box) -> None:
    steps = "  - {name: s, model: yamnet}\n  - {name: c, condition: {from: s, above: 7}}\n  - {name: t, model: yamnet, when: c}"
    box.plan(YAMNET + pipeline(steps, "ear"))


TABLE = """
kind: Sensor
name: watch
source: {type: table, path: walk.csv, rate: RATE}
---
kind: Pipeline
name: p
sensor: watch
steps:
  - {name: a, model: zoo:activity-classifier}
"""


@pytest.mark.parametrize(
    ("header", "rate", "said"),
    [
        (
            "x,y,z",
            10,
            "zoo:activity-classifier reads 6 columns, and this sensor gives 3: x, y, z; say which 6 in columns, in the model's order",
        ),
        (
            "a,b,c,d,e,f",
            20,
            "zoo:activity-classifier was made for 10 rows a second, and this sensor gives 20; record at that rate, or use a copy of the model's document with resample: {}",
        ),
    ],
)
def test_a_table_that_does_not_fit_a_zoo_model_is_the_sensors_fault(
    header: str, rate: int, said: str, tmp_path: Path
) -> None:
    if not zoo.cached("activity-classifier"):
        pytest.skip("zoo:activity-classifier is not in the cache")
    (tmp_path / "walk.csv").write_text(f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n")
    (tmp_path / "box.yaml").write_text(TABLE.replace("RATE", str(rate)))
    with pytest.raises(DocumentErrors) as caught:
        plan(read(tmp_path))
    assert [str(problem) for problem in caught.value.problems] == [
        f"{tmp_path}/box.yaml:4: Sensor/watch: {said}"
    ]
