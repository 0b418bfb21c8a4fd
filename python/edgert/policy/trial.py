"""Tries a policy out: made in its own process, and called on a made-up snapshot. A first call that takes too
long is waited for, and made again: it loads what the class needs, maybe on a box that is full."""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidError, make
from .chosen import Chosen
from .decisions import Decisions
from .record import made_up
from .table import Refused, judged
from .worker import Worker

HINT = "mend the class, or its params"
PATIENCE = 10
"""Times its limit that the first call may take."""


def try_out(chosen: Chosen, outline: Mapping[str, Any]) -> Decisions:
    """What it decides. Raises InvalidError that says what is wrong."""
    worker = Worker(chosen, outline)
    try:
        _next(worker, chosen)
        worker.ask(made_up(outline))
        began = time.monotonic()
        said = _next(worker, chosen, PATIENCE)
        if time.monotonic() - began > chosen.limit:
            worker.ask(made_up(outline))
            said = _next(worker, chosen)
        return judged(said["table"], outline)
    except Refused as error:
        raise _wrong(chosen, f"its table was refused: {error}") from None
    finally:
        worker.end()


def make_sure(chosen: Chosen, outline: Mapping[str, Any]) -> None:
    """That its class can be made, in a process of its own. Raises InvalidError that says what is wrong."""
    worker = Worker(chosen, outline)
    try:
        _next(worker, chosen)
    finally:
        worker.end()


def _next(worker: Worker, chosen: Chosen, patience: int = 1) -> dict[str, Any]:
    """What it says next: that it is ready, or a table. A call may take `patience` times its limit."""
    said = None
    latest = time.monotonic() + (patience * chosen.limit if patience > 1 else 0.0)
    while said is None:
        poll = select.poll()
        poll.register(worker.fileno(), select.POLLIN)
        poll.poll(max(0.0, max(worker.due(), latest) - time.monotonic()) * 1e3)
        said = worker.answer()
        if said is None and time.monotonic() >= latest and worker.overdue():
            limit = f"a call took longer than its limit of {chosen.limit:g} s"
            raise _wrong(chosen, limit if worker.ready else "making it took too long")
    for key, what in (
        ("unusable", "can't be made: "), ("raised", "raised "), ("refused", "its table was refused: "),
    ):  # fmt: skip
        if key in said:
            raise _wrong(chosen, f"{what}{said[key]}")
    if "table" not in said and "ready" not in said:
        raise _wrong(chosen, "its process ended")
    return said


def _wrong(chosen: Chosen, what: str) -> InvalidError:
    what, _, hint = what.partition("; ")
    return make(InvalidError, f"policy {chosen.name}", what, hint or HINT)
