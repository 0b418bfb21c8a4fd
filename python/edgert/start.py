"""The command `edgert`, begun before what it needs is loaded: Ctrl-C ends it in one line also then."""

from __future__ import annotations

import os
import signal
from types import FrameType

ABORTED = 1


def main() -> None:
    """Runs the command on this process's arguments, and ends the process."""
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:  # not where a shell has it ignored, as behind nohup
        signal.signal(signal.SIGINT, _leave)
    from .cli import main as command

    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command(prog_name="edgert")


def _leave(number: int, frame: FrameType | None) -> None:
    """Says what click says. An exception would come out of some import, which may swallow it."""
    os.write(2, b"\nAborted!\n")
    os._exit(ABORTED)
