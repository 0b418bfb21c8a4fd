"""Data that looks like a format's, for measuring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

SIZE = (1280, 720)
"""Of pictures whose size isn't known before they come."""
BYTES = {"rgb24": 3, "bgr24": 3, "yuyv422": 2}

Array = npt.NDArray[Any]


def frame(format: Mapping[str, Any], seed: int) -> Any:
    """A frame as Operation.run takes it: a picture's planes, a chunk of sound, or rows."""
    random = np.random.default_rng(seed)
    match format["kind"]:
        case "image":
            return planes(format, random)
        case "audio":
            samples = int(format.get("max_chunk") or format["rate"] // 10)
            shape = (samples, int(format.get("channels") or 1))
            if format.get("dtype") == "int16":
                return random.integers(-3000, 3000, shape, np.int16)
            return random.uniform(-0.1, 0.1, shape).astype(np.float32)
    rows = int(format.get("max_rows") or 1)
    return random.normal(size=(rows, len(format["columns"]))).astype(np.float32)


def planes(format: Mapping[str, Any], random: np.random.Generator) -> list[Array]:
    """The planes of a picture, [height, width] or [height, width, bytes]."""
    width, height = format.get("width") or SIZE[0], format.get("height") or SIZE[1]
    half = ((height + 1) // 2, (width + 1) // 2)
    pixel = format.get("pixel", "rgb24")
    shapes: list[tuple[int, ...]] = [(height, width)]
    if pixel in BYTES:
        shapes = [(height, width, BYTES[pixel])]
    elif pixel in ("yuv420p", "yuv420p10le"):
        shapes += [half, half]
    elif pixel in ("nv12", "p010le"):
        shapes += [(*half, 2)]
    if pixel.endswith("10le"):
        shift = 6 if pixel == "p010le" else 0  # its ten bits are the upper ones
        return [random.integers(64, 940, shape, np.uint16) << shift for shape in shapes]
    return [random.integers(16, 235, shape, np.uint8) for shape in shapes]


def tensor(spec: Mapping[str, Any], seed: int) -> Array:
    """A tensor of that dtype and shape; open extents are 1."""
    shape = [max(1, extent) for extent in spec["shape"]]
    random = np.random.default_rng(seed)
    return random.uniform(0, 1, shape).astype(np.dtype(spec["dtype"]))


def region(frame_format: Mapping[str, Any]) -> Array:
    """The middle of a picture: centre, width, height and angle."""
    width, height = frame_format.get("width") or SIZE[0], frame_format.get("height") or SIZE[1]
    return np.array([width / 2, height / 2, width / 2, height / 2, 0], np.float32)
