"""Whether places in a frame are places: outlines that enclose something, lines that have a length."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from pydantic_core import PydanticCustomError

Spot = tuple[float, float]
FLAT = 1e-9  # of the square of its extent: an area that is none


def check_outline(corners: list[Spot]) -> list[Spot]:
    """Refuses an outline without an area, or one that crosses itself: what is inside of it isn't clear."""
    extent = max(_extent(corners, 0), _extent(corners, 1))
    if abs(_area(corners)) <= FLAT * extent * extent:
        text = "the outline encloses nothing; write corners that don't lie on one line"
        raise PydanticCustomError("flat", "{text}", {"text": text})
    sides = list(zip(range(1, len(corners) + 1), corners, [*corners[1:], corners[0]], strict=True))
    for (one, *first), (other, *second) in combinations(sides, 2):
        if _crosses(first, second):
            last = other % len(corners) + 1
            text = (
                f"the outline crosses itself: the side from corner {one} to {one + 1} and that from "
                f"{other} to {last}; write the corners in their order around it"
            )
            raise PydanticCustomError("crossed", "{text}", {"text": text})
    return corners


def check_ends(ends: list[Spot]) -> list[Spot]:
    """Refuses a line from a point to the same."""
    if ends[0] == ends[1]:
        text = "the line has no length: both ends are the same point; write two"
        raise PydanticCustomError("flat", "{text}", {"text": text})
    return ends


def _extent(corners: Sequence[Spot], axis: int) -> float:
    numbers = [corner[axis] for corner in corners]
    return max(numbers) - min(numbers)


def _area(corners: Sequence[Spot]) -> float:
    """Twice the area, with a sign for the direction (Gauss's formula), from the first corner."""
    x, y = corners[0]
    around = [(a - x, b - y) for a, b in [*corners, corners[0]]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(around))


def _crosses(one: Sequence[Spot], other: Sequence[Spot]) -> bool:
    """Whether each of two sides has the other's ends on both sides of it; touching is no crossing."""
    return _apart(one, other) and _apart(other, one)


def _apart(line: Sequence[Spot], spots: Sequence[Spot]) -> bool:
    (x, y), (u, v) = line
    left, right = ((u - x) * (b - y) - (v - y) * (a - x) for a, b in spots)
    return left < 0 < right or right < 0 < left
