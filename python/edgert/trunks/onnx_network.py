"""ONNX files as networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import onnx
from onnx import inliner, shape_inference

from .errors import Uncut
from .network import Network, Operator
from .onnx_signature import signature
from .onnx_weights import Weights

LIGHT = {"DequantizeLinear"}
PRODUCTS = {
    "Conv",
    "ConvInteger",
    "QLinearConv",
    "ConvTranspose",
    "Gemm",
    "MatMul",
    "MatMulInteger",
    "QLinearMatMul",
}
WEIGHTS_AT = {"QLinearConv": 3, "QLinearMatMul": 3}  # which input they are; else the second
FREE = 1  # what an extent that isn't known counts as


@dataclass
class Source:
    """What the writer needs of an ONNX file."""

    model: Any = field(repr=False)
    weights: Weights = field(repr=False)
    types: Mapping[str, Any] = field(repr=False)
    """Of all tensors whose type and shape are known: a ValueInfoProto."""
    constants: Mapping[str, Any] = field(repr=False)
    """Initialisers and what Constant nodes hold, as TensorProtos."""


def read(file: Path) -> Network:
    """The network of an ONNX file. Raises Uncut when it can't be read as one."""
    try:
        model = onnx.load(str(file), load_external_data=False)
        if model.functions:
            model = inliner.inline_local_functions(model)
        return _Reader(model, file.parent).network()
    except Uncut:
        raise
    except Exception as error:  # whatever protobuf and onnx say of a file that they don't understand
        raise Uncut(f"{file.name} can't be read as ONNX: {error}") from error


class _Reader:
    def __init__(self, model: Any, folder: Path) -> None:
        self.model, self.graph = model, model.graph
        self.weights = Weights(folder)
        self.versions = {
            each.domain if each.domain != "ai.onnx" else "": each.version for each in model.opset_import
        }
        self.constants = {tensor.name: tensor for tensor in self.graph.initializer}
        self.types = _types(model)

    def network(self) -> Network:
        if self.graph.sparse_initializer:
            raise Uncut("it has sparse weights, which aren't compared")
        nodes = [node for node in self.graph.node if not self._take_constant(node)]
        inputs = tuple(each.name for each in self.graph.input if each.name not in self.constants)
        outputs = tuple(each.name for each in self.graph.output)
        operators = tuple(self._operator(node) for node in nodes)
        through = {*inputs, *self.constants}
        for operator in operators:
            if operator.alias and operator.inputs[0] in through:
                through.update(operator.outputs)
        if bare := [name for name in outputs if name in through]:
            raise Uncut(f"its output {bare[0]!r} is an input or a weight, as it is")
        del self.graph.node[:]
        self.graph.node.extend(nodes)
        source = Source(self.model, self.weights, self.types, self.constants)
        contents = {name: self.weights.digest(tensor) for name, tensor in self.constants.items()}
        return Network(operators, inputs, outputs, contents, source)

    def _take_constant(self, node: Any) -> bool:
        """Whether it is a constant, which then counts as a weight."""
        if node.op_type != "Constant" or node.domain not in ("", "ai.onnx"):
            return False
        made = _constant(node)
        if made is None:
            return False
        self.constants[node.output[0]] = made
        return True

    def _operator(self, node: Any) -> Operator:
        captured = sorted(set(_captured(node)))
        return Operator(
            signature(node, self.versions, self.weights),
            (*node.input, *captured),
            tuple(node.output),
            self._cost(node),
            self._written(node),
            node.op_type in LIGHT,
            node.op_type == "Identity" and node.domain in ("", "ai.onnx"),
        )

    def _written(self, node: Any) -> float:
        return float(sum(prod(self._shape(name)) * self._item(name) for name in node.output if name))

    def _item(self, name: str) -> int:
        """Bytes of a number of a tensor; where its type isn't known, a float's."""
        kind = self.types[name].type.tensor_type.elem_type if name in self.types else 0
        return int(onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize) if kind else 4

    def _cost(self, node: Any) -> float:
        written = float(sum(prod(self._shape(name)) for name in node.output if name))
        place = WEIGHTS_AT.get(node.op_type, 1)
        if node.op_type not in PRODUCTS or len(node.input) <= place:
            return written
        weights = self._shape(node.input[place])
        if "Conv" in node.op_type:
            return written * prod(weights[1:])
        transposed = any(each.name == "transB" and each.i for each in node.attribute)
        return written * (weights[-1 if transposed else -2] if len(weights) > 1 else prod(weights))

    def _shape(self, name: str) -> list[int]:
        if name in self.constants:
            return [int(extent) for extent in self.constants[name].dims]
        if name not in self.types:
            return [FREE]
        shape = self.types[name].type.tensor_type.shape
        return [int(each.dim_value) or FREE for each in shape.dim]


def _types(model: Any) -> dict[str, Any]:
    try:
        graph = shape_inference.infer_shapes(model, data_prop=True).graph
    except (
        Exception
    ):  # inference stumbles over what an engine may still run; then only what the file says is known
        graph = model.graph
    return {each.name: each for each in (*graph.value_info, *graph.output, *graph.input)}


def _constant(node: Any) -> Any:
    """The tensor of a Constant node; None for one that holds no tensor of numbers."""
    for attribute in node.attribute:
        match attribute.name:
            case "value":
                tensor = onnx.TensorProto()
                tensor.CopyFrom(attribute.t)
                tensor.name = node.output[0]
                return tensor
            case "value_float" | "value_int":
                kind = onnx.TensorProto.FLOAT if attribute.name == "value_float" else onnx.TensorProto.INT64
                number = attribute.f if attribute.name == "value_float" else attribute.i
                return onnx.helper.make_tensor(node.output[0], kind, [], [number])
            case "value_floats":
                numbers = list(attribute.floats)
                return onnx.helper.make_tensor(
                    node.output[0], onnx.TensorProto.FLOAT, [len(numbers)], numbers
                )
            case "value_ints":
                whole = list(attribute.ints)
                return onnx.helper.make_tensor(node.output[0], onnx.TensorProto.INT64, [len(whole)], whole)
    return None


def _captured(node: Any) -> Iterator[str]:
    """Tensors of outside that the node's subgraphs read."""
    for attribute in node.attribute:
        for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
            own = _names(graph)
            for inner in graph.node:
                yield from (name for name in (*inner.input, *_captured(inner)) if name and name not in own)
            yield from (each.name for each in graph.output if each.name not in own)


def _names(graph: Any) -> set[str]:
    made: Iterable[str] = (name for node in graph.node for name in node.output)
    return {*made, *(each.name for each in graph.input), *(each.name for each in graph.initializer)}
