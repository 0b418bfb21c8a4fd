"""The files that a run writes: all of them can be, or none is made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def refuse_documents(outputs: Iterable[Path], documents: Iterable[Path]) -> None:
    """Raises InvalidError when an output would overwrite one of the documents that it is made from, or
    another output."""
    from ..errors import InvalidError, make

    given = [Path(os.path.realpath(path)) for path in documents]
    seen: set[Path] = set()
    for output in outputs:
        place = Path(os.path.realpath(output))
        if place in seen and not place.is_char_device():
            raise make(
                InvalidError, str(output), "is to be written twice", "name another file for each output"
            )
        seen.add(place)
        if any(place == path or (path.is_dir() and place in path.rglob("*.y*ml")) for path in given):
            raise make(InvalidError, str(output), "is one of the documents", "write to another file")


@contextmanager
def claimed(paths: Iterable[Path]) -> Iterator[None]:
    """Sees that these files can be written, before any is emptied. Raises OSError with the path.

    When something in the block is refused, files that weren't there before are taken away again.
    """
    made: list[Path] = []
    try:
        for path in paths:
            there = path.exists()
            path.open("ab").close()
            if not there:
                made.append(path)
        yield
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
