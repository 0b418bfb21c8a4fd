"""The same tensor gives the same numbers, whether edgert or the engine's own package runs the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hand_engines import onnx, onnx_session, tflite, zoo

TFLITE = {
    "ssd-mobilenetv2-oidv4": 300,
    "face-detection-short": 128,
    "face-detection-full": 192,
    "face-mesh": 192,
    "selfie-segmentation": 256,
    "pose-detection": 224,
    "pose-landmarks": 256,
    "palm-detection": 192,
    "hand-landmarks": 224,
}
ONNX = {
    "efficientnet-lite0": {"image": [1, 3, 224, 224]},
    "yamnet": {"log_mel": [1, 96, 64]},
    "yamnet-bicycle-bell": {"embeddings": [3, 1024]},
    "activity-classifier": {"window": [2, 100, 6]},
}


def session(name: str) -> Any:
    import edgert

    zoo(name)
    return edgert.load(f"zoo:{name}").session()


def noise(shape: list[int]) -> Any:
    return np.random.default_rng(7).random(shape, np.float32)


def same(one: Any, other: Any) -> None:
    assert one.shape == other.shape and one.dtype == other.dtype
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * float(np.abs(other).max()))


@pytest.mark.parametrize("name", TFLITE)
def test_tflite(name: str) -> None:
    picture = noise([1, TFLITE[name], TFLITE[name], 3])
    mine, wanted = session(name).run(picture), tflite(name, picture)
    assert set(mine) == set(wanted)
    for output, array in wanted.items():
        same(mine[output], array)


@pytest.mark.parametrize("name", ONNX)
def test_onnx(name: str) -> None:
    inputs = {tensor: noise(shape) for tensor, shape in ONNX[name].items()}
    mine, wanted = session(name).run(inputs), onnx(name, **inputs)
    assert list(mine) == [output.name for output in onnx_session(name).get_outputs()]
    for array, other in zip(mine.values(), wanted, strict=True):
        same(array, other)
