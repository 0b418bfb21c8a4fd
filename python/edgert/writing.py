"""Files that can't be written: the error says which."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import Error

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What Python tells of a write without naming the file, or (when it copies) naming the one that was read."""


def is_full(error: Error) -> bool:
    """Whether the core says what the kernel says of a full or broken disk."""
    return any(os.strerror(number) in error.what for number in FULL)


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """OSErrors of a full or broken disk in the block name this file."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and error.errno not in FULL:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
