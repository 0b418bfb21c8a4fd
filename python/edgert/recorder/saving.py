"""Clips that are being written, and what is on the disk of those that were not finished.

Who writes a clip holds a lock on its file, of this process or another; the lock goes with who holds it, also
when that is killed. So a recorder that comes to a folder tells what another one writes from what is left.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from ..sources.media import import_av


def claimed(file: int, path: Path) -> bool:
    """Locks a file that was just made, by its descriptor, until that is closed. False: who looked for what is
    left over took it first."""
    with suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def sweep(partial: Path, whole: Path) -> None:
    """As saved(), unless somebody is writing it."""
    with suppress(FileNotFoundError), partial.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:  # a file system without locks
            pass
        saved(partial, whole)


def saved(partial: Path, whole: Path) -> bool:
    """Gives the clip its name where its first picture can be played; else it goes."""
    try:
        with import_av(str(whole)).open(str(partial)) as container:
            next(container.decode(video=0))
        partial.replace(whole)
    except Exception:  # whatever FFmpeg says of half a file
        partial.unlink(missing_ok=True)
        return False
    return True
