"""The engines' own Python packages, and edgert on documents, for the same models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]


def zoo(name: str) -> Path:
    """A file of the zoo that is in the cache; without it the test is skipped."""
    from edgert import zoo

    if not zoo.cached(name):
        pytest.skip(f"zoo:{name} is not in the cache")
    return zoo.get(name)


@cache
def interpreter(name: str) -> Any:
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    made = litert.Interpreter(str(zoo(name)), num_threads=1)
    made.allocate_tensors()
    return made


def tflite(name: str, tensor: Array) -> dict[str, Array]:
    """The outputs of a model of one input, by ai_edge_litert."""
    engine = interpreter(name)
    engine.set_tensor(engine.get_input_details()[0]["index"], tensor)
    engine.invoke()
    return {one["name"]: engine.get_tensor(one["index"]) for one in engine.get_output_details()}


@cache
def onnx_session(name: str) -> Any:
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(zoo(name)), options, providers=["CPUExecutionProvider"])


def onnx(name: str, **inputs: Array) -> list[Array]:
    """The outputs of a model, by onnxruntime."""
    outputs: list[Array] = onnx_session(name).run(None, inputs)
    return outputs


class Seen(NamedTuple):
    """A result of edgert, copied out of the runtime's memory."""

    outputs: Mapping[str, Any]  # an array, or a list of (row, array)
    rows: Mapping[str, Array]
    labels: Mapping[str, list[str]]
    media_time: float


def run(folder: Path, text: str) -> dict[str, list[Seen]]:
    """All results of each pipeline of some documents, in the order of the frames."""
    from edgert import Runtime

    (folder / "box.yaml").write_text(text, encoding="utf-8")
    runtime = Runtime(folder / "box.yaml")
    results: dict[str, dict[int, Seen]] = {name: {} for name in runtime.pipelines}

    def take(result: Any) -> None:
        assert result.status == "ok", result.error
        results[result.pipeline][result.sequence] = copied(result)

    runtime.on_result(None, take)
    with runtime:
        assert runtime.wait(100), runtime.metrics()["sensors"]
    assert runtime.failures == []
    return {name: [seen[number] for number in sorted(seen)] for name, seen in results.items()}


def copied(result: Any) -> Seen:
    outputs = {
        name: [(row, np.array(array)) for row, array in value] if isinstance(value, list) else np.array(value)
        for name, value in result.outputs.items()
    }
    rows = {name: np.array(value) for name, value in result.native.rows.items()}
    labels = {name: labels_of(answer) for name, answer in result.answers.items()}
    return Seen(outputs, rows, labels, result.media_time)


def labels_of(answer: Any) -> list[str]:
    """What detections and classes are called."""
    from edgert.answers import Classes, Detections

    if isinstance(answer, Detections):
        return [str(found.label) for found in answer]
    return [str(name) for name, _ in answer] if isinstance(answer, Classes) else []
