"""What ran once a region or window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from .base import Array, Reading, short


@dataclass(frozen=True)
class Row:
    """The reading of one region or window.

    `place`: cx, cy, width, height, angle of the region; or begin and end of the window, in seconds.
    """

    index: int
    reading: Reading
    place: Array | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {"row": self.index, "answer": self.reading.to_json()}
        if self.place is not None:
            said["region" if len(self.place) == 5 else "times"] = [
                short(number, 3) for number in self.place.tolist()
            ]
        return said


class Rows(Sequence[Row]):
    """The readings of what ran once a region or window, in order."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        return self._rows[index]

    def to_json(self) -> list[dict[str, Any]]:
        """One row each."""
        return [row.to_json() for row in self._rows]
