"""Crops of the zoo's pictures as EfficientNet-Lite0 wants them: to calibrate with, and to check with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .png import Image, read_rgb

SIDE = 224
MEAN = 127
SCALE = 128
_PARTS = (0.9, 0.6)  # of the shorter side


def crops(files: Sequence[Path]) -> Iterator[NDArray[Any]]:
    """1x3x224x224 float32 of the middle and the corners of each picture, every second one mirrored."""
    for index, (image, row, column, side) in enumerate(_places(files)):
        crop = _resized(image[row : row + side, column : column + side])
        crop = crop[:, ::-1] if index % 2 else crop
        yield ((crop.astype(np.float32) - MEAN) / SCALE).transpose(2, 0, 1)[None]


def _places(files: Sequence[Path]) -> Iterator[tuple[Image, int, int, int]]:
    for image in map(read_rgb, files):
        for part in _PARTS:
            side = int(min(image.shape[:2]) * part)
            rows, columns = image.shape[0] - side, image.shape[1] - side
            for down, right in ((0.5, 0.5), (0, 0), (1, 1)):
                yield image, int(rows * down), int(columns * right), side


def _resized(image: Image) -> Image:
    """To 224x224, each pixel the nearest."""
    positions = (np.arange(SIDE) + 0.5) * len(image) / SIDE
    nearest = positions.astype(np.int64)
    return image[nearest][:, nearest]
