"""Tables: accelerometers and other sensors as rows of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import InvalidError, make
from .base import Format, Samples, find_file
from .missing import Missing, Policy
from .table_files import Recording, read_recordings


class Table:
    """Rows of a file, `rows` a frame, `rate` rows a second.

    `recordings` picks some of a file that has several; each begins with `gap`. `columns` picks and orders
    them by name; a file without names (.ts) gets these, in order. `missing` says what becomes of empty cells
    and NaN.
    """

    def __init__(
        self,
        path: str,
        base_dir: Path,
        columns: Sequence[str] | None = None,
        rate: float = 1.0,
        rows: int = 1,
        recordings: Sequence[int] | None = None,
        loop: bool = False,
        speed: str = "original",
        missing: Policy = "error",
    ) -> None:
        self._path, self._base = path, base_dir
        self._columns = list(columns) if columns else None
        self._rate, self._rows, self._loop = rate, rows, loop
        self._chosen = recordings
        self._missing = Missing(missing)
        self._read: list[Recording] | None = None
        self.realtime = speed == "original"
        self.copied_bytes = 0

    def probe(self) -> Format:
        """Its columns and rate."""
        names = self._recordings()[0].columns
        return {"kind": "table", "columns": names, "rate": self._rate, "max_rows": self._rows}

    def frames(self) -> Iterator[Samples]:
        """Its rows."""
        done = 0
        while True:
            for recording in self._recordings():
                for at in range(0, len(recording.rows), self._rows):
                    rows = recording.rows[at : at + self._rows]
                    yield Samples(rows, done / self._rate, 0.0, gap=at == 0 and done > 0)
                    done += len(rows)
            if not self._loop:
                return

    def _recordings(self) -> list[Recording]:
        if self._read is None:
            found = read_recordings(find_file(self._path, self._base), str(self._path), self._columns)
            self._read = [self._checked(number, one) for number, one in self._choose(found)]
        return self._read

    def _choose(self, found: list[Recording]) -> list[tuple[int, Recording]]:
        for index in self._chosen or ():
            if not 0 <= index < len(found):
                hint = f"it has {len(found)}, counted from 0"
                raise make(InvalidError, str(self._path), f"there is no recording {index}", hint)
        chosen = range(len(found)) if self._chosen is None else self._chosen
        return [(index, found[index]) for index in chosen]

    def _checked(self, number: int, one: Recording) -> Recording:
        where = str(self._path)
        if one.rows.size == 0:
            raise make(InvalidError, where, "has no rows", "give a table with numbers in it")
        self._missing.restart()
        rows = self._missing.fill(one.rows, partial(one.place, where, number))
        return one._replace(rows=np.ascontiguousarray(rows, dtype=np.float32))

    def close(self) -> None:
        """Nothing is held open."""
