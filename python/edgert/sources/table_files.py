"""Reading the files that tables come in: CSV, sktime's .ts, NumPy's .npz and .npy."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import InvalidError, make

Rows = npt.NDArray[np.float32]


class Recording(NamedTuple):
    """Rows that belong together: float32 [n, columns]."""

    columns: list[str]
    rows: Rows
    lines: Sequence[int] = ()
    """Of a text file: the line of each row."""

    def place(self, where: str, number: int, row: int, column: int) -> tuple[str, str]:
        """Where a number stands, and what it is called. `number` is the recording's, from 0."""
        name = f"column {self.columns[column]!r}"
        if self.lines:
            return f"{where}:{self.lines[row]}", name
        return where, f"{name} of row {row} of recording {number} (both counted from 0)"


def read_recordings(path: Path, where: str, columns: Sequence[str] | None) -> list[Recording]:
    """The recordings of a file. Raises InvalidError with the line where that can be told."""
    try:
        reader = READERS[path.suffix.lower()]
    except KeyError:
        kinds = ", ".join(READERS)
        raise make(
            InvalidError, where, f"{path.suffix or 'no suffix'} is no table", f"give one of {kinds}"
        ) from None
    try:
        return reader(path, where, columns)
    except (UnicodeDecodeError, OSError, ValueError) as error:
        if isinstance(error, InvalidError):
            raise
        raise make(InvalidError, where, f"can't be read as a table: {error}", "look into the file") from error


def _read_csv(path: Path, where: str, columns: Sequence[str] | None) -> list[Recording]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file)
        header = [name.strip() for name in next(lines, [])]
        if all(_is_number(name) for name in header):
            what = "its first line has no column names"
            raise make(InvalidError, f"{where}:1", what, "write one, such as: ax,ay,az")
        wanted = _positions(header, columns, where)
        rows, numbers = [], []
        for line in lines:
            if line:
                rows.append(_numbers(line, wanted, f"{where}:{lines.line_num}"))
                numbers.append(lines.line_num)
    names = [header[at] for at in wanted]
    return [Recording(names, np.array(rows, np.float32).reshape(-1, len(wanted)), numbers)]


def _read_ts(path: Path, where: str, columns: Sequence[str] | None) -> list[Recording]:
    """sktime's form: a case a line, its dimensions separated by colons, the class label last."""
    found: list[Recording] = []
    labelled = in_data = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if in_data and text:
            found.append(_ts_case(text, labelled, f"{where}:{number}", columns))
        elif text.lower().startswith("@classlabel"):
            labelled = text.split()[1].lower() == "true"
        elif text.lower() == "@data":
            in_data = True
    if not found:
        raise make(InvalidError, where, "has no @data", "give a .ts file as sktime writes it")
    return found


def _ts_case(text: str, labelled: bool, where: str, columns: Sequence[str] | None) -> Recording:
    parts = text.split(":")
    series = [
        np.array([_number(value, where) for value in part.split(",")])
        for part in parts[: len(parts) - labelled]
    ]
    if len({len(values) for values in series}) != 1:
        raise make(InvalidError, where, "its dimensions differ in length", "give a case with equal lengths")
    names = list(columns) if columns else [f"c{index}" for index in range(len(series))]
    if len(names) != len(series):
        what = f"has {len(series)} dimensions, but {len(names)} columns are named"
        raise make(InvalidError, where, what, "name one column for each dimension")
    return Recording(names, np.stack(series, axis=1).astype(np.float32))


def _read_numpy(path: Path, where: str, columns: Sequence[str] | None) -> list[Recording]:
    """.npy or the first array of an .npz: [rows, columns], or [recordings, rows, columns]."""
    loaded = np.load(path, allow_pickle=False)
    array = loaded if isinstance(loaded, np.ndarray) else loaded[loaded.files[0]]
    if array.ndim not in (2, 3) or array.dtype.kind not in "fiu":
        what = f"holds {array.dtype} {list(array.shape)}"
        raise make(InvalidError, where, what, "give numbers [rows, columns] or [recordings, rows, columns]")
    names = list(columns) if columns else [f"c{index}" for index in range(array.shape[-1])]
    if len(names) != array.shape[-1]:
        what = f"has {array.shape[-1]} columns, but {len(names)} are named"
        raise make(InvalidError, where, what, "name one for each")
    cases = array if array.ndim == 3 else array[None]
    return [Recording(names, case.astype(np.float32)) for case in cases]


def _positions(header: list[str], columns: Sequence[str] | None, where: str) -> list[int]:
    wanted = columns or header
    missing = [name for name in wanted if name not in header]
    if missing:
        raise make(InvalidError, f"{where}:1", f"no column {missing[0]!r}", f"it has {', '.join(header)}")
    return [header.index(name) for name in wanted]


def _numbers(line: list[str], wanted: list[int], where: str) -> list[float]:
    if max(wanted) >= len(line):
        raise make(InvalidError, where, f"has {len(line)} values, not {max(wanted) + 1}", "complete the line")
    return [_number(line[at], where) for at in wanted]


def _number(text: str, where: str) -> float:
    """NaN where it is missing."""
    try:
        return float("nan") if text.strip() in ("", "?") else float(text)
    except ValueError:
        raise make(InvalidError, where, f"{text!r} is no number", "name only columns of numbers") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


READERS: dict[str, Callable[[Path, str, Sequence[str] | None], list[Recording]]] = {
    ".csv": _read_csv,
    ".ts": _read_ts,
    ".npz": _read_numpy,
    ".npy": _read_numpy,
}
