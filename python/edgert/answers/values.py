"""Classes, points, masks, numbers and vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .base import Array, Labels, label_of, short, shortened


@dataclass(frozen=True)
class Classes:
    """The most probable classes, in falling order. `array`: [top, 2] of index, probability."""

    array: Array
    labels: Labels = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[tuple[str | int, float]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> tuple[str | int, float]:
        number = int(self.array[index, 0])
        label = label_of(self.labels, number)
        return (number if label is None else label), float(self.array[index, 1])

    @property
    def best(self) -> tuple[str | int, float] | None:
        """The most probable one; None when all are below the least score."""
        return self[0] if len(self) else None

    def to_json(self) -> list[dict[str, Any]]:
        """One class each."""
        return [
            {"label" if isinstance(name, str) else "class": name, "score": short(score, 4)}
            for name, score in self
        ]


@dataclass(frozen=True)
class Keypoints:
    """Points. `array`: [K, 4] of x, y in pixels of the frame, z in the same unit, score."""

    array: Array

    def __len__(self) -> int:
        return len(self.array)

    @property
    def points(self) -> Array:
        """[K, 2]: x, y in pixels of the frame."""
        return self.array[:, :2]

    @property
    def scores(self) -> Array:
        """[K]."""
        return self.array[:, 3]

    def to_json(self) -> list[list[float]]:
        """[x, y, z, score] each."""
        return shortened(self.array)


@dataclass(frozen=True)
class Mask:
    """How much each pixel belongs to it. `array`: [H, W] in 0..1, at the model's resolution."""

    array: Array

    @property
    def share(self) -> float:
        """The part of the picture that is above one half."""
        return float((self.array > 0.5).mean()) if self.array.size else 0.0

    def to_json(self) -> dict[str, Any]:
        """Its size and share; not the pixels."""
        return {
            "height": int(self.array.shape[0]),
            "width": int(self.array.shape[1]),
            "share": short(self.share, 4),
        }


@dataclass(frozen=True)
class Probability:
    """One number in 0..1. `array`: [1], or [2] where the document has a cutoff: the number, 1 if above."""

    array: Array

    @property
    def value(self) -> float:
        """The number."""
        return float(self.array.reshape(-1)[0])

    @property
    def fired(self) -> bool:
        """Whether it is above the document's cutoff; never without one."""
        flat = self.array.reshape(-1)
        return len(flat) > 1 and bool(flat[1] > 0)

    def __float__(self) -> float:
        return self.value

    def to_json(self) -> Any:
        """The number; with a cutoff, {"probability": number, "fired": bool}."""
        number = short(self.value, 6)
        return {"probability": number, "fired": self.fired} if self.array.size > 1 else number


@dataclass(frozen=True)
class Embedding:
    """A vector. `array`: [D]."""

    array: Array

    def similarity(self, other: Embedding) -> float:
        """The cosine of the angle between two."""
        lengths = float(np.linalg.norm(self.array) * np.linalg.norm(other.array))
        return float(self.array.reshape(-1) @ other.array.reshape(-1)) / lengths if lengths else 0.0

    def to_json(self) -> list[float]:
        """Its numbers."""
        return [short(number, 6) for number in self.array.reshape(-1).tolist()]


@dataclass(frozen=True)
class Raw:
    """A tensor as it is."""

    array: Array

    def to_json(self) -> dict[str, Any]:
        """Shape, type and numbers."""
        return {
            "shape": list(self.array.shape),
            "dtype": str(self.array.dtype),
            "values": self.array.tolist(),
        }
