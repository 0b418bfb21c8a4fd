"""Random ONNX models that begin alike: the same layers and weights under other names, in another order."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH = 8
Random = np.random.Generator


@dataclass
class Recipe:
    """Operators: kind, inputs by number, weight or None. Tensor 0 is the input, operator k makes k + 1."""

    steps: list[tuple[str, list[int], Any]] = field(default_factory=list)

    def grow(self, random: Random, count: int, least: int = 0) -> None:
        """Adds operators that read any tensor from `least` on; Gemms have new weights."""
        for _ in range(count):
            kind = str(random.choice(["Gemm", "Gemm", "Relu", "Add", "Mul", "Sigmoid", "Identity"]))
            some = int(random.integers(min(least, len(self.steps)), len(self.steps) + 1))
            reads = [some, int(random.integers(0, len(self.steps) + 1))] if kind in ("Add", "Mul") else [some]
            weight = None
            if kind == "Gemm":
                weight = (random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32)
            self.steps.append((kind, reads, weight))

    def copy(self) -> Recipe:
        return Recipe(list(self.steps))


def write(
    recipe: Recipe, file: Path, random: Random, outputs: list[int], batch: int | str = "N", opset: int = 13
) -> Path:
    """As a model: random names, a random order that still is one, weights as initialisers or Constants."""
    names = [
        f"{random.choice(list('abcdefgh'))}{number}" for number in random.permutation(len(recipe.steps) + 1)
    ]
    nodes, weights = [], []
    for number, (kind, reads, weight) in enumerate(recipe.steps):
        inputs = [names[each] for each in reads]
        if weight is not None:
            tensor = numpy_helper.from_array(weight, f"w{names[number + 1]}")
            inputs.append(tensor.name)
            if random.random() < 0.5:
                weights.append(tensor)
            else:
                nodes.append(helper.make_node("Constant", [], [tensor.name], value=tensor))
        explicit = {"alpha": 1.0} if kind == "Gemm" and random.random() < 0.5 else {}
        nodes.append(helper.make_node(kind, inputs, [names[number + 1]], **explicit))
    shape = [batch, WIDTH]
    graph = helper.make_graph(
        _shuffled(nodes, names[0], {each.name for each in weights}, random),
        str(random.integers(1000)),
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(names[each], TensorProto.FLOAT, shape) for each in outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(file))
    return file


def _shuffled(nodes: list[Any], first: str, weights: set[str], random: Random) -> list[Any]:
    known, left, found = {first, *weights}, list(nodes), []
    while left:
        ready = [index for index, node in enumerate(left) if set(node.input) <= known]
        node = left.pop(int(random.choice(ready)))
        known.update(node.output)
        found.append(node)
    return found


def family(folder: Path, seed: int, count: int = 2) -> list[Path]:
    """Models that begin alike. Each goes on by itself, from any tensors of what they have in common."""
    random = np.random.default_rng(seed)
    trunk = Recipe()
    trunk.grow(random, int(random.integers(3, 10)))
    files = []
    for number in range(count):
        own = trunk.copy()
        own.grow(random, int(random.integers(1, 6)), least=len(trunk.steps) // 2)
        last = len(own.steps)
        bare = {0, *of_input(own)}
        outputs = {last, int(random.integers(1, last + 1))} - bare
        if not outputs:
            own.steps.append(("Relu", [last], None))
            outputs = {last + 1}
        batch: int | str = 1 if random.random() < 0.3 else "N"
        opset = int(random.choice([13, 14]))
        file = folder / f"model{number}.onnx"
        files.append(write(own, file, random, sorted(outputs), batch, opset))
    return files


def of_input(recipe: Recipe) -> set[int]:
    """Tensors that are the input as it is."""
    found = {0}
    for number, (kind, reads, _) in enumerate(recipe.steps):
        if kind == "Identity" and reads[0] in found:
            found.add(number + 1)
    return found


def push_all(runtime: Any) -> None:
    """Twenty frames for the sensor "watch", the same each time; returns when all are answered."""
    random = np.random.default_rng(2)
    for _ in range(20):
        runtime.push("watch", random.standard_normal((1, WIDTH)).astype(np.float32))
    runtime.finish("watch")
    until = time.monotonic() + 30
    while not runtime.finished and time.monotonic() < until:
        time.sleep(0.01)
