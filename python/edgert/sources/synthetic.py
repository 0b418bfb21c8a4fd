"""Generated pictures, whose content is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import InvalidError, make
from .base import Format, Picture, find_file
from .container import Container
from .media import import_av
from .patterns import PATTERNS, Pixels, pan_offset
from .pixels import to_picture

PAN = "pan"
Painter = Callable[[int], Picture]


class Synthetic:
    """`count` pictures (none: endless) of `width` × `height`, `rate` a second.

    pattern: one of patterns.PATTERNS, or `pan`: a window that wanders over the picture `path`;
    patterns.pan_offset() says where it is.
    """

    def __init__(
        self,
        base_dir: Path,
        pattern: str = "moving",
        path: str | None = None,
        width: int = 640,
        height: int = 480,
        rate: float = 30.0,
        pixel: str = "yuv420p",
        count: int | None = None,
        speed: str = "original",
    ) -> None:
        self._pattern, self._path, self._base = pattern, path, base_dir
        self._width, self._height, self._pixel = width, height, pixel
        self._rate, self._count = rate, count
        self.realtime = speed == "original"
        self.copied_bytes = 0

    def probe(self) -> Format:
        """The format that the document says. Draws one picture, so that what can't be drawn is refused
        now."""
        first = self._painter()(0)
        return {
            "kind": "image", "pixel": self._pixel, "width": self._width, "height": self._height,
            "range": first.range, "matrix": first.matrix, "siting": first.siting,
        }  # fmt: skip

    def frames(self) -> Iterator[Picture]:
        """The pictures. A pan's RGB ones are windows into the one picture's memory."""
        paint = self._painter()
        index = 0
        while self._count is None or index < self._count:
            began = time.perf_counter_ns()
            picture = paint(index)
            picture.media_time = index / self._rate
            picture.decode_ms = (time.perf_counter_ns() - began) / 1e6
            yield picture
            index += 1

    def _painter(self) -> Painter:
        if self._pattern == PAN:
            paint = self._pan()
        elif self._pattern in PATTERNS:
            paint = self._pattern_painter(PATTERNS[self._pattern])
        else:
            known = ", ".join([*PATTERNS, PAN])
            raise make(
                InvalidError, "source synthetic", f"no pattern {self._pattern!r}", f"use one of {known}"
            )
        return paint if self._pixel == "rgb24" else self._converted(paint)

    def _pattern_painter(self, draw: Callable[[int, int, int], Pixels]) -> Painter:
        return lambda index: self._rgb(draw(index, self._width, self._height).reshape(-1), 3 * self._width)

    def _rgb(self, pixels: Pixels, stride: int) -> Picture:
        return Picture([pixels], [stride], self._width, self._height, "rgb24", range="full")

    def _pan(self) -> Painter:
        if not self._path:
            raise make(InvalidError, "source synthetic", "a pan needs a picture", "give its `path`")
        picture = read_rgb(find_file(self._path, self._base), self._path)
        height, width = picture.shape[:2]
        if self._width > width or self._height > height:
            what = f"is {width}×{height}, smaller than the window of {self._width}×{self._height}"
            raise make(InvalidError, self._path, what, "make width and height smaller")
        flat, stride = picture.reshape(-1), 3 * width

        def window(index: int) -> Picture:
            x, y = pan_offset(index, width - self._width, height - self._height)
            begin = y * stride + 3 * x
            return self._rgb(flat[begin : begin + (self._height - 1) * stride + 3 * self._width], stride)

        return window

    def _converted(self, paint: Painter) -> Painter:
        """The same pictures in another pixel format, by FFmpeg."""
        av = import_av("source synthetic")

        def converted(index: int) -> Picture:
            rgb = as_array(paint(index))
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=self._pixel)
            return to_picture(frame)[0]

        return converted

    def close(self) -> None:
        """Nothing is held open."""


def as_array(picture: Picture) -> Pixels:
    """An RGB picture as uint8 [height, width, 3], contiguous."""
    import numpy as np

    shape, strides = (picture.height, picture.width, 3), (picture.strides[0], 3, 1)
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(picture.planes[0], shape, strides))


def read_rgb(path: Path, where: str) -> Pixels:
    """A picture file as RGB [height, width, 3]."""
    container = Container(str(path), where, "give a picture that FFmpeg can decode")
    try:
        return container.first_rgb()
    finally:
        container.close()
