"""What a model said, in types: light views of the result's arrays. `to_json()` makes plain data of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .base import Array, Labels, Reading
from .detections import Detection, Detections
from .rows import Row, Rows
from .values import Classes, Embedding, Keypoints, Mask, Probability, Raw

__all__ = [
    "Classes",
    "Detection",
    "Detections",
    "Embedding",
    "Keypoints",
    "Mask",
    "Probability",
    "Raw",
    "Reading",
    "Row",
    "Rows",
    "read",
]


def read(kind: str, data: Any, labels: Labels = None, rows: Any = None) -> Reading | None:
    """The reading of an output of this kind.

    `data` is the output's array, or a list of (row index, array) of what ran once a region or window, of
    which `rows` are the regions [k, 5] or the times [k, 2]. None gives None: it was skipped, or failed.
    """
    if data is None:
        return None
    view = _VIEWS[kind]
    if isinstance(data, list):
        whole = None if rows is None else np.asarray(rows)
        return Rows(
            [Row(index, view(np.asarray(array), labels), _place(whole, index)) for index, array in data]
        )
    return view(np.asarray(data), labels)


_VIEWS: dict[str, Callable[[Array, Labels], Reading]] = {
    "detections": Detections,
    "classes": Classes,
    "keypoints": lambda array, labels: Keypoints(array),
    "mask": lambda array, labels: Mask(array),
    "probability": lambda array, labels: Probability(array),
    "embedding": lambda array, labels: Embedding(array),
    "regions": lambda array, labels: Raw(array),
    "raw": lambda array, labels: Raw(array),
}


def _place(rows: Array | None, index: int) -> Array | None:
    return rows[index] if rows is not None and index < len(rows) else None
