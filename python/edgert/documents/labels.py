"""The names of a model's classes."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from .answer import Labelled, Labels
from .errors import Refused
from .model import Model
from .resolve import resolve_path

NAMES = ("display_name", "name", "label", "class")


def of_model(model: Model) -> list[str] | None:
    """The names of the classes that its answer gives, in order; None when it has none. Raises Refused."""
    if not isinstance(model.answer, Labelled) or model.answer.labels is None:
        return None
    return read(model.answer.labels, model)


def read(labels: Labels, model: Model) -> list[str]:
    """The names, in order. Raises Refused when the file is missing or holds none."""
    if isinstance(labels, list):
        return labels
    route = ("answer", "labels")
    path = resolve_path(labels, model.base, model, route)
    try:
        names = list(_of_file(path, path.stat().st_mtime_ns))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(
            f"the labels {labels} can't be read: {error}", "give a UTF-8 text file", route, model
        ) from None
    if not names:
        raise Refused(f"the labels {labels} are empty", "give a file with a name on each line", route, model)
    return names


@lru_cache(maxsize=64)
def _of_file(path: Path, changed: int) -> tuple[str, ...]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".csv":
        return tuple(_column(list(csv.reader(text.splitlines()))))
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _column(rows: list[list[str]]) -> list[str]:
    rows = [row for row in rows if row]
    if not rows:
        return []
    heading = [cell.strip().lower() for cell in rows[0]]
    for name in NAMES:
        if name in heading:
            return [row[heading.index(name)].strip() for row in rows[1:]]
    return [row[-1].strip() for row in rows]
