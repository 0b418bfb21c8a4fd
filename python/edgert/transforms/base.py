"""What a transform in Python is made of."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Output:
    """One output: its shape, -1 where an extent is known at run time, and its dtype."""

    shape: Sequence[int]
    dtype: str = "float32"
    name: str = "tensor"
    most: Sequence[int] | None = None
    """The greatest shape, needed where an extent is -1: memory is set aside for it."""

    def spec(self) -> dict[str, Any]:
        """As the core takes it. Raises ValueError."""
        shape = [int(extent) for extent in self.shape]
        dtype = np.dtype(self.dtype)
        if any(extent < -1 for extent in shape):
            raise ValueError(f"output {self.name!r} has the shape {shape}; write extents, or -1")
        spec = {"name": self.name, "dtype": dtype.name, "shape": shape}
        if -1 not in shape:
            return spec
        if self.most is None or len(self.most) != len(shape) or min(self.most) < 1:
            raise ValueError(
                f"output {self.name!r} has the shape {shape}, and most is {self.most}; give most, the "
                "greatest shape that run() returns"
            )
        return {**spec, "max_bytes": math.prod(int(extent) for extent in self.most) * dtype.itemsize}


@dataclass(frozen=True)
class Picture:
    """A camera's frame: read-only views of its planes, [height, width] or [height, width, bytes]."""

    planes: Sequence[Array]
    pixel: str
    """yuv420p, nv12, rgb24, ...; see docs/documents.md."""
    width: int
    height: int


class Transform(ABC):
    """A transform. Subclasses take their parameters in __init__, as the document's `params` give them.

    One object serves one node of a plan; its calls come one at a time, from a thread of its own, or in a
    process of its own with `isolate: process`.
    """

    stateful = False
    """Sees its frames in order; `reset` is called after a gap. Others may be shared and run in any order."""

    @abstractmethod
    def format(self, inputs: Sequence[Mapping[str, Any]]) -> Output | Sequence[Output]:
        """What run() will return for inputs like these: a frame's format (with `kind`), or a tensor's dtype
        and shape. Raises ValueError with the reason when they can't be taken. Called when a plan is made."""

    @abstractmethod
    def run(self, *inputs: Any) -> Any:
        """One output array, or a sequence of them, as format() said. Inputs are read-only NumPy views; a
        camera's frame is a Picture, sound and rows are [samples, channels] and [rows, columns]. Keep none
        of them."""

    def reset(self) -> None:  # noqa: B027 - most have nothing to forget
        """Forgets what was seen: frames are missing before the next one."""
