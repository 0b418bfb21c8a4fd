"""What the synthetic source draws. Each pattern: (index, width, height) -> uint8 [height, width, 3], RGB."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
PAN_PERIOD = 100  # pictures from the one corner and back


def moving(index: int, width: int, height: int) -> Pixels:
    """Red rises to the right, green downwards, both moving four levels a picture; blue counts pictures."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[..., 0] = (np.arange(width) * 255 // max(1, width - 1) + 4 * index) % 256
    picture[..., 1] = ((np.arange(height) * 255 // max(1, height - 1) + 4 * index) % 256)[:, None]
    picture[..., 2] = index % 256
    return picture


def checker(index: int, width: int, height: int, square: int = 32) -> Pixels:
    """Black and white squares that move right by two pixels a picture."""
    across = (np.arange(width) - 2 * index) // square
    down = np.arange(height) // square
    field = ((across[None, :] + down[:, None]) % 2 * 255).astype(np.uint8)
    return np.repeat(field[..., None], 3, axis=2)


def noise(index: int, width: int, height: int) -> Pixels:
    """Random pixels, the same for the same index."""
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), np.uint8)


PATTERNS: dict[str, Callable[[int, int, int], Pixels]] = {
    "moving": moving,
    "checker": checker,
    "noise": noise,
}


def pan_offset(index: int, room_x: int, room_y: int) -> tuple[int, int]:
    """Where the window of picture `index` begins in the whole picture: (x, y) pixels, from 0 to the room
    there is."""
    turn = 2 * math.pi * index / PAN_PERIOD
    return round(room_x * (1 - math.cos(turn)) / 2), round(room_y * (1 - math.cos(2 * turn)) / 2)
