"""Random pipelines over random models: sharing never changes an answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from edgert import Runtime  # noqa: E402
from edgert.documents import DocumentSet, read  # noqa: E402
from edgert.planner import Planning  # noqa: E402

FRAMES = 6
WIDTH, HEIGHT = 24, 18
PICTURE, ROWS = [1, 6, 8, 3], [1, 4]
WORDS = 3
"""Numbers that every model gives, so that any can follow any."""
SENSORS: list[dict[str, Any]] = [
    {
        "kind": "Sensor",
        "name": "camera",
        "source": {
            "type": "push",
            "format": {"kind": "image", "pixel": "rgb24", "width": WIDTH, "height": HEIGHT},
        },
        "inbox": {"policy": "block"},
    },
    {
        "kind": "Sensor",
        "name": "belt",
        "source": {"type": "push", "format": {"kind": "table", "columns": ["a", "b", "c", "d"], "rate": 10}},
        "inbox": {"policy": "block"},
    },
]
INPUTS: dict[str, tuple[list[int], list[dict[str, Any]]]] = {
    "camera": (
        PICTURE,
        [
            {"image": {"range": low, "fit": fit}}
            for low in ([0, 1], [-1, 1])
            for fit in ("stretch", "letterbox")
        ],
    ),
    "belt": (ROWS, [{"table": {"window": 1}}]),
    "": ([1, WORDS], [{"features": {}}]),
}


def write_model(path: Path, shape: list[int], weights: int) -> None:
    """tanh(x · W): W follows from its number alone, so that files with the same number say the same."""
    size = int(np.prod(shape))
    matrix = np.random.default_rng(weights).normal(size=(size, WORDS)) / np.sqrt(size)
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["sum"]),
        helper.make_node("Tanh", ["sum"], ["y"]),
    ]
    constants = [
        onnx.numpy_helper.from_array(np.array([1, size], np.int64), "shape"),
        onnx.numpy_helper.from_array(matrix.astype(np.float32), "w"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", float32, shape)],
        [helper.make_tensor_value_info("y", float32, [1, WORDS])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))


class Box:
    """Documents drawn at random: few kinds of everything, so that much is equal."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.choose = folder, random.Random(seed)
        self.models: dict[str, list[str]] = {reads: [] for reads in INPUTS}
        self.documents = [*SENSORS]
        for name in ("shop", "care", "hidden"):
            more = {"share": "private"} if name == "hidden" else {}
            self.documents.append({"kind": "Application", "name": name, **more})
        for index in range(9):
            self._model(index)
        for index in range(self.choose.randint(6, 12)):
            self.documents.append(self.pipeline(f"p{index}"))

    def _model(self, index: int) -> None:
        reads = self.choose.choice(list(INPUTS)) if index >= len(INPUTS) else list(INPUTS)[index]
        shape, inputs = INPUTS[reads]
        write_model(self.folder / f"m{index}.onnx", shape, self.choose.randint(0, 1))
        self.models[reads].append(f"m{index}")
        given = self.choose.choice(inputs)
        self.documents.append(
            {"kind": "Model", "name": f"m{index}", "file": f"m{index}.onnx", "input": given}
        )

    def pipeline(self, name: str) -> dict[str, Any]:
        sensor = self.choose.choice(["camera", "belt"])
        steps: list[dict[str, Any]] = []
        for index in range(self.choose.randint(1, 4)):
            earlier = [step["name"] for step in steps if "model" in step and "for_each" not in step]
            if earlier and self.choose.random() < 0.5:
                step = {"model": self.choose.choice(self.models[""]), "from": self.choose.choice(earlier)}
            else:
                step = {"model": self.choose.choice(self.models[sensor])}
                if sensor == "camera" and self.choose.random() < 0.3:
                    grid = {"rows": 1, "columns": self.choose.choice([2, 3])}
                    steps.append({"name": f"grid{index}", "regions": {"grid": grid}})
                    step["for_each"] = f"grid{index}"
            if earlier and self.choose.random() < 0.4:
                number, above = self.choose.randrange(WORDS), self.choose.choice([-0.2, 0, 0.2])
                condition = {"from": self.choose.choice(earlier), "index": number, "above": above}
                steps.append({"name": f"open{index}", "condition": condition})
                step["when"] = f"open{index}"
            steps.append({"name": f"see{index}", **step})
        return {
            "kind": "Pipeline",
            "name": name,
            "application": self.choose.choice(["shop", "care", "hidden"]),
            "sensor": sensor,
            "every": self.choose.choice([1, 1, 2]),
            "share": self.choose.choice(["all", "all", "private"]),
            "steps": steps,
            "outputs": [step["name"] for step in steps if "model" in step],
        }

    def write(self) -> Path:
        (self.folder / "box.yaml").write_text(yaml.safe_dump_all(self.documents))
        return self.folder / "box.yaml"


def plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [(row, array.tobytes(), array.shape) for row, array in value]
    return None if value is None else (value.tobytes(), value.shape)


def answers(path: Path, merge: bool, later: Sequence[DocumentSet] = ()) -> tuple[dict[str, list[Any]], int]:
    """All results by pipeline, and how many model runs they took. `later`: what is added while it runs."""
    draw = np.random.default_rng(1)
    with Runtime(path, merge=merge, lanes=2) as runtime:
        for more in later:
            runtime.add(more)
        found: dict[str, list[Any]] = {name: [] for name in runtime.pipelines}
        readers = {name: runtime.results(name, timeout=60) for name in found}
        read_ones = runtime.sensor_states()
        for _ in range(FRAMES):
            picture = draw.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
            row = draw.normal(size=(1, 4)).astype(np.float32)
            for name, frame in (("camera", picture), ("belt", row)):
                assert name not in read_ones or runtime.push(name, frame)
        for name in read_ones:
            runtime.finish(name)
        for name, results in readers.items():
            for result in results:
                outputs = {key: plain(value) for key, value in sorted(result.outputs.items())}
                found[name].append((result.sequence, result.status, outputs))
        nodes = [node for node in runtime.metrics()["nodes"] if node["op"] == "model"]
        return found, sum(node["executed"] for node in nodes)


@pytest.mark.parametrize("seed", range(12))
def test_shared_and_unshared_give_equal_answers(tmp_path: Path, seed: int) -> None:
    path = Box(tmp_path, seed).write()
    shared, runs = answers(path, True)
    alone, runs_alone = answers(path, False)
    assert shared == alone
    assert all(len(results) > 0 for results in shared.values())
    assert runs <= runs_alone


@pytest.mark.parametrize("seed", range(4))
def test_what_is_added_is_planned_as_if_it_had_always_been_there(tmp_path: Path, seed: int) -> None:
    box = Box(tmp_path, seed)
    planning = Planning(read(box.write()))
    planning.plan()
    (tmp_path / "more").mkdir()
    for index in range(3):
        box.documents.append(box.pipeline(f"later{index}"))
        (tmp_path / "more" / "one.yaml").write_text(yaml.safe_dump(box.documents[-1]))
        grown = planning.add(read(tmp_path / "more"))
        whole = Planning(read(box.write())).plan()
        assert grown.spec.describe() == whole.spec.describe()
        assert list(grown.pipelines) == list(whole.pipelines)


def wanted(runtime: Runtime) -> list[dict[str, Any]]:
    """Of each node of the compiled plan, what it is and who wants it."""
    figures = runtime.metrics()["nodes"]
    return [{key: row[key] for key in ("id", "op", "name", "label")} for row in figures]


def readers(runtime: Runtime) -> dict[str, list[str]]:
    """By sensor, the pipelines that it is looked after for."""
    return {sensor: [one.name for one in ones] for sensor, ones in runtime._nursery._readers.items()}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_deployed_later_runs_as_if_it_had_always_been_there(tmp_path: Path, seed: int) -> None:
    box = Box(tmp_path, seed)
    first, later = tmp_path / "first.yaml", []
    first.write_text(yaml.safe_dump_all(box.documents))
    for index in range(4):
        box.documents.append(box.pipeline(f"later{index}"))
        (tmp_path / f"later{index}.yaml").write_text(yaml.safe_dump(box.documents[-1]))
        later.append(read(tmp_path / f"later{index}.yaml"))
    whole = box.write()
    with Runtime(first) as grown, Runtime(whole) as fresh:
        for index, more in enumerate(later):
            assert grown.add(more) == 2 + index
        assert grown.plan.spec.describe() == fresh.plan.spec.describe()
        assert grown.pipelines == fresh.pipelines
        assert wanted(grown) == wanted(fresh)
        assert readers(grown) == readers(fresh)
    assert answers(first, True, later) == answers(whole, True)
