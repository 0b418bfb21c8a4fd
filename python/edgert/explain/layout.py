"""Where boxes stand: columns by what comes before, a band a sensor, heights by the neighbours' mean.

The columns are the layers of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of
hierarchical system structures"; the order in them is found by their barycentre method, in a few sweeps to the
right and back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from .boxes import PIPELINE, VIA, Box

SWEEPS = 12
GAP = 0.7  # between boxes, in lines of text
BAND = 1.6  # between sensors


@dataclass
class Route:
    """A line from a box to another: the places where it passes the columns between them."""

    first: Box
    second: Box
    vias: list[Box]
    waits: bool


def arrange(boxes: list[Box]) -> tuple[float, list[Route]]:
    """Sets column and y (the middle, downwards) of all boxes. Answers the height of the whole, in lines, and
    how the lines between them run."""
    _columns(boxes)
    last = max((box.column for box in boxes if box.kind != PIPELINE), default=0) + 1
    for box in boxes:
        if box.kind == PIPELINE:
            box.column = last
    routes = [_route(other, box, other in box.waits) for box in boxes for other in [*box.before, *box.waits]]
    beside = _neighbours(routes)
    top = 0.0
    everything = [*boxes, *(via for route in routes for via in route.vias)]
    for sensor in dict.fromkeys(box.sensor for box in boxes):
        top = _band([box for box in everything if box.sensor == sensor], beside, top) + BAND
    return (top - BAND if boxes else 0.0), routes


Neighbours = dict[int, tuple[list[Box], list[Box]]]
"""What is left and right of a box, by its id()."""


def _route(first: Box, second: Box, waits: bool) -> Route:
    columns = range(first.column + 1, second.column)
    vias = [Box(VIA, [], second.applications, [], sensor=second.sensor, column=column) for column in columns]
    return Route(first, second, vias, waits)


def _neighbours(routes: list[Route]) -> Neighbours:
    found: Neighbours = defaultdict(lambda: ([], []))
    for route in routes:
        line = [route.first, *route.vias, route.second]
        for left, right in pairwise(line):
            found[id(left)][1].append(right)
            found[id(right)][0].append(left)
    return found


def _columns(boxes: list[Box]) -> None:
    """Each box right of all that it reads or waits for. Boxes wait for few others, so this ends soon."""
    moved = True
    while moved:
        moved = False
        for box in boxes:
            column = max((other.column + 1 for other in [*box.before, *box.waits]), default=0)
            moved |= column != box.column
            box.column = column


def _band(boxes: list[Box], beside: Neighbours, top: float) -> float:
    columns = [
        [box for box in boxes if box.column == index] for index in sorted({box.column for box in boxes})
    ]
    for column in columns:
        _stack(column, {id(box): float(index) for index, box in enumerate(column)})
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            _stack(column, {id(box): _mean(box, beside[id(box)][0 if forward else 1]) for box in column})
    least = min(box.y - box.height / 2 for box in boxes)
    for box in boxes:
        box.y += top - least
    return max(box.y + box.height / 2 for box in boxes)


def _mean(box: Box, others: Iterable[Box]) -> float:
    heights = [other.y for other in others]
    return sum(heights) / len(heights) if heights else box.y


def _stack(column: list[Box], wanted: dict[int, float]) -> None:
    """Puts boxes as near to where they want to be as they can without touching, in that order."""
    column.sort(key=lambda box: wanted[id(box)])
    groups: list[list[Box]] = []
    for box in column:
        box.y = wanted[id(box)]
        groups.append([box])
        while len(groups) > 1 and _touch(groups[-2], groups[-1]):
            groups[-2:] = [_joined(groups[-2] + groups[-1], wanted)]


def _touch(above: list[Box], below: list[Box]) -> bool:
    first, second = above[-1], below[0]
    return second.y - first.y < (first.height + second.height) / 2 + GAP - 1e-9


def _joined(group: list[Box], wanted: dict[int, float]) -> list[Box]:
    """The group packed, its mean where its boxes' wishes have theirs."""
    offset, offsets = 0.0, [0.0]
    for above, below in pairwise(group):
        offset += (above.height + below.height) / 2 + GAP
        offsets.append(offset)
    start = sum(wanted[id(box)] - shift for box, shift in zip(group, offsets, strict=True)) / len(group)
    for box, shift in zip(group, offsets, strict=True):
        box.y = start + shift
    return group
