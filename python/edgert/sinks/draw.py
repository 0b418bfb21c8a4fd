"""Answers drawn on a picture, or said in a line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..answers import (
    Classes,
    Detection,
    Detections,
    Keypoints,
    Lines,
    Mask,
    Probability,
    Reading,
    Rows,
    Track,
    Tracks,
    Zones,
)
from .canvas import Canvas, Colour, Rectangle
from .draw_tracks import Trails, draw_lines, draw_tracks, draw_zones, words_of_lines, words_of_zones

if TYPE_CHECKING:
    from ..planner.given import Fitted

Area = Rectangle | None
UNSURE = 0.2  # below it, the best class is told as a guess
KINDS = 3  # of objects that are counted in a line, at most

SURE = 0.5  # points of a lower score are left out, where points have scores


def draw(
    canvas: Canvas,
    answer: Reading | None,
    colour: Colour,
    fitted: Fitted | None = None,
    area: Area = None,
    trails: Trails | None = None,
) -> None:
    """Draws what has a place in the picture; words() says all of it in a line. `fitted` is how the model saw
    the picture, or the part `area` (x0, y0, x1, y1) of it: there a mask lies. `trails` are where tracks came
    from."""
    match answer:
        case Detections():
            for found in answer:
                canvas.box(found.box, f"{_name(found)} {found.score:.2f}", colour)
                canvas.points(found.keypoints, colour)
        case Tracks():
            draw_tracks(canvas, answer, colour, trails or {})
        case Zones():
            draw_zones(canvas, answer, colour)
        case Lines():
            draw_lines(canvas, answer, colour)
        case Keypoints():
            sure = answer.scores > SURE
            canvas.points(answer.points[sure] if sure.any() else answer.points[:0], colour)
        case Mask():
            canvas.mask(answer.array, colour, seen(area or (0.0, 0.0, *canvas.size), fitted))
        case Rows():
            for row in answer:
                draw(canvas, row.reading, colour, fitted, _area(row.place))


def words(answer: Reading | None, name: str = "") -> str:
    """An answer, of the output `name`, in a few words; empty when it has none."""
    match answer:
        case Zones():
            return words_of_zones(answer)
        case Lines():
            return words_of_lines(answer)
        case Detections() | Tracks():
            found = Counter(_name(one) for one in answer).most_common(KINDS)
            return ", ".join(f"{count} {name}" for name, count in found)
        case Keypoints():
            sure = int((answer.scores > SURE).sum())
            return f"{sure} point{'s' if sure > 1 else ''}" if sure else ""
        case Mask():
            return f"{name} covers {100 * answer.share:.0f} %".lstrip()
        case Classes():
            if (best := answer.best) is None:
                return ""
            said = f"{best[0]} {best[1]:.2f}"
            return said if best[1] >= UNSURE else f"not sure ({said})"
        case Probability():
            return f"{name} {answer.value:.2f}".lstrip()
        case Rows():
            return words(answer[-1].reading, name) if len(answer) else ""
    return ""


def seen(area: Rectangle, fitted: Fitted | None) -> Rectangle:
    """What a model's input covers: of an `area` that was letterboxed more than it, of one that was cropped
    less."""
    if fitted is None or fitted.fit == "stretch":
        return area
    x0, y0, x1, y1 = area
    scales = fitted.width / max(1.0, x1 - x0), fitted.height / max(1.0, y1 - y0)
    scale = min(scales) if fitted.fit == "letterbox" else max(scales)
    half_width, half_height = fitted.width / scale / 2, fitted.height / scale / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _name(found: Detection | Track) -> str:
    return found.label or f"class {found.index}"


def _area(place: Any) -> Area:
    """The upright box around a region; None for a window's times."""
    if place is None or len(place) != 5:
        return None
    cx, cy, width, height, _ = (float(value) for value in place)
    return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2
