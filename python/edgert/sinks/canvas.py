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

    def box(self, corners: Sequence[float], label: str, colour: Colour) -> None:
        """A rectangle (x0, y0, x1, y1 in pixels) with its label on top; the same one is drawn once."""
        rounded = tuple(round(value) for value in corners)
        if rounded in self._boxes:
            return
        self._boxes.add(rounded)
        x0, y0, x1, y1 = (float(value) for value in corners)
        self._draw.rectangle(
            (x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=round(1.5 * self._unit)
        )
        if label:
            self._text(x0, y0, label, colour)

    def points(self, points: npt.NDArray[Any], colour: Colour) -> None:
        """Points: rows whose first two numbers are x and y in pixels. The more there are, the finer."""
        radius = self._unit * (2.5 if len(points) <= 64 else 0.8)
        for x, y in points[:, :2].tolist():
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def mask(self, mask: npt.NDArray[Any], colour: Colour, area: Sequence[float] | None = None) -> None:
        """Tints what belongs to the mask ([h, w], 0..1), laid over `area` (x0, y0, x1, y1) or the whole
        picture."""
        x0, y0, x1, y1 = (round(v) for v in area) if area else (0, 0, *self._image.size)
        alpha = (np.clip(np.nan_to_num(mask), 0, 1) * (255 * MASK_SHARE)).astype(np.uint8)
        stencil = self._pil.Image.fromarray(alpha, "L").resize((max(1, x1 - x0), max(1, y1 - y0)))
        self._image.paste(self._pil.Image.new("RGB", stencil.size, colour), (x0, y0), stencil)

    def captions(self, lines: Sequence[tuple[str, Colour]]) -> None:
        """Lines of text in the lower left corner, the last one lowest."""
        y = self._image.height - 4 * self._unit
        for text, colour in reversed(lines):
            self._text(4 * self._unit, y, text, colour)
            y -= 16 * self._unit

    def _text(self, x: float, y: float, text: str, colour: Colour) -> None:
        left, top, right, bottom = self._draw.textbbox((x, y), text, font=self._font, anchor="lb")
        down = max(0.0, -top)  # labels at the upper edge stay inside
        ink = PAPER if sum(colour) > 380 else INK
        pad = self._unit
        self._draw.rectangle((left - pad, top + down - pad, right + pad, bottom + down + pad), fill=colour)
        self._draw.text((x, y + down), text, fill=ink, font=self._font, anchor="lb")

    def pixels(self) -> Pixels:
        """What was drawn: uint8 [height, width, 3]."""
        return np.asarray(self._image)

    def save(self, path: Any) -> None:
        """Writes a picture file, its kind by the path's ending."""
        self._image.save(path)
