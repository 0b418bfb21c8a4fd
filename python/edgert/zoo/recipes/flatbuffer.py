"""Writes FlatBuffers: tables, vectors and strings, front to back, without a generated class.

A table is a list of its slots; a slot left out has its default. What a slot refers to is written after the
table and its place filled in, since references point forward.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scalar:
    """A number in the table itself, in struct's notation."""

    kind: str
    value: int


@dataclass(frozen=True)
class Vector:
    """Numbers, with the alignment in bytes of the first."""

    numbers: NDArray[Any]
    alignment: int = 4


@dataclass(frozen=True)
class Table:
    """What stands in each slot. The sequences are vectors of tables."""

    slots: Mapping[int, Scalar | Vector | str | Table | Sequence[Table]]


Reference = Vector | str | Table | Sequence[Table]


def serialise(root: Table, identifier: bytes) -> bytes:
    """The whole buffer, with its four-letter file identifier."""
    writer = _Writer()
    writer.data += bytes(4) + identifier
    writer.refer(0, root)
    return bytes(writer.data)


class _Writer:
    def __init__(self) -> None:
        self.data = bytearray()

    def refer(self, at: int, target: Reference) -> None:
        """Writes the target at the end, and the way to it at that place."""
        struct.pack_into("<I", self.data, at, self._write(target) - at)

    def _write(self, target: Reference) -> int:
        if isinstance(target, Table):
            return self._table(target)
        if isinstance(target, str):
            return self._vector(np.frombuffer(target.encode() + b"\0", np.uint8), 4, len(target.encode()))
        if isinstance(target, Vector):
            return self._vector(target.numbers, target.alignment, target.numbers.size)
        return self._tables(target)

    def _vector(self, numbers: NDArray[Any], alignment: int, count: int) -> int:
        while (len(self.data) + 4) % alignment or len(self.data) % 4:
            self.data.append(0)
        at = len(self.data)
        self.data += struct.pack("<I", count) + numbers.tobytes()
        return at

    def _tables(self, tables: Sequence[Table]) -> int:
        at = self._vector(np.zeros(len(tables), np.uint32), 4, len(tables))
        for index, table in enumerate(tables):
            self.refer(at + 4 + 4 * index, table)
        return at

    def _table(self, table: Table) -> int:
        """Its list of slots, the way back to that, its slots; then what they refer to."""
        count = max(table.slots, default=-1) + 1
        places, size = _places(table)
        self._align(4, 4 + 2 * count)
        slots = [places.get(slot, 0) for slot in range(count)]
        self.data += struct.pack(f"<{2 + count}H", 4 + 2 * count, size, *slots)
        at = len(self.data)
        self.data += struct.pack("<i", 4 + 2 * count) + bytes(size - 4)
        for slot, value in table.slots.items():
            if isinstance(value, Scalar):
                struct.pack_into("<" + value.kind, self.data, at + places[slot], value.value)
            else:
                self.refer(at + places[slot], value)
        return at

    def _align(self, alignment: int, ahead: int) -> None:
        while (len(self.data) + ahead) % alignment:
            self.data.append(0)


def _places(table: Table) -> tuple[dict[int, int], int]:
    """Where each slot lies after the table's start, four bytes each, and the table's size."""
    places = {slot: 4 + 4 * index for index, slot in enumerate(table.slots)}
    return places, 4 + 4 * len(places)
