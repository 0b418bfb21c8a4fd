"""YAMNet and a bicycle-bell head on its embedding: variables of TensorFlow checkpoints, in ONNX anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .golden import Golden, check, wave
from .graph import Graph, Size
from .tensor_bundle import read_variables

Weights = Mapping[str, NDArray[Any]]

_EPSILON = 1e-4
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)  # of layers 2 to 14
_UNITS = 16  # of the head's LSTM

_SCORES = Golden("scores", [132, 420, 421, 498, 153], {132: 0.0719546, 420: 0.0503871, 421: 0.0358791})
_EMBEDDING = Golden("embedding", [538, 242, 713], {538: 3.53424, 242: 3.4095, 713: 3.18177, 0: 0.0})
_PROBABILITY = Golden("prob", [0, 1, 3, 2], {0: 0.996838, 1: 0.553325, 3: 0.0238546})


def yamnet(sources: Sequence[Path], target: Path) -> None:
    """Log-mel patches of 96 x 64 to the scores of 521 classes and the embedding of 1024."""
    weights = read_variables(*sources)
    graph = Graph("yamnet")
    _trunk(graph, weights)
    graph.dense("embedding", "cls", weights["dense/kernel"], weights["dense/bias"], "logits")
    graph.add("Sigmoid", ["logits"], "sigmoid", ["scores"])
    graph.save(target, {"log_mel": ["N", 96, 64]}, {"scores": ["N", 521], "embedding": ["N", 1024]})
    check(target, {"log_mel": wave(1, 96, 64)}, [_SCORES, _EMBEDDING])


def bell(sources: Sequence[Path], target: Path) -> None:
    """T embeddings of 1024, in order of time, to T probabilities that a bicycle bell rings."""
    weights = read_variables(*sources)
    graph = Graph("yamnet_bicycle_bell")
    x = _lstm(graph, weights)
    for layer, activation in (("1", "Relu"), ("2", "Relu"), ("frame_output", "Sigmoid")):
        name = f"time_distributed_dense_{layer}"
        x = graph.dense(x, name, weights[f"{name}/kernel"], weights[f"{name}/bias"], f"{name}.y")
        x = graph.add(activation, [x], f"{name}.a")
    graph.add("Identity", [x], "output", ["prob"])
    graph.save(target, {"embeddings": ["T", 1024]}, {"prob": ["T", 1]})
    check(target, {"embeddings": wave(4, 1024) * np.float32(0.1)}, [_PROBABILITY])


def _trunk(graph: Graph, weights: Weights) -> None:
    """`log_mel` to `embedding`: MobileNet v1, of a convolution and 13 separable ones."""
    axis = graph.constant("axis", np.array([1], np.int64))
    x, size = graph.add("Unsqueeze", ["log_mel", axis], "picture"), (96, 64)
    x, size = _layer(graph, weights, x, "layer1", "layer1/conv", size, 2)
    for number, stride in enumerate(_STRIDES, start=2):
        layer = f"layer{number}"
        x, size = _layer(graph, weights, x, f"{layer}.dw", f"{layer}/depthwise_conv", size, stride)
        x, size = _layer(graph, weights, x, f"{layer}.pw", f"{layer}/pointwise_conv", size, 1)
    graph.embed(x, "embedding")


def _layer(
    graph: Graph, weights: Weights, x: str, name: str, key: str, size: Size, stride: int
) -> tuple[str, Size]:
    weight, bias, groups = _folded(weights, key)
    x, size = graph.convolve(x, name, weight, bias, size, stride, groups)
    return graph.add("Relu", [x], f"{name}.relu"), size


def _folded(weights: Weights, key: str) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Weight (out, in, height, width) and bias with the batch norm inside, and the number of groups."""
    depthwise = f"{key}/depthwise_kernel" in weights
    kernel = weights[f"{key}/depthwise_kernel" if depthwise else f"{key}/kernel"].astype(np.float64)
    kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
    scale = 1 / np.sqrt(weights[f"{key}/bn/moving_variance"].astype(np.float64) + _EPSILON)
    bias = weights[f"{key}/bn/beta"] - weights[f"{key}/bn/moving_mean"] * scale
    weight = (kernel * scale[:, None, None, None]).astype(np.float32)
    return weight, bias.astype(np.float32), len(weight) if depthwise else 1


def _lstm(graph: Graph, weights: Weights) -> str:
    """The sequence through an LSTM, as T x 16."""
    kernel, recurrent, bias = (
        weights[f"lstm/lstm_cell_2/{part}"] for part in ("kernel", "recurrent_kernel", "bias")
    )
    inputs = [
        graph.add("Unsqueeze", ["embeddings", graph.constant("axis", np.array([1], np.int64))], "sequence"),
        graph.constant("lstm.w", _gates(kernel).T[None]),
        graph.constant("lstm.r", _gates(recurrent).T[None]),
        graph.constant("lstm.b", np.concatenate([_gates(bias), np.zeros_like(bias)])[None]),
    ]
    graph.add("LSTM", inputs, "lstm", ["lstm.y"], hidden_size=_UNITS)
    shape = graph.constant("lstm.shape", np.array([-1, _UNITS], np.int64))
    return graph.add("Reshape", ["lstm.y", shape], "lstm.flat")


def _gates(values: NDArray[Any]) -> NDArray[Any]:
    """Keras orders the gates input, forget, cell, output; ONNX input, output, forget, cell."""
    i, f, c, o = np.split(values, 4, axis=-1)
    return np.concatenate([i, o, f, c], axis=-1)
