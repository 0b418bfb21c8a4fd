"""Writes small ONNX models: an operator a call, each constant once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSIONS = {13: 8, 19: 9}  # the oldest that has each operator set

Shape = Sequence[int | str]
Size = tuple[int, int]


class Graph:
    """A graph under construction. Each method adds an operator and returns the name of its output."""

    def __init__(self, name: str, opset: int = OPSET) -> None:
        self._name = name
        self._opset = opset
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: Any) -> str:
        """A named constant; a second one of that name is the first."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(
                np.ascontiguousarray(value).reshape(np.shape(value)), name
            )
        return name

    def add(
        self, operator: str, inputs: Sequence[str], name: str, outputs: Sequence[str] = (), **attributes: Any
    ) -> str:
        """Any operator, whose first output bears its name unless `outputs` says otherwise."""
        names = list(outputs) or [name]
        self._nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return names[0]

    def dense(
        self, x: str, name: str, weight: NDArray[Any], bias: NDArray[Any], output: str, **attributes: Any
    ) -> str:
        """x * weight + bias."""
        inputs = [x, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.add("Gemm", inputs, name, [output], **attributes)

    def convolve(
        self,
        x: str,
        name: str,
        weight: NDArray[Any],
        bias: NDArray[Any],
        size: Size,
        stride: int,
        groups: int = 1,
    ) -> tuple[str, Size]:
        """A convolution that pads as TensorFlow's SAME does.

        `size` is the height and width that come in; those that go out are returned, too.
        """
        kernel = weight.shape[2:]
        out = (-(-size[0] // stride), -(-size[1] // stride))
        total = [max((o - 1) * stride + k - i, 0) for o, k, i in zip(out, kernel, size, strict=True)]
        before = [pad // 2 for pad in total]
        pads = before + [pad - first for pad, first in zip(total, before, strict=True)]
        inputs = [x, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        strides = [stride, stride]
        self.add("Conv", inputs, name, kernel_shape=list(kernel), strides=strides, pads=pads, group=groups)
        return name, out

    def embed(self, x: str, output: str) -> str:
        """The mean over height and width, flat."""
        return self.add("Flatten", [self.add("GlobalAveragePool", [x], "gap")], "flatten", [output])

    def save(self, file: Path, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> None:
        """Writes the checked model; inputs and outputs are float32, a dimension that is a word is free."""
        graph = helper.make_graph(
            self._nodes, self._name, _values(inputs), _values(outputs), list(self._constants.values())
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self._opset)], producer_name="edgert"
        )
        model.ir_version = IR_VERSIONS[self._opset]
        onnx.checker.check_model(model)
        onnx.save(model, str(file))


def _values(shapes: Mapping[str, Shape]) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in shapes.items()
    ]
