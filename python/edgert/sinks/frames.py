"""A result's frame as an RGB picture, to draw on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..sources.media import import_av

AV_RANGE = {"video": 1, "full": 2}
AV_MATRIX = {"bt709": 1, "bt601": 6}


def to_rgb(frame: Any) -> npt.NDArray[np.uint8]:
    """The frame (width, height, pixel, planes: arrays [rows, bytes]) as uint8 [height, width, 3]. A copy."""
    plane = np.asarray(frame.planes[0])
    if frame.pixel in ("rgb24", "bgr24"):
        rgb = _rows(plane, frame.height, 3 * frame.width).reshape(frame.height, frame.width, 3)
        return np.ascontiguousarray(rgb if frame.pixel == "rgb24" else rgb[..., ::-1])
    if frame.pixel == "gray":
        return np.repeat(_rows(plane, frame.height, frame.width)[..., None], 3, axis=2)
    return _from_yuv(frame)


def _rows(plane: npt.NDArray[Any], height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.asarray(plane, np.uint8).reshape(plane.shape[0], -1)[:height, :width]


def _from_yuv(frame: Any) -> npt.NDArray[np.uint8]:
    av = import_av("an annotated picture")
    picture = av.VideoFrame(frame.width, frame.height, frame.pixel)
    for target, source in zip(picture.planes, frame.planes, strict=True):
        rows = np.asarray(source, np.uint8)
        rows = rows.reshape(rows.shape[0], -1)
        whole = np.zeros((target.height, target.line_size), np.uint8)
        width = min(rows.shape[1], target.line_size)
        whole[:, :width] = rows[: target.height, :width]
        target.update(whole)
    picture.color_range = AV_RANGE[getattr(frame, "range", "video")]
    picture.colorspace = AV_MATRIX[getattr(frame, "matrix", "bt601")]
    pixels: npt.NDArray[np.uint8] = picture.to_ndarray(format="rgb24")
    return pixels
