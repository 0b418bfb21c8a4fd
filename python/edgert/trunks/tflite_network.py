"""TensorFlow Lite files as networks. Field numbers are those of TensorFlow's schema.fbs."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from .errors import Uncut
from .flat import Table, root
from .network import Hash, Network, Operator, digest

ITEM = {1: 2, 3: 1, 4: 8, 6: 1, 7: 2, 9: 1}
"""Bytes of a number of the types that don't have four: float16, uint8, int64, bool, int16, int8."""
# ruff: noqa: E501 - operators by code, in the schema's order
KNOWN = {
    0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 5: "DEPTH_TO_SPACE",
    6: "DEQUANTIZE", 8: "FLOOR", 9: "FULLY_CONNECTED", 11: "L2_NORMALIZATION", 14: "LOGISTIC", 17: "MAX_POOL_2D",
    18: "MUL", 19: "RELU", 20: "RELU_N1_TO_1", 21: "RELU6", 22: "RESHAPE", 23: "RESIZE_BILINEAR", 25: "SOFTMAX",
    26: "SPACE_TO_DEPTH", 28: "TANH", 34: "PAD", 36: "GATHER", 39: "TRANSPOSE", 40: "MEAN", 41: "SUB", 42: "DIV",
    43: "SQUEEZE", 45: "STRIDED_SLICE", 47: "EXP", 49: "SPLIT", 54: "PRELU", 55: "MAXIMUM", 57: "MINIMUM", 59: "NEG",
    60: "PADV2", 65: "SLICE", 67: "TRANSPOSE_CONV", 70: "EXPAND_DIMS", 74: "SUM", 75: "SQRT", 76: "RSQRT", 78: "POW",
    82: "REDUCE_MAX", 83: "PACK", 97: "RESIZE_NEAREST_NEIGHBOR", 98: "LEAKY_RELU", 99: "SQUARED_DIFFERENCE",
    100: "MIRROR_PAD", 101: "ABS", 114: "QUANTIZE", 117: "HARD_SWISH", 124: "DENSIFY", 126: "BATCH_MATMUL", 150: "GELU",
}  # fmt: skip
"""Operators that are the same each time and whose options are numbers; others are never shared."""
SHAPED = {"RESHAPE", "SQUEEZE"}
"""Whose options only say what the shape of the output says."""
PER_OUTPUT = {
    "CONV_2D": (1, 4),
    "DEPTHWISE_CONV_2D": (1, 3),
    "FULLY_CONNECTED": (1, 2),
    "TRANSPOSE_CONV": (1, 4),
}
"""Which axes of the weights are multiplied for one number of the output."""


@dataclass
class Source:
    """What the writer needs of a TensorFlow Lite file."""

    data: bytes = field(repr=False)
    subgraph: Table
    names: dict[str, int]
    """Of all tensors, by index."""


