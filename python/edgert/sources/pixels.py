"""A decoded frame's planes, as they lie in the decoder's memory."""

from __future__ import annotations

from typing import Any

from .base import Picture

FULL_RANGE = 2  # AVCOL_RANGE_JPEG
MATRIX = {1: "bt709", 5: "bt601", 6: "bt601", 4: "bt601", 7: "bt709"}  # AVColorSpace
DIRECT = {
    "yuv420p": "yuv420p",
    "yuvj420p": "yuv420p",
    "nv12": "nv12",
    "yuyv422": "yuyv422",
    "yuv420p10le": "yuv420p10le",
    "p010le": "p010le",
    "gray": "gray",
    "rgb24": "rgb24",
    "bgr24": "bgr24",
}
HD_LINES = 720  # from here on FFmpeg's rule of thumb is BT.709


def native_pixel(name: str, rgb: bool) -> str:
    """edgert's pixel format for FFmpeg's; those that it lacks are converted by FFmpeg to what this
    answers."""
    return DIRECT.get(name, "rgb24" if rgb else "yuv420p")


def colour(name: str, height: int, color_range: int, colorspace: int) -> tuple[str, str]:
    """(range, matrix) of a frame; what the stream doesn't say follows the customary defaults."""
    full = color_range == FULL_RANGE or name.startswith("yuvj")
    matrix = MATRIX.get(colorspace, "bt709" if height >= HD_LINES else "bt601")
    return "full" if full else "video", matrix


def siting(name: str) -> str:
    """JPEG puts chroma in the middle of its four pixels, the others to the left. PyAV doesn't give the
    location that a stream may state itself."""
    return "centre" if name.startswith("yuvj") else "left"


def to_picture(frame: Any) -> tuple[Picture, int]:
    """The frame's planes without a copy, and the bytes that had to be converted (0 for usual formats)."""
    source = frame.format.name
    pixel = native_pixel(source, frame.format.is_rgb or source == "pal8")
    range_, matrix = colour(source, frame.height, int(frame.color_range), int(frame.colorspace))
    copied = 0
    if source not in DIRECT or any(plane.line_size < 0 for plane in frame.planes):
        frame = frame.reformat(format=pixel)
        range_ = "full" if pixel == "rgb24" else range_
        copied = sum(plane.buffer_size for plane in frame.planes)
    planes = list(frame.planes)
    strides = [plane.line_size for plane in planes]
    picture = Picture(planes, strides, frame.width, frame.height, pixel, range_, matrix, siting(source))
    return picture, copied
