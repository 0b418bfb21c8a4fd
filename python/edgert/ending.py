"""The end of the program: what runs yet is stopped in order, before Python takes its threads away."""

from __future__ import annotations

import atexit
import logging
import os
import weakref
from typing import Protocol

LOG = logging.getLogger(__name__)


class Stopped(Protocol):
    """What can be stopped; a second time does nothing."""

    def stop(self) -> None: ...


_running: weakref.WeakKeyDictionary[Stopped, int] = weakref.WeakKeyDictionary()


def stop_at_exit(one: Stopped) -> None:
    """Has it stopped at the end of this process, if the program didn't. A process that was forked off has
    none of its threads, and leaves it alone."""
    _running[one] = os.getpid()


@atexit.register
def _stop_all() -> None:
    for one, process in list(_running.items()):
        if process != os.getpid():
            continue
        try:
            one.stop()
        except Exception:  # the others are to be stopped all the same
            LOG.exception("%s could not be stopped at the end of the program", type(one).__name__)
