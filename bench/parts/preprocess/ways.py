"""What others offer for the same: OpenCV in several ways, swscale by PyAV, NumPy. One thread each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation, VideoReformatter

Array = npt.NDArray[Any]
Way = Callable[[], Array]
CV = {"bilinear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}
SWS = {"bilinear": "BILINEAR", "area": "AREA"}
WHOLE = ("opencv whole", "swscale whole", "numpy")
"""Families that bring pixels to colours before they sample them, as the definition says."""
SCALE, OFFSET = 1 / 127.5, -1.0  # of the normalised tensors, all channels alike
ENCODING = {"float32": (SCALE, OFFSET), "int8": (1.0, -128.0)}  # scale and offset by type
TABLE = (np.arange(256, dtype=np.float32) * np.float32(SCALE) + np.float32(OFFSET)).reshape(1, 256)

cv2.setNumThreads(1)


def finishes(layout: str, dtype: str) -> dict[str, Callable[[Array], Array]]:
    """Ways from RGB bytes [side, side, 3] to the tensor."""
    if dtype == "int8":
        if layout == "nhwc":
            return {"xor": lambda rgb: cv2.bitwise_xor(rgb, (128, 128, 128, 0)).view(np.int8)[None]}
        return {
            "split": lambda rgb: np.stack(cv2.split(cv2.bitwise_xor(rgb, (128,) * 4))).view(np.int8)[None]
        }
    if layout == "nchw":
        mean = (127.5, 127.5, 127.5)
        return {
            "blob": lambda rgb: cv2.dnn.blobFromImage(rgb, SCALE, mean=mean),
            "split": lambda rgb: _split(rgb),
        }
    return {
        "table": lambda rgb: cv2.LUT(rgb, TABLE)[None],
        "numpy": lambda rgb: np.multiply(rgb, np.float32(SCALE), dtype=np.float32)[None] + np.float32(OFFSET),
    }


def _split(rgb: Array) -> Array:
    out = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    for c, plane in enumerate(cv2.split(rgb)):
        cv2.LUT(plane, TABLE, dst=out[0, c])
    return out


def opencv(planes: list[Array], side: int, layout: str, filter_: str, dtype: str) -> dict[str, Way]:
    """Whole frames (convert, resize) and plane by plane (resize, convert), each with each finish."""
    height, width = planes[0].shape
    joined = np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)
    small = np.empty((side * 3 // 2, side), np.uint8)
    flat, half = small.reshape(-1), side // 2
    parts = [
        small[:side],
        flat[side * side : side * side + half * half].reshape(half, half),
        flat[side * side + half * half :].reshape(half, half),
    ]

    def whole() -> Array:
        return cv2.resize(
            cv2.cvtColor(joined, cv2.COLOR_YUV2RGB_I420), (side, side), interpolation=CV[filter_]
        )

    def by_plane() -> Array:
        for plane, part in zip(planes, parts, strict=True):
            cv2.resize(plane, part.shape[::-1], dst=part, interpolation=CV[filter_])
        return cv2.cvtColor(small, cv2.COLOR_YUV2RGB_I420)

    return {
        f"opencv {name}, {end}": lambda first=first, last=last: last(first())
        for name, first in (("whole", whole), ("by plane", by_plane))
        for end, last in finishes(layout, dtype).items()
    }


def swscale(planes: list[Array], side: int, layout: str, filter_: str, dtype: str) -> dict[str, Way]:
    """PyAV's reformat to small RGB, which scales planes, or to RGB as it is, with full chroma and accurate
    rounding, which OpenCV resizes; and each of OpenCV's finishes."""
    height, width = planes[0].shape
    frame = av.VideoFrame.from_ndarray(
        np.concatenate([plane.reshape(-1) for plane in planes]).reshape(-1, planes[0].shape[1]), "yuv420p"
    )
    reformatter = VideoReformatter()
    exact = Interpolation.BILINEAR | Interpolation.ACCURATE_RND
    exact |= Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP

    def rgb(columns: int, rows: int, interpolation: Any) -> Array:
        out = reformatter.reformat(frame, columns, rows, "rgb24", interpolation=interpolation, threads=1)
        plane = out.planes[0]
        lines = np.frombuffer(plane, np.uint8).reshape(rows, plane.line_size)
        return lines[:, : 3 * columns].reshape(rows, columns, 3)

    def whole() -> Array:
        converted = rgb(width, height, exact)
        return cv2.resize(converted, (side, side), interpolation=CV[filter_])

    def scaled() -> Array:
        return rgb(side, side, SWS[filter_])

    return {
        f"{name}, {end}": lambda first=first, last=last: last(first())
        for name, first in (("swscale", scaled), ("swscale whole", whole))
        for end, last in finishes(layout, dtype).items()
    }


def numpy_way(planes: list[Array], side: int, layout: str, filter_: str, dtype: str) -> dict[str, Way]:
    """What is usually written without a library: nearest chroma, bilinear by indices, in float32."""
    if filter_ != "bilinear":
        return {}
    height, width = planes[0].shape

    def axis(pixels: int) -> tuple[Array, Array, Array]:
        at = ((np.arange(side) + 0.5) * pixels / side - 0.5).clip(0, pixels - 1).astype(np.float32)
        left = at.astype(int)
        return left, np.minimum(left + 1, pixels - 1), at - left

    (top, low, down), (left, right, across) = axis(height), axis(width)

    def pixel(rows: Array, columns: Array) -> Array:
        y = (planes[0][np.ix_(rows, columns)].astype(np.float32) - 16) * np.float32(255 / 219)
        u, v = (planes[k][np.ix_(rows // 2, columns // 2)].astype(np.float32) - 128 for k in (1, 2))
        return np.stack([y + 1.596 * v, y - 0.392 * u - 0.813 * v, y + 2.017 * u], -1).clip(0, 255)

    def run() -> Array:
        part, below = across[None, :, None], down[:, None, None]
        upper = pixel(top, left) * (1 - part) + pixel(top, right) * part
        lower = pixel(low, left) * (1 - part) + pixel(low, right) * part
        rgb = upper * (1 - below) + lower * below
        if dtype == "int8":
            tensor = (np.rint(rgb) - 128).astype(np.int8)
        else:
            tensor = rgb * np.float32(SCALE) + np.float32(OFFSET)
        return np.ascontiguousarray(tensor if layout == "nhwc" else tensor.transpose(2, 0, 1))[None]

    return {"numpy": run}


def converts_first(name: str) -> bool:
    """Whether the way of this name is one of WHOLE, whatever it ends with."""
    return name.partition(",")[0] in WHOLE


def all_ways(planes: list[Array], side: int, layout: str, filter_: str, dtype: str) -> dict[str, Way]:
    arguments = (planes, side, layout, filter_, dtype)
    return {**opencv(*arguments), **swscale(*arguments), **numpy_way(*arguments)}
