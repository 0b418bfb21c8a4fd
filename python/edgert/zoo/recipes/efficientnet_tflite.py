"""EfficientNet-Lite0 in 8-bit integers for TensorFlow Lite: pixels as they are, to uint8 logits."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from .calibration import Layer, Scale, observe, quantise_layer, scales
from .flatbuffer import Scalar
from .likeness import cosine, require_likeness
from .pictures import MEAN, SCALE, SIDE, crops
from .tflite_file import Activation, Model, Operator, Options, Quantisation

_PIXELS = Scale(1 / SCALE, MEAN)
_SAME = Scalar("b", 0)


def int8(sources: Sequence[Path], target: Path) -> str:
    """The float model (first source), calibrated on pictures (the others). Tells how alike the two are."""
    ranges = observe(sources[0], crops(sources[1:]))
    graph = onnx.load(str(sources[0])).graph
    _Writer(graph, {**scales(ranges), "image": _PIXELS}).write(target)
    if importlib.util.find_spec("ai_edge_litert") is None:
        return "not compared with the float model, since ai-edge-litert isn't installed"
    return require_likeness(target, _likenesses(sources[0], target, list(crops(sources[1:]))[::3]))


def _likenesses(reference: Path, made: Path, inputs: Sequence[NDArray[Any]]) -> Iterator[float]:
    engine = importlib.import_module("ai_edge_litert.interpreter")
    floats, integers = ReferenceEvaluator(str(reference)), engine.Interpreter(str(made))
    integers.allocate_tensors()
    image, logits = integers.get_input_details()[0], integers.get_output_details()[0]
    scale, zero = logits["quantization"]
    for x in inputs:
        pixels = np.round(x.transpose(0, 2, 3, 1) * SCALE + MEAN).astype(np.uint8)
        integers.set_tensor(image["index"], pixels)
        integers.invoke()
        bytes_out = integers.get_tensor(logits["index"]).astype(np.float32)
        (expected,) = floats.run(None, {"image": x})
        yield cosine(np.asarray(expected), scale * (bytes_out - zero))


class _Writer:
    """Walks through the float graph. Knows of each tensor written its index and its height and width."""

    def __init__(self, source: onnx.GraphProto, tensor_scales: Mapping[str, Scale]) -> None:
        self._source = source
        self._scales = tensor_scales
        self._values = {tensor.name: numpy_helper.to_array(tensor) for tensor in source.initializer}
        self._clipped = {node.input[0]: node.output[0] for node in source.node if node.op_type == "Clip"}
        self._model = Model()
        self._index: dict[str, int] = {}
        self._shape: dict[str, tuple[int, ...]] = {}
        self._write: Mapping[str, Callable[[onnx.NodeProto], None]] = {
            "Conv": self._convolve,
            "Add": self._add,
            "GlobalAveragePool": self._mean,
            "Gemm": self._dense,
        }

    def write(self, target: Path) -> None:
        shape: tuple[int, ...] = (1, SIDE, SIDE, 3)
        pixels = self._model.tensor("image", shape, np.uint8, _quantised(_PIXELS, unsigned=True))
        self._model.operator(Operator.QUANTIZE, [pixels], self._tensor("image", shape, "image_int8"))
        for node in self._source.node:
            if node.op_type in self._write:
                self._write[node.op_type](node)
        shape = self._shape["logits"]
        logits = self._model.tensor(
            "logits", shape, np.uint8, _quantised(self._scales["logits"], unsigned=True)
        )
        self._model.operator(Operator.QUANTIZE, [self._index["logits"]], logits)
        self._model.save(target, [pixels], [logits])

    def _tensor(self, name: str, shape: tuple[int, ...], title: str = "") -> int:
        """An activation in int8."""
        self._shape[name] = shape
        self._index[name] = self._model.tensor(title or name, shape, np.int8, _quantised(self._scales[name]))
        return self._index[name]

    def _convolve(self, node: onnx.NodeProto) -> None:
        attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        stride = attributes["strides"][0]
        layer = self._layer(node)
        depthwise = attributes["group"] > 1
        output = self._clipped.get(node.output[0], node.output[0])
        activation = Scalar("b", Activation.NONE if output == node.output[0] else Activation.RELU6)
        order = (1, 2, 3, 0) if depthwise else (0, 2, 3, 1)
        inputs = self._inputs(node, layer, layer.weight.transpose(order), axis=3 if depthwise else 0)
        _, height, width, _ = self._shape[node.input[0]]
        shape = (1, -(-height // stride), -(-width // stride), len(layer.bias))
        common = {0: _SAME, 1: Scalar("i", stride), 2: Scalar("i", stride)}
        if depthwise:
            options = {**common, 3: Scalar("i", 1), 4: activation, 5: Scalar("i", 1), 6: Scalar("i", 1)}
            code, kind = Operator.DEPTHWISE_CONV_2D, Options.DEPTHWISE_CONV_2D
        else:
            options = {**common, 3: activation, 4: Scalar("i", 1), 5: Scalar("i", 1)}
            code, kind = Operator.CONV_2D, Options.CONV_2D
        self._model.operator(code, inputs, self._tensor(output, shape), kind, options)

    def _add(self, node: onnx.NodeProto) -> None:
        inputs = [self._index[name] for name in node.input]
        output = self._tensor(node.output[0], self._shape[node.input[0]])
        self._model.operator(Operator.ADD, inputs, output, Options.ADD)

    def _mean(self, node: onnx.NodeProto) -> None:
        """The mean over height and width, and the Flatten after it."""
        axes = self._model.constant("axes", np.array([1, 2], np.int32))
        x = node.input[0]
        output = self._tensor("embedding", (1, self._shape[x][-1]))
        self._model.operator(Operator.MEAN, [self._index[x], axes], output, Options.REDUCER)

    def _dense(self, node: onnx.NodeProto) -> None:
        layer = self._layer(node)
        inputs = self._inputs(node, layer, layer.weight, axis=0)
        output = self._tensor(node.output[0], (1, len(layer.bias)))
        self._model.operator(Operator.FULLY_CONNECTED, inputs, output, Options.FULLY_CONNECTED)

    def _layer(self, node: onnx.NodeProto) -> Layer:
        x, weight, bias = node.input
        return quantise_layer(self._values[weight], self._values[bias], self._scales[x].scale)

    def _inputs(self, node: onnx.NodeProto, layer: Layer, weight: Any, axis: int) -> list[int]:
        x, weight_name, bias_name = node.input
        products = layer.steps * np.float32(self._scales[x].scale)
        return [
            self._index[x],
            self._model.constant(weight_name, weight, Quantisation(layer.steps, axis=axis)),
            self._model.constant(bias_name, layer.bias, Quantisation(products)),
        ]


def _quantised(scale: Scale, unsigned: bool = False) -> Quantisation:
    return Quantisation(np.array(scale.scale), scale.zero - (0 if unsigned else 128))
