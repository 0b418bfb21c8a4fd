"""Results as JSON lines: one object a result."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import IO, Any

from ..answers import Reading, Rows
from ..results import Result

FEW = 4096  # numbers of an array that are written out; of larger ones only the shape


class JsonLines:
    """Writes results to a file ("-": standard output), each in one line, as soon as it comes.

    A line has application, pipeline, sensor, sequence, time (s), latency_ms, stages (ms), outcome (ok, late,
    skipped, dropped or failed), age_ms where it used what an earlier frame gave, and either answers by output
    or the status and error. Raises OSError when the file can't be written.
    """

    def __init__(self, path: str | Path) -> None:
        import sys

        self._own = str(path) != "-"
        self._file: IO[str] = Path(path).open("w", encoding="utf-8") if self._own else sys.stdout  # noqa: SIM115
        self._lock = threading.Lock()
        self.lines = 0

    def __call__(self, result: Result) -> None:
        """Writes one result; one of sound or a table that completed no window says nothing and is left
        out."""
        if (text := as_text(result)) is None:
            return
        with self._lock:
            self._file.write(text + "\n")
            self._file.flush()  # about 1 µs of the 30 that a line takes
            self.lines += 1

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.flush()
            if self._own:
                self._file.close()


def as_text(result: Result) -> str | None:
    """A result as one line of JSON. None: it is of sound or a table, and says nothing."""
    if not result.frame.width and result.status == "ok" and all(map(_is_empty, result.answers.values())):
        return None
    return json.dumps(as_data(result), allow_nan=False, separators=(",", ":"))


def _is_empty(answer: Reading | None) -> bool:
    return isinstance(answer, Rows) and not len(answer)


def as_data(result: Result) -> dict[str, Any]:
    """A result as plain data; numbers that JSON lacks (NaN, infinities) become null."""
    application, _, pipeline = result.pipeline.partition("/")
    data: dict[str, Any] = {
        "application": application,
        "pipeline": pipeline,
        "sensor": result.sensor,
        "sequence": result.sequence,
        "time": round(result.media_time, 6),
        "latency_ms": round(result.latency_ms, 3),
        "stages": {stage: round(milliseconds, 3) for stage, milliseconds in result.stages.items()},
        "outcome": result.outcome,
        "status": result.status,
    }
    if result.error is not None:
        data["error"] = str(result.error)
    if result.deadline_missed:
        data["deadline_missed"] = True
    if result.cached:
        data["cached"] = True
    if result.outcome == "stale" or result.age_ms > 0:
        data["age_ms"] = round(result.age_ms, 3)
    if result.ages_ms:
        data["ages_ms"] = {name: round(age, 3) for name, age in result.ages_ms.items()}
    data["answers"] = {name: _said(answer) for name, answer in result.answers.items()}
    return data


def _said(answer: Any) -> Any:
    if answer is None:
        return None
    array = getattr(answer, "array", None)
    if type(answer).__name__ == "Raw" and array is not None and array.size > FEW:
        return {"shape": list(array.shape), "dtype": str(array.dtype)}
    return _finite(answer.to_json())


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
