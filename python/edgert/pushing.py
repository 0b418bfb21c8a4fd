"""What Runtime.push() takes, as the native module wants it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .errors import InvalidError, make
from .sources.base import Item, Picture, Samples
from .sources.missing import Missing

DEPTH = {"rgb24": 3, "bgr24": 3, "gray": 1}
SAMPLE_TYPES = {"audio": ("float32", "int16"), "table": ("float32",)}
WIDE = {"yuv420p10le": 3, "p010le": 2}  # planes of uint16
ON_CPU = (1, 3)  # DLPack's kDLCPU, and kDLCUDAHost: memory of the host that a GPU can read


def to_item(
    sensor: str,
    form: Mapping[str, Any],
    array: Any,
    media_time: float,
    gap: bool,
    missing: Missing | None = None,
) -> Item:
    """A frame of the sensor's format, without a copy where the array allows. `missing`: what becomes of NaN
    in sounds and rows; None lets it through. Raises InvalidError that names both."""
    where = f"push to {sensor}"
    if not math.isfinite(media_time):
        hint = "give seconds, or leave it out for the time since the start"
        raise make(InvalidError, where, f"the media time is {media_time}", hint)
    if form["kind"] == "image":
        return _picture(where, form, array, media_time, gap)
    samples = _samples(where, form, array, media_time, gap)
    if missing is not None:
        if gap:
            missing.restart()
        samples.array = missing.fill(samples.array, lambda row, at: (where, _said(form, row, at)))
    return samples


def _array(where: str, given: Any, wanted: str) -> np.ndarray[Any, Any]:
    """The object as an array, without a copy where it has one. Raises InvalidError for what has none here."""
    device = getattr(given, "__dlpack_device__", None)
    elsewhere = device is not None and device()[0] not in ON_CPU
    if elsewhere or (device is None and hasattr(given, "__cuda_array_interface__")):
        hint = "bring it to the CPU first: tensor.cpu(), or cupy.asnumpy(array)"
        raise make(InvalidError, where, f"the {type(given).__name__} is on another device", hint)
    array = np.asarray(given)
    if array.dtype.kind not in "biuf":
        what = f"got {type(given).__name__}" + (f" of {array.dtype}" if array.ndim else "")
        raise make(InvalidError, where, f"{what}, not an array of numbers", f"give {wanted}")
    return array


def _picture(where: str, form: Mapping[str, Any], array: Any, media_time: float, gap: bool) -> Picture:
    planes = list(array) if isinstance(array, (list, tuple)) else [array]
    wide = form["pixel"] in WIDE
    arrays = [_pixels(where, plane, wide) for plane in planes]
    height, width = _size(where, form, arrays)
    arrays = [plane.view(np.uint8) for plane in arrays] if wide else arrays
    strides = [plane.strides[0] for plane in arrays]
    colour = {key: form[key] for key in ("range", "matrix", "siting") if key in form}
    flat = [_spread(plane) for plane in arrays]
    return Picture(flat, strides, width, height, form["pixel"], **colour, media_time=media_time, gap=gap)


def _pixels(where: str, plane: Any, wide: bool) -> np.ndarray[Any, Any]:
    wanted = "uint16 [height, width]" if wide else "uint8 [height, width], or [height, width, 3]"
    array = _array(where, plane, wanted)
    if array.dtype != (np.uint16 if wide else np.uint8) or array.ndim not in (2, 3) or array.size == 0:
        raise make(InvalidError, where, f"got {array.dtype} {list(array.shape)}", f"give {wanted}")
    inner = array[0]
    return array if inner.flags.c_contiguous and array.strides[0] > 0 else np.ascontiguousarray(array)


def _size(where: str, form: Mapping[str, Any], planes: list[Any]) -> tuple[int, int]:
    pixel, first = form["pixel"], planes[0]
    wanted = {"yuv420p": 3, "nv12": 2, **WIDE}.get(pixel, 1)
    depth = first.shape[2] if first.ndim == 3 else 1
    if len(planes) != wanted or depth != DEPTH.get(pixel, 2 if pixel == "yuyv422" and first.ndim == 3 else 1):
        shapes = ", ".join(str(list(plane.shape)) for plane in planes)
        raise make(InvalidError, where, f"got {shapes}, the sensor's format is {pixel}", _hint(pixel))
    height, width = first.shape[:2]
    if pixel == "yuyv422" and first.ndim == 2:
        width //= 2
    for key, got in (("width", width), ("height", height)):
        if form.get(key) and form[key] != got:
            raise make(
                InvalidError, where, f"got a {key} of {got}, the sensor's is {form[key]}", "give that size"
            )
    return height, width


def _hint(pixel: str) -> str:
    hints = {
        "yuv420p": "give three arrays: [height, width] and two of [height / 2, width / 2]",
        "nv12": "give two arrays: [height, width] and [height / 2, width]",
        "yuv420p10le": "give three arrays of uint16: [height, width] and two of [height / 2, width / 2]",
        "p010le": "give two arrays of uint16: [height, width] and [height / 2, width]",
        "gray": "give one array [height, width]",
        "yuyv422": "give one array [height, width · 2]",
    }
    return hints.get(pixel, "give one array [height, width, 3]")


def _spread(plane: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The plane's memory as one run of bytes, rows `strides[0]` apart."""
    row = int(np.prod(plane.shape[1:]))
    length = (plane.shape[0] - 1) * plane.strides[0] + row
    return np.lib.stride_tricks.as_strided(plane, (length,), (1,), writeable=False)


def _samples(where: str, form: Mapping[str, Any], array: Any, media_time: float, gap: bool) -> Samples:
    columns = len(form["columns"]) if form["kind"] == "table" else form["channels"]
    types = SAMPLE_TYPES[form["kind"]] if form["kind"] == "table" else (form["dtype"],)
    wanted = f"{' or '.join(types)} [n, {columns}]"
    samples = _array(where, array, wanted)
    if samples.ndim == 1:
        samples = samples.reshape(-1, 1) if columns == 1 else samples.reshape(1, -1)
    if samples.ndim == 2 and not len(samples):
        raise make(
            InvalidError,
            where,
            f"got {samples.dtype} {list(samples.shape)}: nothing",
            f"give {wanted}, n ≥ 1",
        )
    fits = samples.ndim == 2 and samples.shape[1] == columns and samples.size > 0
    if not fits or samples.dtype.name not in types:
        raise make(InvalidError, where, f"got {samples.dtype} {list(samples.shape)}", f"give {wanted}")
    return Samples(np.ascontiguousarray(samples), media_time, 0.0, gap)


def _said(form: Mapping[str, Any], row: int, column: int) -> str:
    if form["kind"] == "table":
        return f"column {form['columns'][column]!r} of row {row} (counted from 0)"
    return f"sample {row} (counted from 0) of channel {column}"
