"""Frames of a spectrum that several windows want are computed once, and windows are those of each alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.documents import read
from edgert.planner import plan
from edgert.runtime import Runtime

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

RATE, CHUNK, HOP = 16000, 1000, 1600
EAR = f"""
kind: Sensor
name: ear
source: {{type: push, format: {{kind: audio, rate: {RATE}, dtype: float32, max_chunk: {CHUNK}}}}}
inbox: {{policy: block}}
"""
MODEL = """
---
kind: Model
name: m%d
file: m%d.onnx
input: {audio: {rate: 16000, window: %d, hop: 1600, features: {%s}}}
---
kind: Pipeline
name: p%d
sensor: ear
steps: [{name: seen, model: m%d}]
"""
FEATURES = {
    "audio.stft": ("stft: {fft: 512, window: 400, hop: 160, what: power}", 257),
    "audio.mfcc": ("mfcc: {fft: 512, window: 400, hop: 160, mels: 40, coefficients: 13}", 13),
    "audio.log_mel": ("log_mel: {fft: 512, window: 400, hop: 160, mels: 40}", 40),
}
PARAMS: dict[str, dict[str, Any]] = {
    "audio.stft": {"what": "power"},
    "audio.mfcc": {"rate": RATE, "mels": 40, "coefficients": 13},
    "audio.log_mel": {"rate": RATE, "mels": 40},
}
WINDOWS = (8000, 4800)  # samples; they overlap


def same(path: Path, shape: list[int]) -> None:
    """A model that gives back what it takes."""
    h = onnx.helper
    info = [h.make_tensor_value_info(name, 1, ["N", *shape]) for name in ("x", "y")]
    made = h.make_graph([h.make_node("Identity", ["x"], ["y"])], "same", info[:1], info[1:])
    onnx.save(h.make_model(made, opset_imports=[h.make_opsetid("", 17)], ir_version=8), str(path))


def written(folder: Path, op: str) -> None:
    features, columns = FEATURES[op]
    text = EAR
    for i, size in enumerate(WINDOWS):
        same(folder / f"m{i}.onnx", [1 + (size - 400) // 160, columns])
        text += MODEL % (i, i, size, features, i, i)
    (folder / "box.yaml").write_text(text)


def alone(op: str, window: Any) -> Any:
    """What the operation gives for one window by itself."""
    params = {"fft": 512, "window": 400, "hop": 160} | PARAMS[op]
    form = {"dtype": "float32", "shape": list(window.shape)}
    return _native.Operation(op, params, [form]).run([window])[0]


@pytest.mark.parametrize("op", list(FEATURES))
def test_one_operation_serves_models_with_other_windows(tmp_path: Path, op: str) -> None:
    written(tmp_path, op)
    nodes = plan(read(tmp_path)).spec.describe()["nodes"]
    assert [node["pipelines"] for node in nodes if node["op"] == op] == [["default/p0", "default/p1"]]


@pytest.mark.parametrize("op", list(FEATURES))
def test_shared_frames_are_those_of_each_window_bit_by_bit(tmp_path: Path, op: str) -> None:
    written(tmp_path, op)
    samples = np.random.default_rng(5).normal(0, 0.1, 2 * RATE).astype(np.float32)
    readers = ThreadPoolExecutor(len(WINDOWS))
    with readers, Runtime(tmp_path / "box.yaml", lanes=1) as runtime:
        coming = [readers.submit(list, runtime.results(f"p{i}", timeout=30)) for i in range(len(WINDOWS))]
        for at in range(0, len(samples), CHUNK):
            runtime.push("ear", samples[at : at + CHUNK], media_time=at / RATE)
        runtime.finish("ear")
        for size, results in zip(WINDOWS, coming, strict=True):
            got = [row.reading.array[0] for result in results.result() for row in result.answers["seen"]]
            wanted = [alone(op, samples[at : at + size]) for at in range(0, len(samples) - size + 1, HOP)]
            assert len(got) == len(wanted) > 10
            np.testing.assert_array_equal(got, wanted)
