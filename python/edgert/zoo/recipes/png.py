"""Reads the zoo's own pictures: PNG with 8 bits a channel, RGB, not interlaced."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import ZooError

Image = NDArray[np.uint8]

_CHANNELS = 3
_RGB = (8, 2, 0, 0, 0)  # depth, colour type, compression, filter, interlace


def read_rgb(file: Path) -> Image:
    """The picture as (height, width, 3)."""
    chunks = list(_chunks(file.read_bytes()))
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[0][1])
    if tuple(kind) != _RGB:
        raise ZooError(str(file), "is no plain RGB picture", "remove it, and get it again")
    packed = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    rows = np.frombuffer(packed, np.uint8).reshape(height, 1 + width * _CHANNELS)
    return _unfiltered(rows).reshape(height, width, _CHANNELS)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of each: a length of 4 bytes, the type, the content, a checksum of 4 bytes."""
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def _unfiltered(rows: Image) -> Image:
    """Each row begins with the filter by which it was predicted from the pixels to the left and above."""
    pixels = np.zeros((len(rows) + 1, rows.shape[1] - 1), np.uint8)
    for index, row in enumerate(rows):
        pixels[index + 1] = _row(int(row[0]), row[1:], pixels[index])
    return pixels[1:]


def _row(kind: int, row: Image, above: Image) -> Image:
    if kind == 0:
        return row
    if kind == 1:
        return np.cumsum(row.reshape(-1, _CHANNELS), axis=0, dtype=np.uint8).ravel()
    if kind == 2:
        return row + above
    return np.array(_predicted(kind, row.tolist(), above.tolist()), np.uint8)


def _predicted(kind: int, row: list[int], above: list[int]) -> list[int]:
    """The filters that need the pixel before: 3 the average of left and above, 4 Paeth's."""
    pixels = [0] * _CHANNELS + row
    corner = [0] * _CHANNELS + above
    for at in range(_CHANNELS, len(pixels)):
        left, up = pixels[at - _CHANNELS], corner[at]
        guess = (left + up) // 2 if kind == 3 else _paeth(left, up, corner[at - _CHANNELS])
        pixels[at] = (pixels[at] + guess) & 0xFF
    return pixels[_CHANNELS:]


def _paeth(left: int, up: int, corner: int) -> int:
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner
