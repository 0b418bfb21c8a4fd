"""Reads FlatBuffers tables by field number, without a schema's code.

The format: https://flatbuffers.dev/internals/ (a table begins with the signed distance back to its vtable,
which holds the table's size and of each field where it lies; offsets to tables and vectors are unsigned and
lead forward).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Table:
    """A table at a place of a file. Raises struct.error, ValueError where the file is damaged."""

    data: bytes
    at: int

    def field(self, number: int) -> int | None:
        """Where a field lies; None when it has its default."""
        vtable = self.at - self._read("<i", self.at)
        if 4 + 2 * number >= self._read("<H", vtable):
            return None
        offset = self._read("<H", vtable + 4 + 2 * number)
        return self.at + offset if offset else None

    def number(self, number: int, form: str, default: int = 0) -> int:
        """A scalar, in struct's letters."""
        place = self.field(number)
        return default if place is None else self._read("<" + form, place)

    def table(self, number: int) -> Table | None:
        """A table that a field points to."""
        place = self.field(number)
        return None if place is None else Table(self.data, self._follow(place))

    def tables(self, number: int) -> list[Table]:
        """A vector of tables."""
        begin, count = self.vector(number)
        return [Table(self.data, self._follow(begin + 4 * each)) for each in range(count)]

    def numbers(self, number: int, dtype: str) -> npt.NDArray[Any]:
        """A vector of scalars, not copied."""
        begin, count = self.vector(number)
        return np.frombuffer(self.data, np.dtype(dtype), count, begin)

    def vector(self, number: int) -> tuple[int, int]:
        """Where a vector's elements begin, and how many there are."""
        place = self.field(number)
        if place is None:
            return 0, 0
        at = self._follow(place)
        return at + 4, self._read("<I", at)

    def text(self, number: int) -> str:
        """A string."""
        return bytes(self.numbers(number, "u1")).decode("utf-8", "replace")

    def scalars(self) -> list[tuple[int, bytes]]:
        """The fields of a table of scalars: number and value, without the zeros at its end. Those that are 0,
        as most defaults are, are left out."""
        vtable = self.at - self._read("<i", self.at)
        count = (self._read("<H", vtable) - 4) // 2
        places = [self._read("<H", vtable + 4 + 2 * number) for number in range(count)]
        ends = sorted([*(place for place in places if place), self._read("<H", vtable + 2)])
        found = []
        for number, place in enumerate(places):
            end = next(each for each in ends if each > place)
            if place and (value := self.data[self.at + place : self.at + end].rstrip(b"\0")):
                found.append((number, value))
        return found

    def _follow(self, place: int) -> int:
        return place + self._read("<I", place)

    def _read(self, form: str, place: int) -> int:
        if place < 0:
            raise ValueError("an offset leads out of the file")
        return int(struct.unpack_from(form, self.data, place)[0])


def root(data: bytes) -> Table:
    """The root table."""
    return Table(data, struct.unpack_from("<I", data, 0)[0])
