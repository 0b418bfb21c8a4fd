"""Rows of numbers out of text: JSON objects, or lines of CSV."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from .base import Samples
from .pacing import Timeline
from .rejected import Unreadable, shown

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
Row = tuple[list[float], float | None]  # numbers by column, and the time (s) that it says


@dataclass(frozen=True)
class RowFormat:
    """How rows are written. `columns` are what is wanted, in this order.

    `fields` are the names of a CSV line's cells in order (by default `time`, if there is one, and the
    columns). `time` names the field with a row's time, a number of `time_unit` or ISO 8601 text.
    """

    columns: Sequence[str]
    payload: str = "json"  # or csv
    fields: Sequence[str] | None = None
    time: str | None = None
    time_unit: str = "s"
    separator: str = ","

    @property
    def cells(self) -> list[str]:
        """The names of a CSV line's cells."""
        if self.fields is not None:
            return list(self.fields)
        return [self.time, *self.columns] if self.time else list(self.columns)


def read_rows(data: bytes, form: RowFormat) -> list[Row]:
    """The rows of a message or a line: none of a CSV header or of blank text. Raises Unreadable."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("not text", f"{shown(data)} is not UTF-8") from None
    if not text.strip():
        return []
    records = _csv(text, form) if form.payload == "csv" else _json(text)
    return [_row(record, form) for record in records]


def _json(text: str) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON", f"{shown(text)} ({error})") from None
    records = value if isinstance(value, list) else [value]
    for record in records:
        if not isinstance(record, dict):
            raise Unreadable("not an object", f"{shown(text)} is JSON, but not an object with fields")
    return records


def _csv(text: str, form: RowFormat) -> list[Mapping[str, Any]]:
    names, records = form.cells, list[Mapping[str, Any]]()
    try:
        lines = list(csv.reader(text.splitlines(), delimiter=form.separator, strict=True))
    except csv.Error as error:
        raise Unreadable("not CSV", f"{shown(text)} ({error})") from None
    for line in lines:
        cells = [cell.strip() for cell in line]
        if cells == names or not any(cells):
            continue  # a header, which devices say again when they start
        if len(cells) != len(names):
            raise Unreadable(
                "another number of cells", f"{shown(text)} has {len(cells)}, not {len(names)} as the document"
            )
        records.append(dict(zip(names, cells, strict=True)))
    return records


def _row(record: Mapping[str, Any], form: RowFormat) -> Row:
    numbers = [_number(_field(record, name), name) for name in form.columns]
    time = None if form.time is None else _time(_field(record, form.time), form)
    return numbers, time


def _field(record: Mapping[str, Any], name: str) -> Any:
    """The field of this name; `a.b` is also the b within a."""
    if name in record:
        return record[name]
    value: Any = record
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            raise Unreadable(
                "field missing", f"there is no {name!r} among {shown(', '.join(map(str, record)))}"
            )
        value = value[key]
    return value


def _number(value: Any, name: str) -> float:
    """Nothing (null, an empty cell) is not a number, as in a table's file."""
    if value is None or value == "":
        return math.nan
    try:
        if isinstance(value, (int, float)) or (isinstance(value, str) and "_" not in value):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise Unreadable("not a number", f"{name!r} is {shown(repr(value))}")


def _time(value: Any, form: RowFormat) -> float:
    try:
        seconds = float(value) * UNITS[form.time_unit]
    except (TypeError, ValueError, OverflowError):
        seconds = _iso(value)
    if not math.isfinite(seconds):
        raise Unreadable("not a time", f"{form.time!r} is {shown(repr(value))}")
    return seconds


def _iso(value: Any) -> float:
    # Python 3.10 does not know the Z of ISO 8601, and fractions of three or six digits only.
    text = str(value).strip().replace("Z", "+00:00")
    text = re.sub(r"[.,](\d+)", lambda fraction: f".{fraction[1]:0<6.6}", text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return math.nan


class RowPayload:
    """From texts to frames of a table: at most `max_rows` rows each, at their own times or without one."""

    def __init__(self, form: RowFormat, rate: float, max_rows: int) -> None:
        self._form, self._most = form, max_rows
        self._timeline = Timeline(1.0 / rate)

    def frames(self, data: bytes) -> Iterator[Samples]:
        """The frames of one message or line. Raises Unreadable, before it gives any."""
        yield from self._samples(read_rows(data, self._form))

    def _samples(self, rows: list[Row]) -> Iterator[Samples]:
        chunk: list[list[float]] = []
        began, gap = -1.0, False
        for numbers, stamp in rows:
            at, back = (-1.0, False) if stamp is None else self._timeline.at(stamp)
            if chunk and (back or len(chunk) == self._most):
                yield _chunk(chunk, began, gap)
                chunk = []
            if not chunk:
                began, gap = at, back
            chunk.append(numbers)
        if chunk:
            yield _chunk(chunk, began, gap)


def _chunk(rows: list[list[float]], began: float, gap: bool) -> Samples:
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite
        return Samples(np.array(rows, np.float32), began, 0.0, gap)
