"""Devices of type cuda: what documents and plans say of them, also where there is no GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from edgert import Runtime, _native
from edgert.documents import read
from edgert.documents.check import check
from edgert.errors import UnavailableError

onnx = pytest.importorskip("onnx")

DOCUMENTS = """
kind: Device
name: gpu
type: cuda
streams: 2
---
kind: Sensor
name: s
source: {type: push, format: {kind: table, columns: [a, b], rate: 10, max_rows: 1}}
---
kind: Model
name: m
file: m.onnx
device: gpu
input: {features: {}}
---
kind: Pipeline
name: p
sensor: s
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: out, model: m, from: rows}
outputs: [out]
"""


def write(folder: Path, text: str) -> Path:
    """Beside a model that doubles."""
    shape = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 2]) for name in "xy"]
    node = onnx.helper.make_node("Add", ["x", "x"], ["y"])
    graph = onnx.helper.make_graph([node], "double", shape[:1], shape[1:])
    opset = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "m.onnx")
    (folder / "m.null").write_text("input x float32 1x2\noutput y float32 1x2\necho\n")
    path = folder / "box.yaml"
    path.write_text(text)
    return path


def reason() -> str | None:
    """Why models can't run on a GPU here."""
    import onnxruntime

    gpu = next(device for device in _native.devices() if device["kind"] == "cuda")
    if not gpu["available"]:
        return str(gpu["reason"])
    there = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    return None if there else "onnxruntime has no CUDA provider"


def test_a_gpu_s_document_needs_no_profile(tmp_path: Path) -> None:
    documents = read([write(tmp_path, DOCUMENTS)])
    assert not [*documents.problems, *check(documents)]
    device = documents.devices["gpu"]
    assert (device.type, device.gpu, device.streams, device.in_flight) == ("cuda", 0, 2, 2)


def test_where_there_is_no_gpu_the_runtime_says_what_to_do(tmp_path: Path) -> None:
    if reason() is None:
        pytest.skip("there is one")
    with pytest.raises(UnavailableError) as told:
        Runtime(write(tmp_path, DOCUMENTS))
    assert "device 'gpu'" in str(told.value) or "on device 'gpu'" in str(told.value)
    remedies = ("EDGERT_CUDA", "NVIDIA driver", "numbered from 0", "onnxruntime-gpu")
    assert any(remedy in str(told.value) for remedy in remedies), told.value


def test_models_run_there(tmp_path: Path) -> None:
    if why := reason():
        pytest.skip(why)
    with Runtime(write(tmp_path, DOCUMENTS)) as runtime:
        results = runtime.results("p")
        for value in range(20):
            runtime.push("s", np.array([[value, -value]], np.float32), timeout=20)
        runtime.finish("s")
        found = [np.asarray(result.outputs["out"]).tolist() for result in results]
    assert found == [[[2.0 * value, -2.0 * value]] for value in range(20)]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("file: m.onnx", "file: m.null"), "doesn't run models on GPUs"),
        (("device: gpu", "device: gpus"), "there is no Device 'gpus'"),
    ],
)
def test_what_can_t_be_there_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], what: str
) -> None:
    with pytest.raises(Exception, match=what) as told:
        Runtime(write(tmp_path, DOCUMENTS.replace(*change)))
    assert "box.yaml:" in str(told.value)
