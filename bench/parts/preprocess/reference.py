"""The stated definition in float64: chroma to every pixel by its siting, matrix, clamp, resize."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# ITU-R BT.601, video range (section 2.5.3 of BT.601-7 with its luma weights 0.299 and 0.114)
GAIN, CHROMA = 255 / 219, 255 / 224
RED_OF_V, BLUE_OF_U = 1.402 * CHROMA, 1.772 * CHROMA
GREEN_OF_U, GREEN_OF_V = -BLUE_OF_U * 0.114 / 0.587, -RED_OF_V * 0.299 / 0.587


def rgb(planes: list[Array]) -> Array:
    """A yuv420p frame, BT.601, video range, chroma on the left: float64 [height, width, 3] in 0..255."""
    luma = (planes[0].astype(np.float64) - 16) * GAIN
    height, width = luma.shape
    down = lines((np.arange(height) - 0.5) / 2, planes[1].shape[0])
    across = lines(np.arange(width) / 2, planes[1].shape[1])
    u, v = (down @ (plane.astype(np.float64) - 128) @ across.T for plane in planes[1:])
    picture = [luma + RED_OF_V * v, luma + GREEN_OF_U * u + GREEN_OF_V * v, luma + BLUE_OF_U * u]
    clamped: Array = np.stack(picture, -1).clip(0, 255)
    return clamped


def lines(at: Array, count: int) -> Array:
    """Rows that weigh `count` samples linearly at each place, in indices; an end's value goes on."""
    at = at.clip(0, count - 1)
    left = np.floor(at).astype(int)
    weights = np.zeros((len(at), count))
    weights[np.arange(len(at)), left] += 1 - (at - left)
    weights[np.arange(len(at)), np.minimum(left + 1, count - 1)] += at - left
    return weights


def areas(count: int, pixels: int) -> Array:
    """Rows that weigh each pixel by how much of it an output covers."""
    edges = np.arange(count + 1) * pixels / count
    low, high = edges[:-1, None], edges[1:, None]
    start = np.arange(pixels)[None]
    return (np.minimum(high, start + 1) - np.maximum(low, start)).clip(0) / (high - low)


def resized(picture: Array, side: int, filter_: str) -> Array:
    """[side, side, 3]; bilinear between the pixels' middles, or area."""
    height, width = picture.shape[:2]

    def weights(pixels: int) -> Array:
        if filter_ == "area" and pixels > side:
            return areas(side, pixels)
        return lines((np.arange(side) + 0.5) * pixels / side - 0.5, pixels)

    down, across = weights(height), weights(width)
    return np.stack([down @ picture[..., c] @ across.T for c in range(3)], -1)
