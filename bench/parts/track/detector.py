"""The detector of the tracking bench and its tests: a Model document with a bound of its own."""

from __future__ import annotations

MODEL = """
kind: Model
name: objects
file: zoo:ssd-mobilenetv2-oidv4
input: {image: {size: 300, range: [-1, 1]}}
answer: {type: boxes, boxes: raw_outputs/box_encodings, scores: raw_outputs/class_predictions, format: ssd,
  anchors: ssd_mobilenet, activation: sigmoid, background: true, class_aware: false, min_score: MIN_SCORE,
  labels: zoo:ssd-mobilenetv2-oidv4-labels}
---
"""


def detector(min_score: float) -> str:
    """The document `objects`, which gives boxes of at least `min_score`; another one may follow it."""
    return MODEL.replace("MIN_SCORE", str(min_score))
