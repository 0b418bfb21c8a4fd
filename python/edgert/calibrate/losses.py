"""How many detections an earlier frame's answer lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
IOU = 0.5


def overlaps(one: Array, other: Array) -> Array:
    """[N, M]: intersection over union of boxes [N, 4] and [M, 4] as x0, y0, x1, y1."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - both
    shares: Array = np.divide(both, union, out=np.zeros_like(both), where=union > 0)
    return shares


def lost(full: Array, served: Array, iou: float = IOU) -> int:
    """How many rows of `full` have no partner in `served`, of the same class and with that overlap.

    Each partner serves once; the higher score chooses first. Rows are x0, y0, x1, y1, score, class.
    """
    if not len(full) or not len(served):
        return len(full)
    fits = overlaps(full[:, :4], served[:, :4])
    fits[full[:, 5][:, None] != served[:, 5][None, :]] = 0
    found = 0
    for row in np.argsort(-full[:, 4], kind="stable"):
        best = int(np.argmax(fits[row]))
        if fits[row, best] >= iou:
            fits[:, best] = 0
            found += 1
    return len(full) - found
