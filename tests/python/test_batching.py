"""Works of one model that run as one: from documents to what the metrics say."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime, zoo
from edgert.documents import DocumentErrors, load
from edgert.documents.chosen import Choice
from edgert.documents.tuned import tuned
from edgert.errors import InvalidError
from edgert.explain import explain
from edgert.explain.telling import text as told
from edgert.planner import plan
from edgert.policy.outline import outline_of
from onnx import TensorProto, helper, save

SENSORS = 6
BOX = """
kind: Application
name: a
---
kind: Model
name: net
file: %s
%s
input: {image: {range: [0, 1]}}
"""
SENSOR = """
---
kind: Sensor
name: s%d
source: {type: push, format: {kind: image, pixel: rgb24, width: 32, height: 32}}
inbox: {policy: block, size: 4, in_flight: 4}
---
kind: Pipeline
name: p%d
application: a
sensor: s%d
steps:
  - {name: net, model: net}
"""


def network(path: Path, first: Any = "n", ending: tuple[str, ...] = ("Flatten",)) -> Path:
    """A convolution with a free first axis, or another; `ending` are operations behind it."""
    random = np.random.default_rng(3)
    weights = random.normal(size=(8, 3, 3, 3)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["v0"], kernel_shape=[3, 3], strides=[4, 4])]
    for index, operation in enumerate(ending):
        attributes = {"axis": 0} if operation == "Softmax" else {}
        nodes.append(helper.make_node(operation, [f"v{index}"], [f"v{index + 1}"], **attributes))
    nodes.append(helper.make_node("Identity", [f"v{len(ending)}"], ["y"]))
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [first, 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [first, 512])],
        [helper.make_tensor("w", TensorProto.FLOAT, weights.shape, weights.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save(model, path)
    return path


def heavy_network(path: Path, first: Any) -> Path:
    """16 MiB of weights that a run reads whole: four items cost about what one costs on any machine, and
    a run takes long enough for other sensors' frames to queue behind it."""
    random = np.random.default_rng(3)
    weights = (random.normal(size=(3 * 32 * 32, 1365)) / 55).astype(np.float32)
    nodes = [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [first, 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [first, weights.shape[1]])],
        [helper.make_tensor("w", TensorProto.FLOAT, weights.shape, weights.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    save(model, path)
    return path


def box(folder: Path, file: str | Path, more: str = "", sensors: int = SENSORS) -> Any:
    path = folder / "box.yaml"
    text = BOX % (file, more) + "".join(SENSOR % (i, i, i) for i in range(sensors))
    path.write_text(text, encoding="utf-8")
    return load(path)


def answers(documents: Any, frames: int = 8) -> tuple[list[np.ndarray[Any, Any]], dict[str, Any]]:
    """Each sensor's answers to pictures pushed as fast as they are taken, on one lane; and the metrics."""
    found: dict[int, list[Any]] = {}
    with Runtime(documents, lanes=1) as runtime:

        def read(index: int) -> None:
            stream = runtime.results(f"a/p{index}")
            found[index] = [np.array(next(stream).outputs["net"][0], copy=True) for _ in range(frames)]

        def push(index: int) -> None:
            random = np.random.default_rng(index)
            for number in range(frames):
                picture = random.integers(0, 256, (32, 32, 3), np.uint8)
                assert runtime.push(f"s{index}", picture, media_time=number / 10)

        threads = [threading.Thread(target=what, args=(i,)) for what in (read, push) for i in range(SENSORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        metrics = runtime.metrics()
    return [answer for index in range(SENSORS) for answer in found[index]], metrics


def items(metrics: dict[str, Any]) -> int:
    return sum(size * runs for size, runs in metrics["models"][0]["batches"].items())


@pytest.mark.parametrize("first", ["n", 4])
def test_each_sensor_gets_its_own_answers(tmp_path: Path, first: Any) -> None:
    single = heavy_network(tmp_path / "single.onnx", "n")
    file = heavy_network(tmp_path / "net.onnx", first)
    alone, before = answers(box(tmp_path, single))
    together, metrics = answers(box(tmp_path, file, "batch: 4"))
    assert before["models"][0]["most_batch"] == 1
    assert before["models"][0]["batches"] == {}
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    model = metrics["models"][0]
    assert (model["most_batch"], model["batch_refused"]) == (4, "")
    assert items(metrics) == len(alone) == sum(node["executed"] for node in metrics["nodes"]
                                               if node["op"] == "model")  # fmt: skip
    assert max(model["batches"]) > 1
    assert metrics["batched_bytes"] > 0


def test_a_model_that_mixes_its_rows_runs_one_by_one(tmp_path: Path) -> None:
    file = network(tmp_path / "net.onnx", ending=("Flatten", "Softmax"))
    alone, _ = answers(box(tmp_path, file))
    together, metrics = answers(box(tmp_path, file, "batch: 4"))
    np.testing.assert_array_equal(alone, together)
    assert "differs from what it is alone" in metrics["models"][0]["batch_refused"]
    assert set(metrics["models"][0]["batches"]) == {1}


def test_a_model_of_the_zoo(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    if not zoo.cached("efficientnet-lite0"):
        pytest.skip("edgert zoo get efficientnet-lite0")
    alone, _ = answers(box(tmp_path, "zoo:efficientnet-lite0"), 2)
    together, metrics = answers(box(tmp_path, "zoo:efficientnet-lite0", "batch: 6"), 2)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-2)
    # Whether sizes above 1 are used is a matter of what measures faster here.
    assert metrics["models"][0]["batch_refused"] == ""
    assert items(metrics) == len(together)


@pytest.mark.parametrize(
    ("first", "more", "said"),
    [
        (1, "batch: 4", "'x' is float32 1×3×32×32, one item a run"),
        (4, "batch: 8", "a run of its file takes 4 items"),
        ("n", "batch: 65", "Model/net: 'batch' is 65"),
        ("n", "batch: 0", "Model/net: 'batch' is 0"),
        ("n", "batch: many", "'batch' is 'many'; write a whole number"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(tmp_path: Path, first: Any, more: str, said: str) -> None:
    file = network(tmp_path / "net.onnx", first)
    with pytest.raises(DocumentErrors, match="net") as caught:
        plan(box(tmp_path, file, more, sensors=1))
    assert said in str(caught.value)


def test_a_choice_that_cannot_be_is_left_out(tmp_path: Path) -> None:
    choice = Choice(model="net", threads=1, instances=1, batch=8)
    for first, most in ((1, 1), ("n", 8)):
        documents = box(tmp_path, network(tmp_path / f"{first}.onnx", first), sensors=1)
        documents.models["net"] = tuned(documents.models["net"], choice)
        planned = plan(documents)
        assert planned.spec.describe()["models"][0]["batch"] == most
        assert outline_of(planned)["queues"][0]["most_batch"] == most
        assert ("up to 8 at once" in told(explain(planned))) == (most == 8)


def test_a_policy_decides_the_batch(tmp_path: Path) -> None:
    documents = box(tmp_path, network(tmp_path / "net.onnx"), "batch: 4", sensors=1)
    with Runtime(documents, lanes=1) as runtime:
        models = [queue["model"] == 0 for queue in runtime._native.queues()]
        runtime._native.set_batches([2 if model else 1 for model in models])
        for wrong in (0, 5):
            with pytest.raises(InvalidError, match="give 1 to 4"):
                runtime._native.set_batches([wrong if model else 1 for model in models])
