"""How to write a model's numbers in 8 bits: ranges seen on real pictures, and scales made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

Range = tuple[float, float]

_BIAS_LIMIT = 2**30
_LEAST_STEP = 1e-12


@dataclass(frozen=True)
class Scale:
    """value = scale * (byte - zero), byte in [0, 255]."""

    scale: float
    zero: int

    @staticmethod
    def covering(low: float, high: float) -> Scale:
        """The finest that reaches from low to high, and has zero exactly."""
        low, high = min(low, 0.0), max(high, 0.0)
        scale = float(np.float32(max(high - low, 1e-6) / 255))
        return Scale(scale, round(-low / scale))


def observe(file: Path, inputs: Iterable[NDArray[Any]]) -> dict[str, Range]:
    """The least and the greatest value of every tensor of a model with one input, over these inputs."""
    graph = onnx.load(str(file)).graph
    names = [output for node in graph.node for output in node.output]
    evaluator = ReferenceEvaluator(_with_outputs(file, names))
    ranges: dict[str, Range] = {}
    for values in inputs:
        feed = {graph.input[0].name: values}
        results = zip(names, evaluator.run(None, feed), strict=True)
        for name, result in [*results, *feed.items()]:
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(np.min(result))), max(high, float(np.max(result))))
    return ranges


def scales(ranges: Mapping[str, Range]) -> dict[str, Scale]:
    """Each tensor's scale."""
    return {name: Scale.covering(*span) for name, span in ranges.items()}


@dataclass(frozen=True)
class Layer:
    """Weights in [-127, 127], a step for each output channel (first axis), biases in step x input scale."""

    weight: NDArray[np.int8]
    steps: NDArray[np.float32]
    bias: NDArray[np.int32]


def quantise_layer(weight: NDArray[Any], bias: NDArray[Any], input_scale: float) -> Layer:
    """The layer in integers. A step is large enough for its bias to fit, too."""
    channels = weight.reshape(len(weight), -1)
    steps = np.maximum(np.abs(channels).max(axis=1) / 127, np.abs(bias) / (input_scale * _BIAS_LIMIT))
    steps = np.maximum(steps, _LEAST_STEP).astype(np.float32)
    numbers = np.clip(np.round(channels / steps[:, None]), -127, 127).astype(np.int8)
    whole = np.round(bias / (np.float64(input_scale) * steps)).astype(np.int32)
    return Layer(numbers.reshape(weight.shape), steps, whole)


def _with_outputs(file: Path, names: Iterable[str]) -> onnx.ModelProto:
    model = onnx.load(str(file))
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    return model
