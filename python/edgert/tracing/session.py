"""Taking a trace of a runtime, and writing it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ..errors import InvalidError, make
from ..writing import writing
from .chrome import Chrome, Event
from .names import Names
from .record import DROPPED, RAN, records

if TYPE_CHECKING:
    from .._native import PlanSpec
    from .._native import Runtime as Native

ENDINGS = (".json", ".json.gz")


class Traced(NamedTuple):
    """What a trace has."""

    path: Path
    executions: int
    frames_dropped: int
    events: int  # of the file
    lost: int  # records that found no place: what came last

    def __str__(self) -> str:
        text = f"{self.path}: {self.executions} executions"
        if self.lost:
            text += f"; the last {self.lost} records found no place"
        return f"{text}. Open it at https://ui.perfetto.dev"


def check_path(path: str | Path) -> Path:
    """Raises InvalidError for a name that doesn't say the format."""
    path = Path(path)
    if not path.name.endswith(ENDINGS):
        raise make(InvalidError, str(path), "is no trace's name", f"end it with {' or '.join(ENDINGS)}")
    return path


def stop(native: Native, spec: PlanSpec, path: str | Path) -> Traced:
    """Ends it and writes what was noted. Raises OSError when the file can't be written."""
    path = check_path(path)
    noted: dict[str, Any] = native.stop_trace()
    found = records(noted["records"])
    chrome = Chrome(found, Names(spec.describe(), noted["owners"]))
    about = {"executions": _count(found, RAN), "records_lost": noted["lost"]}
    with writing(path), _opened(path) as file:
        events = _write(file, chrome.events(), about)
    return Traced(path, _count(found, RAN), _count(found, DROPPED), events, int(noted["lost"]))


def _count(found: Iterable[Any], kind: int) -> int:
    return sum(one.kind == kind for one in found)


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", compresslevel=5, encoding="utf-8")
    return path.open("w", encoding="utf-8")


def _write(file: IO[str], events: Iterable[Event], about: dict[str, Any]) -> int:
    """An event a line, so that a trace of a long run is never in memory as text."""
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    file.write(f'{{"displayTimeUnit":"ms","otherData":{encode(about)},"traceEvents":[')
    count = 0
    for count, event in enumerate(events, 1):
        file.write((",\n" if count > 1 else "\n") + encode(event))
    file.write("\n]}\n")
    return count
