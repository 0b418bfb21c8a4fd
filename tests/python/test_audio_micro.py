"""audio.micro_frontend against TensorFlow's own frontend, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from edgert import _native

SCALE = 0.0390625  # what pymicro-features multiplies by


def reference(samples: Any) -> Any:
    package = pytest.importorskip("pymicro_features")
    frontend, out, data, at = package.MicroFrontend(), [], samples.tobytes(), 0
    while at + 320 <= len(data):
        step = frontend.process_samples(data[at : at + 320])
        at += 2 * step.samples_read
        if step.features:
            out.append(step.features)
    return np.array(out, np.float32)


def features(samples: Any, chunk: int) -> Any:
    form = {"dtype": "float32", "shape": [-1], "max_bytes": 4 * chunk}
    operation = _native.Operation("audio.micro_frontend", {"scale": SCALE}, [form])
    floats = (samples / 32768).astype(np.float32)
    rows = [operation.run([floats[at : at + chunk]])[0] for at in range(0, len(floats), chunk)]
    return np.concatenate(rows)


@pytest.mark.parametrize("loudness", [0, 1, 40, 3000, 32767])
@pytest.mark.parametrize("chunk", [160, 1000, 16000])
def test_bits(loudness: int, chunk: int) -> None:
    rng = np.random.default_rng(loudness)
    t = np.arange(24000)
    tone = np.sin(t * t * 2e-5)  # sweeps
    samples = ((0.5 * tone + 0.5 * rng.uniform(-1, 1, len(t))) * loudness * t / len(t)).astype(np.int16)
    wanted = reference(samples)
    got = features(samples, chunk)
    assert wanted.shape == got.shape == (148, 40)
    np.testing.assert_array_equal(got, wanted)
    assert loudness < 3 or wanted.max() > 1


def test_full_scale_clicks() -> None:
    samples = np.zeros(16000, np.int16)
    samples[[4000, 8000, 8001]] = [-32768, 32767, -32768]
    samples[12000:] = np.where(np.arange(4000) // 8 % 2, 32767, -32768)
    np.testing.assert_array_equal(features(samples, 400), reference(samples))
