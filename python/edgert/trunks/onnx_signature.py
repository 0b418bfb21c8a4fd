"""What an ONNX operator computes, as a hash: equal for equal work, however an exporter wrote it down."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import onnx

from .network import Hash, digest
from .onnx_weights import Weights

RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}
ONES = {"strides", "dilations"}  # that default to a 1 for each axis (ONNX's Operators.md: Conv and pools)
ZEROS = {"pads"}
WINDOWED = {"Conv", "ConvTranspose", "AveragePool", "MaxPool", "ConvInteger", "QLinearConv", "LpPool"}
SAME_SINCE = {
    1: ("GlobalAveragePool", "GlobalMaxPool", "Identity", "MatMul", "Transpose"),
    4: ("Concat",),
    5: ("Reshape",),
    6: ("Abs", "Ceil", "Exp", "Floor", "LeakyRelu", "Log", "Neg", "Relu", "Sigmoid", "Sqrt", "Tanh"),
    7: ("Add", "Div", "Gemm", "Mul", "Sub"),
    9: ("Flatten",),
    11: ("Clip", "Conv", "Gather"),
    12: ("MaxPool",),
    13: ("DequantizeLinear", "QuantizeLinear", "Softmax", "Squeeze", "Unsqueeze"),
    14: ("BatchNormalization",),
}
"""Since when operators mean what they do: later versions add types, and attributes whose default changes
nothing (ONNX's Changelog.md)."""
UNCHANGED = {operator: since for since, operators in SAME_SINCE.items() for operator in operators}
GRAPHS = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)


def signature(node: Any, versions: Mapping[str, int], weights: Weights) -> Hash | None:
    """Of a node; None when two runs of it may differ, or what its subgraphs do isn't looked into."""
    if node.op_type in RANDOM or any(each.type in GRAPHS for each in node.attribute):
        return None
    if node.op_type == "Dropout" and len(node.input) > 2:
        return None  # in training
    domain = node.domain if node.domain != "ai.onnx" else ""
    since, defaults = _schema(node.op_type, domain, versions.get(domain, 1))
    given = sorted(_attributes(node, defaults, weights))
    flags = "".join("1" if name else "0" for name in node.input)
    return digest(
        domain, node.op_type, str(since), flags, str(len(node.output)), *(b for a in given for b in a)
    )


def _attributes(node: Any, defaults: Mapping[str, bytes], weights: Weights) -> Iterator[tuple[bytes, bytes]]:
    """Name and value of those that say more than the default."""
    for attribute in node.attribute:
        value = _value(attribute, weights)
        name = attribute.name
        if defaults.get(name) == value:
            continue
        if node.op_type in WINDOWED:
            numbers = set(attribute.ints)
            if (name in ONES and numbers == {1}) or (name in ZEROS and numbers == {0}):
                continue
            if name == "kernel_shape" and "Pool" not in node.op_type:
                continue  # the weights' own
        yield name.encode(), value


def _value(attribute: Any, weights: Weights) -> bytes:
    kind = onnx.AttributeProto
    match attribute.type:
        case kind.FLOAT:
            return b"f" + struct.pack("<f", attribute.f)
        case kind.INT:
            return b"i%d" % attribute.i
        case kind.STRING:
            return b"s" + bytes(attribute.s)
        case kind.FLOATS:
            return b"F" + struct.pack(f"<{len(attribute.floats)}f", *attribute.floats)
        case kind.INTS:
            return b"I" + b",".join(b"%d" % each for each in attribute.ints)
        case kind.STRINGS:
            return b"S" + digest(*attribute.strings)
        case kind.TENSOR:
            return b"t" + weights.digest(attribute.t)
    return b"?" + bytes(attribute.SerializeToString(deterministic=True))


@lru_cache(maxsize=4096)
def _schema(operator: str, domain: str, version: int) -> tuple[int, Mapping[str, bytes]]:
    """Since when the operator means what it does, and its attributes' defaults. One that ONNX doesn't define
    means what its domain's version says."""
    try:
        schema = onnx.defs.get_schema(operator, version, domain)
    except onnx.defs.SchemaError:
        return -version, {}
    weights = Weights(".")
    defaults = {
        name: _value(attribute.default_value, weights)
        for name, attribute in schema.attributes.items()
        if attribute.default_value.name
    }
    since = int(schema.since_version)
    same = UNCHANGED.get(operator, since) if not domain else since
    return min(since, same), defaults
