"""Pictures to tensors in plain NumPy, float64, in two ways.

`planes_first` is what image.to_tensor promises: chroma is brought to each pixel, the pixel becomes a colour
drawn to 0..255, colours are sampled. `pixels_first` is what most scripts do: each pixel becomes RGB bytes
(by swscale), then the picture is resized. They differ by swscale's chroma and by the rounding to bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# ITU-R BT.601, studio swing
RED_OF_V, BLUE_OF_U = 1.402 * 255 / 224, 1.772 * 255 / 224
GREEN_OF_U, GREEN_OF_V = -0.344136286 * 255 / 224, -0.714136286 * 255 / 224


def frames(path: Path, every: int, count: int) -> Iterator[Any]:
    """Some frames of a video, as FFmpeg decodes them."""
    with av.open(str(path)) as container:
        yield from islice(container.decode(video=0), 0, every * count, every)


def picture(path: Path) -> Array:
    """A PNG: [height, width, 3]."""
    (frame,) = frames(path, 1, 1)
    pixels: Array = frame.to_ndarray(format="rgb24")
    return pixels


def plane(frame: Any, index: int) -> Array:
    """One plane [height, width] of a decoded frame, without the padding of its rows."""
    raw = frame.planes[index]
    rows = np.frombuffer(raw, np.uint8).reshape(raw.height, raw.line_size)
    return rows[:, : raw.width].astype(np.float64)


def planes_first(frame: Any) -> Array:
    """A yuv420p frame as RGB [height, width, 3], drawn to 0..255 and not rounded."""
    luma = (plane(frame, 0) - 16) * 255 / 219
    height, width = luma.shape
    columns = np.arange(width) / 2  # MPEG-2's siting: on the left pixels, between the rows
    rows = (np.arange(height) - 0.5) / 2
    u, v = (interpolated(plane(frame, index) - 128, rows, columns) for index in (1, 2))
    rgb = np.stack([luma + RED_OF_V * v, luma + GREEN_OF_U * u + GREEN_OF_V * v, luma + BLUE_OF_U * u], -1)
    return rgb.clip(0, 255)


def pixels_first(frame: Any) -> Array:
    """The frame as swscale makes RGB bytes of it."""
    pixels: Array = frame.to_ndarray(format="rgb24")
    return pixels


def interpolated(samples: Array, rows: Array, columns: Array) -> Array:
    """Bilinear at all pairs of (row, column), in indices; beyond the border its value goes on."""
    height, width = samples.shape
    (top, low), (left, right) = neighbours(rows, height), neighbours(columns, width)
    down = (rows.clip(0, height - 1) - top)[:, None]
    across = columns.clip(0, width - 1) - left
    above = samples[top][:, left] * (1 - across) + samples[top][:, right] * across
    below = samples[low][:, left] * (1 - across) + samples[low][:, right] * across
    result: Array = above * (1 - down) + below * down
    return result


def neighbours(at: Array, count: int) -> tuple[Array, Array]:
    left = np.floor(at.clip(0, count - 1)).astype(int)
    return left, np.minimum(left + 1, count - 1)


def place(region: Array, size: int, fit: str) -> Array:
    """[2, 3]: from a square input's pixels to the frame's, for a region (cx, cy, width, height, angle)."""
    cx, cy, width, height, angle = np.asarray(region, np.float64)
    steps = np.array([width, height]) / size
    if fit == "letterbox":
        steps[:] = np.max(steps)
    if fit == "centre_crop":
        steps[:] = np.min(steps)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn * steps
    return np.column_stack([linear, [cx, cy] - linear @ [size / 2, size / 2]])


def whole(rgb: Array) -> Array:
    """The region that is all of a picture."""
    height, width = rgb.shape[:2]
    return np.array([width / 2, height / 2, width, height, 0.0])


def tensor(rgb: Array, size: int, fit: str, region: Array | None = None) -> Array:
    """[size, size, 3] in 0..255: bilinear between the pixels' middles, 0 outside of the picture."""
    way = place(whole(rgb) if region is None else region, size, fit)
    across, down = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    x, y = (row[0] * across + row[1] * down + row[2] for row in way)
    height, width = rgb.shape[:2]
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    (left, right), (top, low) = neighbours(x - 0.5, width), neighbours(y - 0.5, height)
    right_part = ((x - 0.5).clip(0, width - 1) - left)[..., None]
    low_part = ((y - 0.5).clip(0, height - 1) - top)[..., None]
    above = rgb[top, left] * (1 - right_part) + rgb[top, right] * right_part
    below = rgb[low, left] * (1 - right_part) + rgb[low, right] * right_part
    seen: Array = (above * (1 - low_part) + below * low_part).clip(0, 255)
    seen *= inside[..., None]
    return seen


def ranged(pixels: Array, low: float, high: float) -> Array:
    """float32 [1, height, width, 3], 0 becoming `low` and 255 `high`."""
    values: Array = (pixels / 255 * (high - low) + low).astype(np.float32)
    return values[None]