def read(file: Path) -> Network:
    """The network of a .tflite file. Raises Uncut when it can't be read as one."""
    try:
        data = file.read_bytes()
        if data[4:8] != b"TFL3":
            raise Uncut(f"{file.name} is no TensorFlow Lite file")
        return _Reader(data).network()
    except (struct.error, ValueError, IndexError, StopIteration) as error:
        raise Uncut(f"{file.name} can't be read as TensorFlow Lite: {error}") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, model = data, root(data)
        self.codes = model.tables(1)
        self.buffers = model.tables(4)
        self.main = model.tables(2)[0]
        self.tensors = self.main.tables(0)
        ends = [int(index) for number in (1, 2) for index in self.main.numbers(number, "<i4")]
        self.names = _unique([tensor.text(3) for tensor in self.tensors], ends)
        if any(buffer.number(1, "Q") > 1 for buffer in self.buffers):
            raise Uncut("its weights lie behind the FlatBuffer, where they can't be moved")

    def network(self) -> Network:
        ends = [tuple(self.names[index] for index in self.main.numbers(number, "<i4")) for number in (1, 2)]
        constants = {
            self.names[index]: content
            for index in range(len(self.tensors))
            if (content := self._weights(index))
        }
        operators = tuple(self._operator(each) for each in self.main.tables(3))
        if bare := [name for name in ends[1] if name in constants or name in ends[0]]:
            raise Uncut(f"its output {bare[0]!r} is an input or a weight, as it is")
        places = {name: index for index, name in enumerate(self.names)}
        return Network(operators, ends[0], ends[1], constants, Source(self.data, self.main, places))

    def _weights(self, index: int) -> Hash | None:
        tensor = self.tensors[index]
        number = tensor.number(2, "I")
        if not number or tensor.number(10, "I"):
            return None
        content = self.buffers[number].numbers(0, "u1")
        return digest("weights", self._form(tensor), bytes(content)) if len(content) else None

    def _form(self, tensor: Table) -> Hash:
        """Type, shape and quantisation."""
        said = [
            bytes([tensor.number(1, "b") & 0xFF]),
            bytes(tensor.numbers(0, "<i4")),
            bytes(tensor.numbers(7, "<i4")),
        ]
        if (quantised := tensor.table(4)) is not None:
            said += [
                bytes(quantised.numbers(2, "<f4")),
                bytes(quantised.numbers(3, "<i8")),
                b"%d" % quantised.number(6, "i"),
            ]
        if (sparse := tensor.table(6)) is not None:
            said.append(b"sparse at %d" % sparse.at)  # not compared with another file's
        return digest(*said)

    def _operator(self, operator: Table) -> Operator:
        inputs = [int(index) for index in operator.numbers(1, "<i4")]
        outputs = [int(index) for index in operator.numbers(2, "<i4")]
        code = self.codes[operator.number(0, "I")]
        number = max(code.number(0, "b"), code.number(3, "i"))
        kind = KNOWN.get(number)
        stateful = any(self.tensors[index].number(5, "B") for index in inputs if index >= 0)
        lost = operator.field(12) or operator.field(5) or operator.field(8) or operator.field(7)
        signature = None
        if kind is not None and not stateful and not lost:
            options = operator.table(4)
            said = options.scalars() if options is not None and kind not in SHAPED else []
            flat = [part for at, value in said for part in (b"%d" % at, value)]
            forms = [self._form(self.tensors[index]) for index in outputs]
            signature = digest(kind, str(code.number(2, "i", 1)), str(len(inputs)), *flat, b"|", *forms)
        names = [
            tuple(self.names[index] if index >= 0 else "" for index in each) for each in (inputs, outputs)
        ]
        return Operator(
            signature,
            names[0],
            names[1],
            self._cost(kind, inputs, outputs),
            float(sum(prod(self._shape(index)) * self._item(index) for index in outputs)),
            kind == "DEQUANTIZE",
        )

    def _item(self, index: int) -> int:
        """Bytes of a number of a tensor."""
        return ITEM.get(self.tensors[index].number(1, "b"), 4)

    def _cost(self, kind: str | None, inputs: list[int], outputs: list[int]) -> float:
        written = float(sum(prod(self._shape(index)) for index in outputs))
        if kind not in PER_OUTPUT or len(inputs) < 2:
            return written
        begin, end = PER_OUTPUT[kind]
        return written * prod(self._shape(inputs[1])[begin:end])

    def _shape(self, index: int) -> list[int]:
        return [max(1, int(extent)) for extent in self.tensors[index].numbers(0, "<i4")]


def _unique(names: list[str], first: list[int]) -> list[str]:
    """Names of which none is there twice: a second one gets its number. The `first` tensors keep theirs."""
    taken = {names[index]: index for index in reversed(first)}
    found = []
    for index, name in enumerate(names):
        own = name and taken.setdefault(name, index) == index
        found.append(name if own else f"{name}#{index}")
    return found
