"""Inputs to measure with: random, of the right type and shape, within the range that is declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edgert.documents import AudioInput, FeaturesInput, ImageInput, Model, TableInput
from edgert.documents.units import Duration, samples

Tensor = Mapping[str, Any]
Array = np.ndarray[Any, np.dtype[Any]]
PICTURE = 224  # pixels a side, where neither file nor document says
ROWS = 100  # of a window whose length in rows isn't known, being a time


class Inputs:
    """Makes the inputs of one model, with or without its document."""

    def __init__(self, tensors: Sequence[Tensor], document: Model | None, seed: int = 0) -> None:
        self._tensors, self._document, self._seed = tensors, document, seed

    @property
    def batch(self) -> int | str:
        """ "free", or how many items a run takes."""
        fed = [tensor for tensor in self._tensors if self._is_fed(tensor)]
        if not fed or (self._document and self._document.state):
            return 1  # a state belongs to one stream
        shapes = [tensor["shape"] for tensor in fed]
        if all(len(shape) > 1 and shape[0] < 0 for shape in shapes):
            return "free"
        fixed = {shape[0] for shape in shapes if len(shape) == 4}
        return max(fixed.pop(), 1) if len(fixed) == 1 and len(shapes) == 1 else 1

    @property
    def fed(self) -> list[str]:
        """The names of the inputs that steps feed."""
        return [str(tensor["name"]) for tensor in self._tensors if self._is_fed(tensor)]

    def of(self, batch: int) -> dict[str, Array]:
        """Arrays by name, the same at each call."""
        random = np.random.default_rng(self._seed)
        return {tensor["name"]: self._array(tensor, batch, random) for tensor in self._tensors}

    def bytes(self, batch: int) -> int:
        """What of(batch) takes."""
        sizes = [
            np.prod(self._shape(tensor, batch), dtype=np.int64) * np.dtype(tensor["dtype"]).itemsize
            for tensor in self._tensors
        ]
        return int(sum(sizes))

    def _is_fed(self, tensor: Tensor) -> bool:
        document = self._document
        given = {*document.constants, *document.state} if document else set()
        return tensor["name"] not in given and len(tensor["shape"]) > 0

    def _wanted(self, tensor: Tensor) -> Any:
        document = self._document
        if document is None or not self._is_fed(tensor):
            return None
        one = document.input or document.inputs.get(tensor["name"])
        return one.what if one else None

    def _shape(self, tensor: Tensor, batch: int) -> list[int]:
        shape = list(tensor["shape"])
        if not any(extent < 0 for extent in shape):
            return shape
        inner = shape[1:] if len(shape) > 1 else shape
        filled = free_extents(inner, self._wanted(tensor)) if self._is_fed(tensor) else None
        inner = filled if filled is not None else [max(extent, 1) for extent in inner]
        first = [batch if shape[0] < 0 else shape[0]] if len(shape) > 1 else []
        return first + inner

    def _array(self, tensor: Tensor, batch: int, random: np.random.Generator) -> Array:
        name, shape, dtype = tensor["name"], self._shape(tensor, batch), np.dtype(tensor["dtype"])
        if self._document and name in self._document.constants:
            array: Array = np.array(np.broadcast_to(np.asarray(self._document.constants[name], dtype), shape))
            return array
        if self._document and name in self._document.state:
            return np.zeros(shape, dtype)
        return fill(random, shape, dtype, self._wanted(tensor), bool(tensor.get("quant_scale")))


def free_extents(shape: Sequence[int], wanted: Any) -> list[int] | None:
    """The extents of one item, where the file leaves some open; None when nothing is known of them."""
    if isinstance(wanted, ImageInput):
        width, height = wanted.size or (PICTURE, PICTURE)
        channels = 1 if wanted.colour == "gray" else 3
        picture = [channels, height, width] if wanted.layout == "nchw" else [height, width, channels]
        return [
            given if given > 0 else extent
            for given, extent in zip(shape, picture[-len(shape) :], strict=False)
        ]
    length = window_length(wanted)
    if length is None:
        return None
    last = max((index for index, extent in enumerate(shape) if extent < 0), default=-1)
    return [length if index == last else max(extent, 1) for index, extent in enumerate(shape)]


def window_length(wanted: Any) -> int | None:
    """Samples or rows of a window; None where there is none, or features are made of it."""
    if isinstance(wanted, AudioInput) and wanted.features is None:
        return samples(wanted.window, wanted.rate)
    if isinstance(wanted, TableInput):
        if isinstance(wanted.window, Duration):
            return samples(wanted.window, wanted.rate) if wanted.rate else ROWS
        return wanted.window
    return wanted.window if isinstance(wanted, FeaturesInput) else None


def fill(
    random: np.random.Generator, shape: Sequence[int], dtype: np.dtype[Any], wanted: Any, quantised: bool
) -> Array:
    """Random numbers of that dtype: pictures in their range, sound in [-1, 1] times its gain, other
    numbers around 0; integers that stand for real numbers over all that they can hold, others 0 or 1."""
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind in "iu":
        small = quantised or dtype.itemsize == 1
        low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max) if small and dtype.itemsize < 4 else (0, 1)
        return random.integers(low, high, shape, dtype=dtype, endpoint=True)
    between = value_range(wanted)
    if between is None:
        return random.standard_normal(shape).astype(dtype)
    return random.uniform(*between, shape).astype(dtype)


def value_range(wanted: Any) -> tuple[float, float] | None:
    """Between which numbers an input's values lie; None where that isn't declared."""
    if isinstance(wanted, ImageInput):
        if wanted.range:
            return min(wanted.range), max(wanted.range)
        means, deviations = wanted.mean or [0.0], wanted.deviation or [1.0]
        lows = [(0 - mean) / deviation for mean, deviation in _pairs(means, deviations)]
        highs = [(255 - mean) / deviation for mean, deviation in _pairs(means, deviations)]
        return min(lows), max(highs)
    if isinstance(wanted, AudioInput) and wanted.features is None:
        most = wanted.peak or wanted.gain or 1.0
        return -most, most
    return (0.0, 1.0) if wanted is None else None


def _pairs(means: Sequence[float], deviations: Sequence[float]) -> list[tuple[float, float]]:
    count = max(len(means), len(deviations))
    wide = [list(values) * count if len(values) == 1 else list(values) for values in (means, deviations)]
    return list(zip(*wide, strict=False))
