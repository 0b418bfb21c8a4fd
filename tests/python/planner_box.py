"""Documents and models for tests of the planner, planned by a fake builder."""

# ruff: noqa: E501 - documents stand in one piece

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edgert.documents import DocumentErrors, read
from edgert.planner import Planned, plan
from planner_fake import FakeBuilder, tensor

CAMERA = {"kind": "image", "pixel": "yuv420p", "width": 768, "height": 576}
MICROPHONE = {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "int16", "max_chunk": 1600}
WATCH = {"kind": "table", "columns": ["ax", "ay", "az"], "rate": 10.0, "max_rows": 1}

SENSORS = """
kind: Sensor
name: street
source: {type: camera}
---
kind: Sensor
name: ear
source: {type: microphone}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [ax, ay, az], rate: 10}}
---
"""

MODELS: dict[str, Any] = {
    "faces": (
        [tensor("input", [1, 128, 128, 3])],
        [tensor("regressors", [1, 896, 16]), tensor("classificators", [1, 896, 1])],
    ),
    "mesh": (
        [tensor("input_1", [1, 192, 192, 3])],
        [tensor("points", [1, 1, 1, 1404]), tensor("presence", [1, 1, 1, 1])],
    ),
    "lite": (
        [tensor("image", [1, 224, 224, 3], "uint8", 0.0078125, 127)],
        [tensor("logits", [1, 1000], "uint8", 0.07, 74)],
    ),
    "chw": ([tensor("image", [-1, 3, 224, 224])], [tensor("logits", [-1, 10])]),
    "vad": (
        [tensor("input", [-1, -1]), tensor("state", [2, -1, 128]), tensor("sr", [], "int64")],
        [tensor("output", [-1, 1]), tensor("stateN", [-1, -1, -1])],
    ),
    "yamnet": (
        [tensor("log_mel", [-1, 96, 64])],
        [tensor("scores", [-1, 2]), tensor("embedding", [-1, 1024])],
    ),
    "bell": ([tensor("embeddings", [-1, 1024])], [tensor("prob", [-1, 1])]),
    "activity": ([tensor("window", [-1, 100, 3])], [tensor("probabilities", [-1, 4])]),
    "two": ([tensor("a", [1, 4]), tensor("b", [1, 4])], [tensor("y", [1, 2])]),
}

FACES = """
kind: Model
name: faces
file: faces.tflite
input: {image: {range: [-1, 1], fit: letterbox}}
answer: {type: boxes, boxes: regressors, scores: classificators, format: mediapipe, anchors: mediapipe,
         anchor_strides: [8, 16], keypoints: 6, labels: [face]}
---
"""
MESH = """
kind: Model
name: mesh
file: mesh.tflite
input: {image: {size: 192, range: [0, 1]}}
answer: {type: keypoints, points: points, presence: presence, count: 468}
region: {scale: 1.5, square: true, rotate_from: 0, rotate_to: 1}
---
"""
VAD = """
kind: Model
name: vad
file: vad.onnx
input: {audio: {rate: 16kHz, window: 576, hop: 512, pad_start: 64}}
constants: {sr: 16000}
state: {state: stateN}
answer: {type: probability, output: output}
---
"""
YAMNET = """
kind: Model
name: yamnet
file: yamnet.onnx
input: {audio: {rate: 16kHz, window: 975ms, hop: 480ms, features: {log_mel: {window: 25ms, hop: 10ms, low: 125, high: 7500}}}}
answer: {type: classes, output: scores, activation: none, labels: [Speech, Bell]}
---
kind: Model
name: bell
file: bell.onnx
input: {features: {}}
answer: {type: probability}
---
"""


class Box:
    """A folder with documents and model files, planned by a fake builder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.builder: Any = FakeBuilder(**MODELS)

    def plan(self, text: str) -> Planned:
        (self.folder / "box.yaml").write_text(SENSORS + text)
        for name in MODELS:
            for suffix in ("onnx", "tflite"):
                (self.folder / f"{name}.{suffix}").touch()
        return plan(read(self.folder), self.builder, self.probe, only_check=True)

    def refused(self, text: str) -> list[str]:
        with pytest.raises(DocumentErrors) as caught:
            self.plan(text)
        texts = [str(problem).replace(f"{self.folder}/box.yaml:", "") for problem in caught.value.problems]
        return [text.split(": ", 1)[1] for text in texts]

    @staticmethod
    def probe(source: Any, base: Path) -> dict[str, Any]:
        return CAMERA if source.type == "camera" else MICROPHONE


def pipeline(steps: str, sensor: str = "street", more: str = "") -> str:
    return f"kind: Pipeline\nname: p\nsensor: {sensor}\n{more}steps:\n{steps}\n"
