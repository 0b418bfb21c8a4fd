"""A model is updated while others use its trunk: their answers go on, its own are those of the new file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from edgert import Runtime
from test_trunks_planned import WIDTH, box  # noqa: F401

RANDOM = np.random.default_rng(2)
ROWS = [RANDOM.standard_normal((1, WIDTH)).astype(np.float32) for _ in range(8)]


def changed(path: Path) -> None:
    """It ends with another operation from now on; what it begins with stays."""
    model = onnx.load(path)
    assert model.graph.node[-1].op_type == "Sigmoid"
    model.graph.node[-1].op_type = "Tanh"
    onnx.save(model, path)


def numbers(result: Any) -> np.ndarray:
    [values] = result.outputs.values()
    return np.array(values[0][1])


def asked(runtime: Runtime, results: dict[str, Any], rows: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    found: dict[str, list[np.ndarray]] = {name: [] for name in results}
    for row in rows:
        runtime.push("watch", row)
        for name, of in results.items():
            found[name].append(numbers(next(of)))
    return found


def anew(documents: Path, rows: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    with Runtime(documents, trunks=False) as runtime:
        return asked(runtime, {name: runtime.results(name) for name in ("one", "two", "three")}, rows)


def test_a_model_is_updated_while_its_trunk_is_shared(box: Path) -> None:  # noqa: F811
    documents = box / "box.yaml"
    before = anew(documents, ROWS)
    with Runtime(documents) as runtime:
        results = {name: runtime.results(name) for name in ("one", "two", "three")}
        first = asked(runtime, results, ROWS[:4])
        changed(box / "right.onnx")
        runtime.deploy(documents)
        assert [decision.shared for decision in runtime.plan.trunks][:1] == [True]
        second = asked(runtime, results, ROWS[4:])
    after = anew(documents, ROWS)
    assert not np.allclose(before["two"], after["two"])
    for name, expected in (("one", before), ("two", after), ("three", before)):
        np.testing.assert_allclose(first[name], before[name][:4], atol=1e-5)
        np.testing.assert_allclose(second[name], expected[name][4:], atol=1e-5)
