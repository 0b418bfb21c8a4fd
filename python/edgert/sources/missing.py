"""Numbers that are missing in rows and sounds: empty cells, NaN, infinities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import InvalidError, make

Policy = Literal["error", "hold", "zero", "nan"]
Numbers = npt.NDArray[Any]
Place = Callable[[int, int], tuple[str, str]]  # (row, column) -> where it stands, and what it is called
HINT = "correct it, or say missing: hold (the number before it), zero or nan in the Sensor document"


class Missing:
    """What happens to a missing number: refused, the last one of its column held, 0, or let through.

    One a stream, since `hold` remembers. Rows are [n, columns]; integers have nothing missing.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._last: Numbers | None = None

    def restart(self) -> None:
        """What comes next doesn't continue what came before."""
        self._last = None

    def fill(self, rows: Numbers, place: Place) -> Numbers:
        """The rows; a new array where something was filled in. Raises InvalidError where it is refused."""
        if self.policy == "nan" or rows.dtype.kind != "f" or not len(rows):
            return rows
        finite = np.isfinite(rows)
        if not finite.all():
            rows = self._filled(rows, finite, place)
        if self.policy == "hold":
            self._last = rows[-1].copy()
        return rows

    def _filled(self, rows: Numbers, finite: Numbers, place: Place) -> Numbers:
        if self.policy == "error":
            row, column = (int(index) for index in np.argwhere(~finite)[0])
            where, name = place(row, column)
            number = rows[row, column]
            what = f"{name} has no number" if np.isnan(number) else f"{name} is {number}"
            raise make(InvalidError, where, what, HINT)
        if self.policy == "zero":
            return np.where(finite, rows, rows.dtype.type(0))
        before = self._last if self._last is not None else np.zeros(rows.shape[1], rows.dtype)
        return _held(rows, finite, before)


def _held(rows: Numbers, finite: Numbers, before: Numbers) -> Numbers:
    """Each missing number replaced by the last one above it, or by `before`."""
    at = np.where(finite, np.arange(len(rows))[:, None], -1)
    at = np.maximum.accumulate(at, axis=0)
    held = np.take_along_axis(rows, np.maximum(at, 0), axis=0)
    return np.where(at >= 0, held, before).astype(rows.dtype)
