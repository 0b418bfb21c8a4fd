"""How well tracks keep identities: IDF1, MOTA and switches, by the library motmetrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from parts.track.scenes import Frame

Array = npt.NDArray[Any]
LEAST_IOU = 0.5


def overlaps(a: Array, b: Array) -> Array:
    """[N, M] of intersection over union."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    both = np.clip(high - low, 0, None).prod(2)
    area = [(boxes[:, 2:4] - boxes[:, :2]).prod(1) for boxes in (a, b)]
    return both / np.maximum(area[0][:, None] + area[1][None] - both, 1e-9)


def scores(scenes: Iterable[list[Frame]], tracked: Iterable[list[Array]]) -> dict[str, float]:
    """`tracked`: for each frame [N, 5] of id and box. idf1, mota, switches and recall over all scenes."""
    import motmetrics

    accumulators = []
    for frames, tracks in zip(scenes, tracked, strict=True):
        accumulator = motmetrics.MOTAccumulator(auto_id=True)
        for frame, rows in zip(frames, tracks, strict=True):
            distance = 1 - overlaps(frame.truth[:, 1:], rows[:, 1:])
            distance[distance > 1 - LEAST_IOU] = np.nan
            accumulator.update(frame.truth[:, 0].astype(int), rows[:, 0].astype(int), distance)
        accumulators.append(accumulator)
    table = motmetrics.metrics.create().compute_many(
        accumulators, metrics=["idf1", "mota", "num_switches", "recall"], generate_overall=True
    )
    overall = table.loc["OVERALL"]
    return {
        "idf1": float(overall["idf1"]),
        "mota": float(overall["mota"]),
        "switches": int(overall["num_switches"]),
        "recall": float(overall["recall"]),
    }
