"""Models that run in batches and begin alike: their pieces run in batches, too, where they can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from edgert import Runtime, explain
from edgert.documents import load
from edgert.planner import plan
from onnx import TensorProto, helper, numpy_helper

WIDTH, LAYERS, ITEMS = 8, 40, 6
BOX = """
kind: Sensor
name: watch
source: {{type: push, format: {{kind: table, columns: [{columns}], rate: 100}}}}
inbox: {{policy: block, in_flight: 8}}
---
kind: Model
name: left
file: left.onnx
batch: 4
input: {{table: {{window: 1}}}}
---
kind: Model
name: right
file: right.onnx
input: {{table: {{window: 1}}}}
---
kind: Pipeline
name: one
sensor: watch
steps: [{{name: one, model: left}}]
---
kind: Pipeline
name: two
sensor: watch
steps: [{{name: two, model: right}}]
""".format(columns=", ".join(f"c{number}" for number in range(WIDTH)))


def network(file: Path, trunk: list[Any], own: Any, turned: bool) -> None:
    """A long trunk and a layer of its own. `turned`: what the trunk gives has its items last."""
    weights, nodes, last = [], [], "x"
    for place, weight in enumerate([*trunk, own]):
        if place == len(trunk) and turned:
            nodes += [helper.make_node("Transpose", [last], ["across"], perm=[1, 0])]
            nodes += [helper.make_node("Relu", ["across"], ["relu"])]
            nodes += [helper.make_node("Transpose", ["relu"], ["back"], perm=[1, 0])]
            last = "back"
        weights.append(numpy_helper.from_array(weight, f"w{place}"))
        nodes.append(helper.make_node("Gemm", [last, f"w{place}"], [f"v{place}"]))
        last = f"v{place}"
    if turned:  # the own layer reads the turned tensor itself, so that it is where the trunk ends
        nodes = [each for each in nodes if each.output[0] != "back"]
        nodes[-1] = helper.make_node("Gemm", ["relu", f"w{len(trunk)}"], [last], transA=1)
    shape: list[Any] = ["N", WIDTH]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, shape)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", -1e9)
    random = np.random.default_rng(0)

    def layer() -> Any:
        return (random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32)

    trunk = [layer() for _ in range(LAYERS)]
    for name in ("left", "right"):
        network(tmp_path / f"{name}.onnx", trunk, layer(), request.param)
    (tmp_path / "box.yaml").write_text(BOX)
    return tmp_path / "box.yaml"


def batches(path: Path) -> tuple[dict[str, int], str]:
    """Of each model of the plan, and what explain says."""
    planned = plan(load(path))
    models = planned.spec.describe()["models"]
    return {each["name"]: each["batch"] for each in models}, explain.text(explain.explain(planned))


def answers(path: Path, **options: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}

    def keep(result: Any) -> None:
        assert result.status == "ok", result.error
        rows = next(iter(result.outputs.values()))
        found.setdefault(result.pipeline, []).extend(np.array(array) for _, array in rows)

    runtime = Runtime(path, lanes=1, **options)
    runtime.on_result(None, keep)
    random = np.random.default_rng(1)
    with runtime:
        for _ in range(ITEMS):
            assert runtime.push("watch", random.standard_normal((1, WIDTH)).astype(np.float32))
        runtime.finish("watch")
        assert runtime.wait(60)
    assert not runtime.failures
    return found


@pytest.mark.parametrize("box", [False], indirect=True)
def test_a_trunk_runs_as_many_as_one_of_its_models_may(box: Path) -> None:
    found, said = batches(box)
    assert found == {"trunk of left and right": 4, "rest of left": 4, "rest of right": 1}
    assert "trunk of left and right (" in said and ", up to 4 at once)" in said
    together, whole = answers(box), answers(box, trunks=False)
    for name, rows in whole.items():
        assert len(rows) == ITEMS
        np.testing.assert_allclose(together[name], rows, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("box", [True], indirect=True)
def test_a_piece_that_can_t_runs_singly_and_explain_says_why(box: Path) -> None:
    found, said = batches(box)
    assert found["trunk of left and right"] == 1 and found["rest of left"] == 1
    assert "trunk of left and right runs no batches: it gives '" in said
    assert "its first axis counts no items" in said
    assert "rest of left runs no batches: model 'rest of left': batch is 4, and " in said
    together, whole = answers(box), answers(box, trunks=False)
    for name, rows in whole.items():
        np.testing.assert_allclose(together[name], rows, rtol=1e-4, atol=1e-4)
