"""What all readings share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy.typing as npt

Array = npt.NDArray[Any]
Labels = Sequence[str] | None


class Reading(Protocol):
    """What all readings offer."""

    def to_json(self) -> Any:
        """Plain data: dicts, lists, numbers and text."""


def label_of(labels: Labels, index: int) -> str | None:
    """The name of a class, when it has one."""
    return labels[index] if labels is not None and 0 <= index < len(labels) else None


def short(number: float, digits: int = 1) -> float:
    """A number with so many digits behind the point."""
    return round(float(number), digits)


def shortened(array: Array) -> list[list[float]]:
    """Rows of numbers with two digits behind the point."""
    return [[short(number, 2) for number in row] for row in array.tolist()]
