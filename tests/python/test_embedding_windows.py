"""Heads over windows of a model's answers in time: the windows are kept once for all heads, as by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.runtime import Runtime

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

COLUMNS, SIZE, HOP, NUMBERS = 3, 4, 2, 5  # of the backbone: rows, and what it makes of them
CHUNK = 6
SENSOR = f"""
kind: Sensor
name: s
source: {{type: push, format: {{kind: table, columns: [a, b, c], rate: 10, max_rows: {CHUNK}}}}}
inbox: {{policy: block}}
---
kind: Model
name: backbone
file: backbone.onnx
input: {{table: {{window: {SIZE}, hop: {HOP}}}}}
answer: {{type: embedding, normalise: false}}
"""
HEAD = """
---
kind: Application
name: {application}
---
kind: Model
name: head-{name}
file: head-{name}.onnx
input: {{features: {{window: {window}, hop: 1}}}}
---
kind: Pipeline
name: {name}
application: {application}
sensor: s
steps:
  - {{name: embedding, model: backbone}}
  - {{name: head, model: head-{name}, from: embedding}}
"""
HEADS = {"one": 3, "two": 3, "three": 3, "long": 4}  # windows of embeddings


def matrix(name: str, shape: tuple[int, int]) -> Any:
    return np.random.default_rng(sum(map(ord, name))).normal(size=shape).astype(np.float32)


def linear(folder: Path, name: str, shape: list[int], weights: Any) -> None:
    """A model [N, *shape] -> [N, columns of `weights`]."""
    h = onnx.helper
    kept = [
        onnx.numpy_helper.from_array(weights, "w"),
        onnx.numpy_helper.from_array(np.array([-1, len(weights)]), "flat"),
    ]
    nodes = [h.make_node("Reshape", ["x", "flat"], ["f"]), h.make_node("MatMul", ["f", "w"], ["y"])]
    x = h.make_tensor_value_info("x", 1, ["N", *shape])
    y = h.make_tensor_value_info("y", 1, ["N", weights.shape[1]])
    graph = h.make_graph(nodes, name, [x], [y], kept)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / f"{name}.onnx"))


@pytest.fixture
def box(tmp_path: Path) -> Path:
    linear(tmp_path, "backbone", [SIZE, COLUMNS], matrix("backbone", (SIZE * COLUMNS, NUMBERS)))
    text = SENSOR
    for index, (name, window) in enumerate(HEADS.items()):
        linear(tmp_path, f"head-{name}", [window, NUMBERS], matrix(f"head-{name}", (window * NUMBERS, 2)))
        text += HEAD.format(name=name, window=window, application=f"app{index}")
    (tmp_path / "box.yaml").write_text(text)
    return tmp_path / "box.yaml"


def by_hand(rows: Any, name: str) -> Any:
    """What a head says of an unbroken stretch of rows."""
    starts = range(0, len(rows) - SIZE + 1, HOP)
    found = np.array(
        [rows[at : at + SIZE].ravel() @ matrix("backbone", (SIZE * COLUMNS, NUMBERS)) for at in starts]
    )
    window = HEADS[name]
    weights = matrix(f"head-{name}", (window * NUMBERS, 2))
    said = [found[at : at + window].ravel() @ weights for at in range(len(found) - window + 1)]
    return np.array(said).reshape(-1, 2)


def said(results: Any) -> Any:
    rows = [row.reading.array.ravel() for result in results for row in result.answers["head"]]
    return np.array(rows).reshape(-1, 2)


def test_heads_over_windows_are_as_by_hand_and_begin_anew_after_a_gap(box: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(14 * CHUNK, COLUMNS)).astype(np.float32)
    with Runtime(box, lanes=2) as runtime:
        coming = {name: runtime.results(name, timeout=30) for name in HEADS}
        for index in range(14):
            chunk = rows[index * CHUNK : (index + 1) * CHUNK]
            runtime.push("s", chunk, media_time=index * CHUNK / 10, gap=index == 8)
        runtime.finish("s")
        got = {name: said(results) for name, results in coming.items()}
        nodes = runtime.metrics()["nodes"]
    parts = rows[: 8 * CHUNK], rows[8 * CHUNK :]
    for name in HEADS:
        wanted = np.concatenate([by_hand(part, name) for part in parts])
        np.testing.assert_allclose(got[name], wanted, rtol=1e-4, atol=1e-5)
    executed = {node["name"]: node["executed"] for node in nodes if node["op"] == "model"}
    windows = [node for node in nodes if node["op"] == "table.window"]
    embeddings = sum(len(range(0, len(part) - SIZE + 1, HOP)) for part in parts)
    assert executed["embedding"] == embeddings, "the backbone ran once for all heads"
    # One ring for the backbone's rows, one for each length of the heads' windows.
    assert len(windows) == 3
    assert sorted(len(node["applications"]) for node in windows) == [1, 3, 4]


def test_heads_that_declare_whose_features_they_read_have_the_same_windows(box: Path) -> None:
    text = box.read_text()
    for name in HEADS:
        text = text.replace(f"file: head-{name}.onnx\n", f"file: head-{name}.onnx\nfeatures_from: backbone\n")
    text = text.replace("  - {name: embedding, model: backbone}\n", "").replace(", from: embedding}", "}")
    assert text.count("features_from") == len(HEADS) and "from: embedding" not in text
    box.write_text(text)
    rows = np.random.default_rng(2).normal(size=(8 * CHUNK, COLUMNS)).astype(np.float32)
    with Runtime(box, lanes=2) as runtime:
        coming = {name: runtime.results(name, timeout=30) for name in HEADS}
        for index in range(8):
            runtime.push("s", rows[index * CHUNK : (index + 1) * CHUNK], media_time=index * CHUNK / 10)
        runtime.finish("s")
        got = {name: said(results) for name, results in coming.items()}
        nodes = runtime.metrics()["nodes"]
    for name in HEADS:
        np.testing.assert_allclose(got[name], by_hand(rows, name), rtol=1e-4, atol=1e-5)
    backbones = [node for node in nodes if node["op"] == "model" and node["label"].startswith("backbone")]
    assert [node["executed"] for node in backbones] == [len(range(0, len(rows) - SIZE + 1, HOP))]
    assert len([node for node in nodes if node["op"] == "table.window"]) == 3


def test_a_compiled_plan_keeps_the_windows(box: Path) -> None:
    from edgert import _native, engines
    from edgert.documents import read
    from edgert.planner import plan

    engines.register()
    spec = plan(read(box)).spec
    file = box.parent / "box.plan"
    spec.save(str(file))
    described = _native.PlanSpec.load(str(file)).describe()
    assert described["nodes"] == spec.describe()["nodes"]
    _native.Runtime(_native.PlanSpec.load(str(file)), lanes=1)
