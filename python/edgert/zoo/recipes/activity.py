"""An activity classifier, trained here in seconds on a smart watch's windows and written in ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from ..errors import ZooError
from .activity_net import KERNELS, STRIDE, Array, Network, train
from .graph import Graph

LABELS = ("Standing", "Running", "Walking", "Badminton")
SAMPLES = 100
CHANNELS = 6
ACCURACY = 0.9
_SEED = 7


def classifier(sources: Sequence[Path], target: Path) -> str:
    """Raw windows of 100 x 6 to the probabilities of LABELS. Tells its accuracy on the test windows."""
    x, labels = read_windows(sources[0])
    mean, deviation = x.mean(axis=(0, 1)), x.std(axis=(0, 1))
    network = train((x - mean) / deviation, np.eye(len(LABELS))[labels], _SEED)
    _write(network, mean, deviation, target)
    return _checked(target, *read_windows(sources[1]))


def read_windows(file: Path) -> tuple[Array, NDArray[np.int64]]:
    """The windows (count, 100, 6) of a .ts file, and the index in LABELS of each."""
    lines = file.read_text(encoding="utf-8").split("@data", 1)[1].split()
    windows, labels = [], []
    for line in lines:
        *channels, label = line.split(":")
        windows.append([[float(sample) for sample in channel.split(",")] for channel in channels])
        labels.append(LABELS.index(label))
    return np.array(windows).transpose(0, 2, 1), np.array(labels, np.int64)


def _write(network: Network, mean: Array, deviation: Array, target: Path) -> None:
    graph = Graph("activity_classifier")
    x = graph.add("Sub", ["window", _constant(graph, "mean", mean)], "centred")
    x = graph.add("Div", [x, _constant(graph, "deviation", deviation)], "normalised")
    x = graph.add("Transpose", [x], "channels_first", perm=[0, 2, 1])
    for layer, kernel in enumerate(KERNELS):
        weight = (
            network.weights[layer].reshape(kernel, -1, network.weights[layer].shape[1]).transpose(2, 1, 0)
        )
        inputs = [
            x,
            _constant(graph, f"conv{layer}.w", weight),
            _constant(graph, f"conv{layer}.b", network.biases[layer]),
        ]
        x = graph.add("Conv", inputs, f"conv{layer}", kernel_shape=[kernel], strides=[STRIDE])
        x = graph.add("Relu", [x], f"conv{layer}.relu")
    graph.embed(x, "embedding")
    dense = [values.astype(np.float32) for values in (network.weights[-1], network.biases[-1])]
    graph.dense("embedding", "dense", dense[0], dense[1], "logits")
    graph.add("Softmax", ["logits"], "softmax", ["probabilities"], axis=1)
    graph.save(target, {"window": ["N", SAMPLES, CHANNELS]}, {"probabilities": ["N", len(LABELS)]})


def _constant(graph: Graph, name: str, value: NDArray[Any]) -> str:
    return graph.constant(name, value.astype(np.float32))


def _checked(target: Path, x: Array, labels: NDArray[np.int64]) -> str:
    """The accuracy in words. Raises ZooError when the written model is worse than it must be."""
    (answers,) = ReferenceEvaluator(str(target)).run(None, {"window": x.astype(np.float32)})
    accuracy = float((np.asarray(answers).argmax(axis=1) == labels).mean())
    if accuracy < ACCURACY:
        what = f"reaches an accuracy of {accuracy:.3f}, below {ACCURACY}"
        raise ZooError(f"zoo: {target.name}", what, "report this with the version of numpy")
    return f"accuracy on {len(labels)} test windows {accuracy:.3f}"
