"""Drawing on a picture: boxes, points, masks, lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import missing_package

Colour = tuple[int, int, int]
Pixels = npt.NDArray[np.uint8]
Rectangle = tuple[float, float, float, float]  # x0, y0, x1, y1

# told apart by people with any colour vision: Okabe and Ito's
COLOURS: tuple[Colour, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
)
INK, PAPER = (255, 255, 255), (0, 0, 0)
MASK_SHARE = 0.35  # of the mask's colour, where the mask is 1


def import_pillow(where: str) -> ModuleType:
    """PIL. Raises UnavailableError that names the extra."""
    try:
        import PIL.Image
        import PIL.ImageDraw
        import PIL.ImageFont
    except ImportError as error:
        raise missing_package(where, "pillow", "media") from error
    return PIL


class Canvas:
    """A picture, RGB uint8 [height, width, 3], that is drawn on. The array given is not changed."""

    def __init__(self, pixels: Pixels) -> None:
        self._pil = import_pillow("drawing on a picture")
        self._image = self._pil.Image.fromarray(pixels, "RGB")
        self._unit = max(1.0, max(pixels.shape[:2]) / 480)
        self._font = self._pil.ImageFont.load_default(size=round(11 * self._unit))
        self._draw = self._pil.ImageDraw.Draw(self._image)
        self._boxes: set[tuple[int, ...]] = set()
        self.labels: list[Rectangle] = []  # where those of boxes are
        self.marks = 0  # boxes, sets of points, masks and lines drawn so far

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._image.width, self._image.height

    def box(self, corners: Sequence[float], label: str, colour: Colour) -> None:
        """A rectangle (x0, y0, x1, y1 in pixels) with its label on top; the same one is drawn once."""
        rounded = tuple(round(value) for value in corners)
        if rounded in self._boxes:
            return
        self._boxes.add(rounded)
        self.marks += 1
        x0, y0, x1, y1 = (float(value) for value in corners)
        self._draw.rectangle(
            (x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=round(1.5 * self._unit)
        )
        if label:
            self._label((x0, y0, x1, y1), label, colour)

    def points(self, points: npt.NDArray[Any], colour: Colour) -> None:
        """Points: rows whose first two numbers are x and y in pixels. The more there are, the finer."""
        self.marks += len(points) > 0
        radius = self._unit * (2.5 if len(points) <= 64 else 0.8)
        for x, y in points[:, :2].tolist():
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def mask(self, mask: npt.NDArray[Any], colour: Colour, area: Sequence[float] | None = None) -> None:
        """Tints what belongs to the mask ([h, w], 0..1), laid over `area` (x0, y0, x1, y1) or the whole
        picture. What lies outside the picture is left out."""
        self.marks += 1
        x0, y0, x1, y1 = (round(v) for v in area) if area else (0, 0, *self._image.size)
        alpha = (np.clip(np.nan_to_num(mask), 0, 1) * (255 * MASK_SHARE)).astype(np.uint8)
        stencil = self._pil.Image.fromarray(alpha, "L").resize((max(1, x1 - x0), max(1, y1 - y0)))
        self._image.paste(self._pil.Image.new("RGB", stencil.size, colour), (x0, y0), stencil)

    def path(self, points: Sequence[tuple[float, float]], colour: Colour, closed: bool = False) -> None:
        """A line through points, in pixels; `closed` goes back to the first."""
        self.marks += 1
        drawn = [*points, points[0]] if closed else list(points)
        self._draw.line(drawn, fill=colour, width=round(1.5 * self._unit), joint="curve")

    def note(self, at: tuple[float, float], text: str, colour: Colour) -> None:
        """Text at a place (x, y in pixels), within the picture."""
        width, height = self._measure(text)
        x = max(0.0, min(at[0], self._image.width - width))
        y = max(0.0, min(at[1], self._image.height - height))
        self.labels.append((x, y, x + width, y + height))
        self._text((x, y), (width, height), text, colour)

    def captions(self, lines: Sequence[tuple[str, Colour]]) -> None:
        """Lines of text in the lower left corner, the last one lowest."""
        bottom = self._image.height - 3 * self._unit
        for text, colour in reversed(lines):
            self.marks += 1
            width, height = self._measure(text)
            self._text((3 * self._unit, bottom - height), (width, height), text, colour)
            bottom -= height + self._unit

    def _label(self, box: Rectangle, text: str, colour: Colour) -> None:
        """Text at a box: above it, or where else there is room."""
        width, height = self._measure(text)
        x = max(0.0, min(box[0], self._image.width - width))
        lowest = self._image.height - height
        tops = (max(0.0, box[1] - height), box[3], box[1], box[1] - 2 * height, box[3] + height)
        places = [(x, top, x + width, top + height) for top in tops if 0 <= top <= lowest]
        free = [place for place in places if not any(_overlap(place, other) for other in self.labels)]
        at = max(0.0, min(box[1] - height, lowest))
        chosen = (free or places or [(x, at, x + width, at + height)])[0]
        self.labels.append(chosen)
        self._text(chosen[:2], (width, height), text, colour)

    def _measure(self, text: str) -> tuple[float, float]:
        """Width and height of a line of text on its ground; the height is the same for all."""
        return self._font.getlength(text) + 4 * self._unit, 15 * self._unit

    def _text(
        self, corner: tuple[float, float], size: tuple[float, float], text: str, colour: Colour
    ) -> None:
        (x, y), (width, height) = corner, size
        ink = PAPER if sum(colour) > 380 else INK
        self._draw.rectangle((x, y, x + width, y + height - 1), fill=colour)
        self._draw.text((x + 2 * self._unit, y + height / 2), text, fill=ink, font=self._font, anchor="lm")

    def pixels(self) -> Pixels:
        """What was drawn: uint8 [height, width, 3]."""
        return np.asarray(self._image)

    def save(self, path: Any) -> None:
        """Writes a picture file, its kind by the path's ending."""
        self._image.save(path)


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
