"""Writes TensorFlow Lite models: tensors, operators and their options by the schema's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .flatbuffer import Scalar, Table, Vector, serialise

_VERSION = 3
_TYPES = {np.dtype(np.int32): 2, np.dtype(np.uint8): 3, np.dtype(np.int8): 9}


class Operator(IntEnum):
    """BuiltinOperator."""

    ADD = 0
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    FULLY_CONNECTED = 9
    MEAN = 40
    QUANTIZE = 114


class Options(IntEnum):
    """BuiltinOptions: which table an operator's options are."""

    CONV_2D = 1
    DEPTHWISE_CONV_2D = 2
    FULLY_CONNECTED = 8
    ADD = 11
    REDUCER = 27


class Activation(IntEnum):
    """ActivationFunctionType."""

    NONE = 0
    RELU6 = 3


@dataclass(frozen=True)
class Quantisation:
    """value = scale * (number - zero); several scales are those of the channels along `axis`."""

    scales: NDArray[Any]
    zero: int = 0
    axis: int = 0


@dataclass
class Model:
    """A model of one graph under construction."""

    _tensors: list[Table] = field(default_factory=list)
    _buffers: list[Table] = field(default_factory=lambda: [Table({})])
    _operators: list[Table] = field(default_factory=list)
    _codes: list[int] = field(default_factory=list)

    def tensor(
        self, name: str, shape: Sequence[int], kind: Any, quantisation: Quantisation | None = None
    ) -> int:
        """A tensor that an operator fills. Returns its index."""
        return self._tensor(name, shape, np.dtype(kind), quantisation, 0)

    def constant(self, name: str, value: NDArray[Any], quantisation: Quantisation | None = None) -> int:
        """A tensor of known numbers. Returns its index."""
        data = np.ascontiguousarray(value)
        self._buffers.append(Table({0: Vector(data.reshape(-1).view(np.uint8), 16)}))
        return self._tensor(name, data.shape, data.dtype, quantisation, len(self._buffers) - 1)

    def operator(
        self,
        code: Operator,
        inputs: Sequence[int],
        output: int,
        kind: Options | None = None,
        options: Mapping[int, Scalar] | None = None,
    ) -> None:
        """An operator with its options by slot."""
        if code not in self._codes:
            self._codes.append(code)
        slots: dict[int, Any] = {
            0: Scalar("I", self._codes.index(code)),
            1: _indexes(inputs),
            2: _indexes([output]),
        }
        if kind is not None:
            slots |= {3: Scalar("B", kind), 4: Table(options or {})}
        self._operators.append(Table(slots))

    def save(self, file: Path, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Writes the model."""
        graph = Table(
            {0: self._tensors, 1: _indexes(inputs), 2: _indexes(outputs), 3: self._operators, 4: "main"}
        )
        codes = [
            Table({0: Scalar("b", code), 2: Scalar("i", 3), 3: Scalar("i", code)}) for code in self._codes
        ]
        version, title = Scalar("I", _VERSION), "made by edgert"
        model = Table({0: version, 1: codes, 2: [graph], 3: title, 4: self._buffers})
        file.write_bytes(serialise(model, b"TFL3"))

    def _tensor(
        self,
        name: str,
        shape: Sequence[int],
        kind: np.dtype[Any],
        quantisation: Quantisation | None,
        buffer: int,
    ) -> int:
        slots: dict[int, Any] = {
            0: _indexes(shape),
            1: Scalar("b", _TYPES[kind]),
            2: Scalar("I", buffer),
            3: name,
        }
        if quantisation:
            slots[4] = _quantisation(quantisation)
        self._tensors.append(Table(slots))
        return len(self._tensors) - 1


def _indexes(numbers: Sequence[int]) -> Vector:
    return Vector(np.array(numbers, np.int32))


def _quantisation(quantisation: Quantisation) -> Table:
    scales = np.atleast_1d(quantisation.scales).astype(np.float32)
    zeros = np.full(scales.shape, quantisation.zero, np.int64)
    return Table({2: Vector(scales), 3: Vector(zeros, 8), 6: Scalar("i", quantisation.axis)})
