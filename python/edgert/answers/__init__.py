"""What a model said, in types: light views of the result's arrays. `to_json()` makes plain data of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .base import Array, Labels, Reading
from .detections import Detection, Detections
from .places import Crossing, Line, Lines, Place, Stay, Zone, Zones
from .rows import Row, Rows
from .tracks import Track, Tracks
from .values import Classes, Embedding, Keypoints, Mask, Probability, Raw

__all__ = [
    "Classes",
    "Crossing",
    "Detection",
    "Detections",
    "Embedding",
    "Keypoints",
    "Line",
    "Lines",
    "Mask",
    "Place",
    "Probability",
    "Raw",
    "Reading",
    "Row",
    "Rows",
    "Stay",
    "Track",
    "Tracks",
    "Zone",
    "Zones",
    "read",
]


def read(
    kind: str, data: Any, labels: Labels = None, rows: Any = None, places: Sequence[Place] = ()
) -> Reading | None:
    """The reading of an output of this kind.

    `data` is the output's array, or a list of (row index, array) of what ran once a region or window, of
    which `rows` are the regions [k, 5] or the times [k, 2]. `places` are those of zones and lines. None
    gives None: it was skipped, or failed.
    """
    if data is None:
        return None
    if kind in _PLACED:
        return _PLACED[kind](np.asarray(data), places, labels)
    view = _VIEWS[kind]
    if isinstance(data, list):
        whole = None if rows is None else np.asarray(rows)
        return Rows(
            [Row(index, view(np.asarray(array), labels), _place(whole, index)) for index, array in data]
        )
    return view(np.asarray(data), labels)


_VIEWS: dict[str, Callable[[Array, Labels], Reading]] = {
    "detections": Detections,
    "tracks": Tracks,
    "classes": Classes,
    "keypoints": lambda array, labels: Keypoints(array),
    "mask": lambda array, labels: Mask(array),
    "probability": lambda array, labels: Probability(array),
    "embedding": lambda array, labels: Embedding(array),
    "regions": lambda array, labels: Raw(array),
    "raw": lambda array, labels: Raw(array),
}

_PLACED: dict[str, Callable[[Array, Sequence[Place], Labels], Reading]] = {
    "zones": Zones,
    "count": Zones,
    "lines": Lines,
}


def _place(rows: Array | None, index: int) -> Array | None:
    return rows[index] if rows is not None and index < len(rows) else None
