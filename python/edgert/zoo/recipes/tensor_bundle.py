"""Reads the variables of a TensorFlow checkpoint (a "tensor bundle") without TensorFlow.

The index file is a LevelDB table: blocks of key-value pairs, found by the index block, found by the footer.
Each value is a BundleEntryProto that says where in the data file a tensor lies. Only what such files use is
read: uncompressed blocks, one data file, numeric tensors.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ZooError
from .protobuf import fields, first, varint

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_DTYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    9: np.dtype("<i8"),
    10: np.dtype("?"),
}
_STRING = 7
_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


@dataclass(frozen=True)
class _Place:
    """Where a tensor lies in the data file: `offset` and `size` in bytes."""

    dtype: int
    shape: tuple[int, ...]
    offset: int
    size: int


def read_variables(index: Path, data: Path) -> dict[str, NDArray[Any]]:
    """All numeric variables by the full name that the model's author gave them."""
    content = data.read_bytes()
    places = {key.decode(): _place(value) for key, value in _table(index.read_bytes(), index) if key}
    names = _full_names(content, places)
    return {
        names.get(key, key): _array(content, place) for key, place in places.items() if place.dtype in _DTYPES
    }


def _array(content: bytes, place: _Place) -> NDArray[Any]:
    flat = np.frombuffer(
        content, _DTYPES[place.dtype], place.size // _DTYPES[place.dtype].itemsize, place.offset
    )
    return np.asarray(flat.reshape(place.shape))


def _place(value: bytes) -> _Place:
    """Of a BundleEntryProto: dtype 1, shape 2 (dimensions 2, each with its size 1), offset 4, size 5."""
    entry = fields(value)
    dimensions = fields(first(entry, 2, b"")).get(2, [])
    shape = tuple(first(fields(dimension), 1, 0) for dimension in dimensions)
    return _Place(first(entry, 1, 0), shape, first(entry, 4, 0), first(entry, 5, 0))


def _full_names(content: bytes, places: Mapping[str, _Place]) -> dict[str, str]:
    """Checkpoint key to full name, of the object graph: nodes 1, attributes 2 with full_name 2 and key 3."""
    place = places.get(_OBJECT_GRAPH)
    if place is None or place.dtype != _STRING:
        return {}
    names = {}
    for node in fields(_string(content, place)).get(1, []):
        for attribute in map(fields, fields(node).get(2, [])):
            if full_name := first(attribute, 2, b""):
                names[first(attribute, 3, b"").decode()] = full_name.decode()
    return names


def _string(content: bytes, place: _Place) -> bytes:
    """A scalar string tensor: its length as a varint, four bytes of checksum, its bytes."""
    length, begin = varint(content, place.offset)
    return content[begin + 4 : begin + 4 + length]


def _table(table: bytes, where: Path) -> Iterator[tuple[bytes, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        raise ZooError(str(where), "is no checkpoint index", "remove it, and get it again")
    at = varint(footer, varint(footer, 0)[1])[1]  # skips the handle of the meta-index block
    for _, handle in _block(table, footer[at:], where):
        yield from _block(table, handle, where)


def _block(table: bytes, handle: bytes, where: Path) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of the block at that handle: each key shares a prefix with the one before."""
    offset, at = varint(handle, 0)
    size, _ = varint(handle, at)
    if table[offset + size]:
        raise ZooError(str(where), "is compressed", "make it again without compression")
    block = table[offset : offset + size]
    end = size - 4 - 4 * int(struct.unpack("<I", block[-4:])[0])
    key, at = b"", 0
    while at < end:
        shared, at = varint(block, at)
        fresh, at = varint(block, at)
        length, at = varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length
