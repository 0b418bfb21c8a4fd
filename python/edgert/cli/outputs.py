"""The files that a run writes: all of them can be, or none is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


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
