"""Answers drawn on a picture, or said in a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..answers import Classes, Detections, Keypoints, Mask, Probability, Reading, Rows
from .canvas import Canvas, Colour

SURE = 0.5  # points of a lower score are left out, where points have scores


def draw(canvas: Canvas, answer: Reading | None, colour: Colour, area: Sequence[float] | None = None) -> bool:
    """Draws what has a place in the picture; `area` is where a mask lies. False when there was nothing to
    draw on the picture, and words() says it instead."""
    match answer:
        case Detections():
            for found in answer:
                label = f"{found.label or found.index} {found.score:.2f}"
                canvas.box(found.box, label, colour)
                canvas.points(found.keypoints, colour)
        case Keypoints():
            sure = answer.scores > SURE
            canvas.points(answer.points[sure] if sure.any() else answer.points[:0], colour)
        case Mask():
            canvas.mask(answer.array, colour, area)
        case Rows():
            drawn = [draw(canvas, row.reading, colour, _area(row.place)) for row in answer]
            return any(drawn)
        case _:
            return False
    return True


def words(answer: Reading | None) -> str:
    """An answer in a few words; empty when it has none."""
    match answer:
        case Classes():
            return f"{answer[0][0]} {answer[0][1]:.2f}" if len(answer) else ""
        case Probability():
            return f"{answer.value:.2f}"
        case Rows():
            return words(answer[-1].reading) if len(answer) else ""
    return ""


def _area(place: Any) -> tuple[float, float, float, float] | None:
    """The upright box around a region; None for a window's times."""
    if place is None or len(place) != 5:
        return None
    cx, cy, width, height, _ = (float(value) for value in place)
    return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2
