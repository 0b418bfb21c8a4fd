"""EfficientNet-Lite0: its weights from a PyTorch file, its graph written anew in ONNX, batch norms folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .golden import Golden, check, wave
from .graph import Graph, Shape, Size
from .torch_file import read_tensors

Weights = Mapping[str, NDArray[Any]]

_EPSILON = 1e-3
_INPUT: Mapping[str, Shape] = {"image": ("N", 3, 224, 224)}


class Stage(NamedTuple):
    """A run of equal blocks; the stride is the first block's."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels_in: int
    channels_out: int


_STAGES = (
    Stage(1, 3, 1, 1, 32, 16),
    Stage(2, 3, 2, 6, 16, 24),
    Stage(2, 5, 2, 6, 24, 40),
    Stage(3, 3, 2, 6, 40, 80),
    Stage(3, 5, 1, 6, 80, 112),
    Stage(4, 5, 2, 6, 112, 192),
    Stage(1, 3, 1, 6, 192, 320),
)

_LOGITS = Golden("logits", values={905: 5.12897, 904: 5.12676, 858: 4.37991, 0: -0.953696, 500: -1.44216})
_EMBEDDING = Golden("embedding", [576, 113, 1111], {576: 5.54557, 113: 4.41161, 1111: 3.16924, 0: 0.524014})


def plain(sources: Sequence[Path], target: Path) -> None:
    """The classifier: image to 1000 logits."""
    net = _Net(read_tensors(sources[0]))
    net.trunk()
    net.graph.dense("embedding", "fc", net.weights["_fc.weight"], net.weights["_fc.bias"], "logits", transB=1)
    net.graph.save(target, _INPUT, {"logits": ("N", 1000)})
    check(target, {"image": wave(1, 3, 224, 224)}, [_LOGITS])


def taps(sources: Sequence[Path], target: Path) -> None:
    """The trunk: image to the outputs of its seven stages and the embedding of 1280."""
    net = _Net(read_tensors(sources[0]))
    outputs = net.trunk()
    net.graph.save(target, _INPUT, {**outputs, "embedding": ("N", 1280)})
    check(target, {"image": wave(1, 3, 224, 224)}, [_EMBEDDING])


class _Net:
    """Writes the layers, walking through the weights' names."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.graph = Graph("efficientnet_lite0")
        self._zero = self.graph.constant("zero", np.float32(0))
        self._six = self.graph.constant("six", np.float32(6))

    def trunk(self) -> dict[str, Shape]:
        """Image to `embedding`. Returns each stage's output and its shape."""
        x, size = self._layer("image", "stem", "_conv_stem", "_bn0", (224, 224), stride=2)
        outputs: dict[str, Shape] = {}
        index = 0
        for stage in _STAGES:
            for block in range(stage.blocks):
                x, size = self._block(x, index, stage, block == 0, size)
                index += 1
            outputs[x] = ("N", stage.channels_out, *size)
        x, _ = self._layer(x, "head", "_conv_head", "_bn1", size)
        self.graph.embed(x, "embedding")
        return outputs

    def _block(self, x: str, index: int, stage: Stage, first: bool, size: Size) -> tuple[str, Size]:
        """Expand, filter each channel, project; added to what came in where the shapes allow."""
        stride = stage.stride if first else 1
        channels = stage.channels_in if first else stage.channels_out
        prefix, name, y, out = f"_blocks.{index}.", f"b{index}", x, size
        if stage.expansion != 1:
            y, out = self._layer(y, f"{name}.expand", f"{prefix}_expand_conv", f"{prefix}_bn0", out)
        groups = channels * stage.expansion
        y, out = self._layer(
            y, f"{name}.dw", f"{prefix}_depthwise_conv", f"{prefix}_bn1", out, stride, groups
        )
        y, out = self._convolve(y, f"{name}.project", f"{prefix}_project_conv", f"{prefix}_bn2", out)
        if stride == 1 and channels == stage.channels_out:
            y = self.graph.add("Add", [y, x], f"{name}.add")
        return y, out

    def _layer(
        self, x: str, name: str, conv: str, norm: str, size: Size, stride: int = 1, groups: int = 1
    ) -> tuple[str, Size]:
        x, out = self._convolve(x, name, conv, norm, size, stride, groups)
        return self.graph.add("Clip", [x, self._zero, self._six], f"{name}.relu6"), out

    def _convolve(
        self, x: str, name: str, conv: str, norm: str, size: Size, stride: int = 1, groups: int = 1
    ) -> tuple[str, Size]:
        weight, bias = self._folded(conv, norm)
        return self.graph.convolve(x, name, weight, bias, size, stride, groups)

    def _folded(self, conv: str, norm: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """The convolution's weight and bias with the batch norm inside."""
        scale = self._of(norm, "weight") / np.sqrt(self._of(norm, "running_var") + _EPSILON)
        weight = self._of(conv, "weight") * scale[:, None, None, None]
        bias = self._of(norm, "bias") - self._of(norm, "running_mean") * scale
        return weight.astype(np.float32), bias.astype(np.float32)

    def _of(self, layer: str, field: str) -> NDArray[Any]:
        return self.weights[f"{layer}.{field}"].astype(np.float64)
