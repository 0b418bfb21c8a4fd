"""EfficientNet-Lite0 in 8 bits, as ONNX with QuantizeLinear and DequantizeLinear around each operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from .calibration import Scale, observe, quantise_layer, scales
from .graph import Graph
from .likeness import cosine, require_likeness
from .pictures import crops

_WEIGHTED = ("Conv", "Gemm")


def qdq(sources: Sequence[Path], target: Path) -> str:
    """The float model (first source), calibrated on pictures (the others). Tells how alike the two are."""
    ranges = observe(sources[0], crops(sources[1:]))
    _Writer(onnx.load(str(sources[0])).graph, scales(ranges)).write(target)
    return require_likeness(target, _likenesses(sources[0], target, list(crops(sources[1:]))[::3]))


def _likenesses(reference: Path, made: Path, inputs: Sequence[NDArray[Any]]) -> Iterator[float]:
    models = [ReferenceEvaluator(str(file)) for file in (reference, made)]
    for x in inputs:
        answers = [np.asarray(answer) for model in models for answer in model.run(None, {"image": x})]
        yield cosine(*answers)


class _Writer:
    """Walks through the float graph. `x` in bytes is named `x.q`, and `x.dq` is back in floats."""

    def __init__(self, source: onnx.GraphProto, tensor_scales: Mapping[str, Scale]) -> None:
        self._source = source
        self._scales = tensor_scales
        self._values = {tensor.name: numpy_helper.to_array(tensor) for tensor in source.initializer}
        self._clipped = {node.input[0]: node.output[0] for node in source.node if node.op_type == "Clip"}
        self._graph = Graph("efficientnet_lite0_int8", opset=19)

    def write(self, target: Path) -> None:
        self._bytes("image", self._scales["image"])
        for node in self._source.node:
            if node.op_type != "Clip":
                self._operator(node)
        self._graph.save(target, {"image": ("N", 3, 224, 224)}, {"logits": ("N", 1000)})

    def _operator(self, node: onnx.NodeProto) -> None:
        """The operator on what came back from bytes; a Clip after it is what its bytes can't exceed."""
        output = self._clipped.get(node.output[0], node.output[0])
        inputs = [f"{node.input[0]}.dq", *(f"{name}.dq" for name in node.input[1:])]
        if node.op_type in _WEIGHTED:
            self._weights(node)
        attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        last = output == "logits"
        made = output if last else f"{output}.f"
        self._graph.add(node.op_type, inputs, f"{output}.op", [made], **attributes)
        if not last:
            self._bytes(output, self._scales[output], made)

    def _bytes(self, name: str, scale: Scale, made: str = "") -> None:
        parameters = [
            self._graph.constant(f"{name}.scale", np.float32(scale.scale)),
            self._graph.constant(f"{name}.zero", np.uint8(scale.zero)),
        ]
        quantised = self._graph.add("QuantizeLinear", [made or name, *parameters], f"{name}.q")
        self._graph.add("DequantizeLinear", [quantised, *parameters], f"{name}.dq")

    def _weights(self, node: onnx.NodeProto) -> None:
        x, weight, bias = node.input
        scale = self._scales[x].scale
        layer = quantise_layer(self._values[weight], self._values[bias], scale)
        self._constant(weight, layer.weight, layer.steps)
        self._constant(bias, layer.bias, (layer.steps * np.float32(scale)).astype(np.float32))

    def _constant(self, name: str, numbers: NDArray[Any], steps: NDArray[Any]) -> None:
        inputs = [
            self._graph.constant(f"{name}.q", numbers),
            self._graph.constant(f"{name}.scale", steps),
            self._graph.constant(f"{name}.zero", np.zeros(len(steps), numbers.dtype)),
        ]
        self._graph.add("DequantizeLinear", inputs, f"{name}.dq", axis=0)
