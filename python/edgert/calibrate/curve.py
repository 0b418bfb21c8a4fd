"""What would have been computed on a recording: the rule of the core (plan/scene_recall.cc), by frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .losses import lost

Array = npt.NDArray[Any]

GRIDS = ((32, 18), (64, 36), (128, 72))
"""Columns and rows that are tried."""
THRESHOLDS = tuple(float(value) for value in np.round(np.geomspace(1, 160, 30), 1))
"""Levels of 255."""
FINER = 7  # more of them, where the loss is crossed
AGES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
"""Of max_age, in seconds, for comparison."""


@dataclass(frozen=True)
class Recording:
    """Full answers of a step: of each frame the time in seconds, the detections [N, 6], the cells by grid."""

    times: list[float]
    detections: list[Array]
    cells: dict[tuple[int, int], list[Array]]

    def until(self, time: float) -> Recording:
        """Its beginning, up to that time."""
        return self._part(slice(None, sum(one <= time for one in self.times)))

    def since(self, time: float) -> Recording:
        """What comes after that time."""
        return self._part(slice(sum(one <= time for one in self.times), None))

    def _part(self, part: slice) -> Recording:
        cells = {grid: pictures[part] for grid, pictures in self.cells.items()}
        return Recording(self.times[part], self.detections[part], cells)


@dataclass(frozen=True)
class Point:
    """One setting. `grid` is None for max_age, whose `threshold` is an age in seconds.

    `executed` and `lost` are shares: of the frames, and of all their detections.
    """

    grid: tuple[int, int] | None
    threshold: float
    executed: float
    lost: float
    oldest: float
    """Seconds: the greatest age that was used."""

    @property
    def saved(self) -> float:
        """The share of executions that is saved."""
        return 1 - self.executed


Curve = list[Point]


def change(before: Array, now: Array) -> float:
    """The largest difference of a cell, in levels, less what is common to all (the upper median)."""
    differences = (now - before).astype(np.float32).ravel()
    middle = len(differences) // 2
    common = np.partition(differences, middle)[middle]
    return float(np.abs(differences - common).max())


def used_by_scene(times: list[float], cells: list[Array], threshold: float, at_most: float) -> list[int]:
    """Of each frame, the frame whose result serves it."""
    used: list[int] = []
    for index, (time, picture) in enumerate(zip(times, cells, strict=True)):
        last = used[-1] if used else -1
        alike = last >= 0 and 0 <= time - times[last] <= at_most and change(cells[last], picture) <= threshold
        used.append(last if alike else index)
    return used


def used_by_age(times: list[float], max_age: float) -> list[int]:
    """The same for max_age. A microsecond more is allowed, since times are written in decimals."""
    used: list[int] = []
    for index, time in enumerate(times):
        last = used[-1] if used else -1
        used.append(last if last >= 0 and 0 <= time - times[last] <= max_age + 1e-6 else index)
    return used


def point(recording: Recording, used: list[int], grid: tuple[int, int] | None, threshold: float) -> Point:
    """What was saved and lost when the frames are served like this."""
    full = recording.detections
    total = sum(map(len, full))
    missing = sum(lost(full[index], full[of]) for index, of in enumerate(used) if of != index)
    oldest = max((recording.times[index] - recording.times[of] for index, of in enumerate(used)), default=0.0)
    return Point(grid, threshold, len(set(used)) / max(1, len(used)), missing / max(1, total), oldest)


def by_scene(recording: Recording, at_most: float, loss: float) -> Curve:
    """A point for each grid and threshold, with more of them where the loss is crossed."""
    curve: Curve = []
    for grid in recording.cells:
        points = _points(recording, grid, at_most, THRESHOLDS)
        beyond = next((index for index, one in enumerate(points) if one.lost > loss), 0)
        if beyond:
            between = np.linspace(points[beyond - 1].threshold, points[beyond].threshold, FINER + 2)[1:-1]
            points += _points(recording, grid, at_most, [float(value) for value in np.round(between, 2)])
        curve += sorted(points, key=lambda one: one.threshold)
    return curve


def _points(
    recording: Recording, grid: tuple[int, int], at_most: float, thresholds: Iterable[float]
) -> Curve:
    times, cells = recording.times, recording.cells[grid]
    return [
        point(recording, used_by_scene(times, cells, threshold, at_most), grid, threshold)
        for threshold in thresholds
    ]


def by_age(recording: Recording, ages: Iterable[float] = AGES) -> Curve:
    """A point for each age."""
    return [point(recording, used_by_age(recording.times, age), None, age) for age in ages]


def chosen(curve: Curve, loss: float) -> Point | None:
    """The point that saves most within the loss, and of equals loses least. None: nothing is saved."""
    within = [one for one in curve if one.lost <= loss and one.saved > 0]
    return max(within, key=lambda one: (one.saved, -one.lost), default=None)
