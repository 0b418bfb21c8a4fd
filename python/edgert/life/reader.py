"""The thread that reads one source, once: from its opening to its end, its failure, or until it is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..sources.base import Item, Source
from ..sources.pacing import Pacer

# What a reader is doing. Only in READ and CLOSE is it in the source's hands, where it may hang.
READ, WORK, HOLD, CLOSE = "read", "work", "hold", "close"


class Owner(Protocol):
    """Whom a reader works for; called on the reader's thread."""

    def deliver(self, reader: Reader, item: Item) -> bool:
        """Takes a frame. False: the reader is to end."""

    def hold(self, reader: Reader) -> bool:
        """Waits while the sensor is paused. True: it did."""

    def over_with(self, reader: Reader, error: Exception | None) -> None:
        """The reader has closed its source and ends."""


class Reader(threading.Thread):
    """Reads `source` and closes it, on this thread alone.

    It can be left: ask it with leave(), and when it does not end, set `abandoned` and start another one. A
    thread that hangs in a driver can't be killed; when it comes back, it closes its source and ends, and its
    frame is thrown away.
    """

    def __init__(
        self, sensor: str, source: Source, owner: Owner, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(name=f"edgert-{sensor}", daemon=True)
        self.source = source
        self.frames = 0
        self.abandoned = False
        self.why_left = ""  # empty: it wasn't asked to end
        self.leave_by = 0.0
        self.stopping = threading.Event()
        self._owner, self._clock = owner, clock
        self.activity: tuple[str, float] = (READ, clock())

    def run(self) -> None:
        """The thread's body."""
        error: Exception | None = None
        try:
            self._read()
        except Exception as raised:  # whatever a codec or driver raises is this sensor's trouble alone
            error = raised
        self._do(CLOSE)
        try:
            self.source.close()
        except Exception as raised:  # the first error says more
            error = error or raised
        self._do(WORK)
        self._owner.over_with(self, error)

    def leave(self, why: str, by: float) -> None:
        """Asks it to end until `by` (its clock): wakes its waits, interrupts the source if that can be."""
        self.why_left, self.leave_by = why, by
        self.stopping.set()
        interrupt = getattr(self.source, "interrupt", None)
        if interrupt is not None:  # on a thread of its own: nobody can promise that it doesn't block
            threading.Thread(target=_quietly, args=(interrupt,), name=f"{self.name}-int", daemon=True).start()

    def _read(self) -> None:
        pacer = Pacer(self.stopping)
        for item in self.source.frames():
            self._do(WORK)
            if self.source.realtime:
                pacer.wait(item.media_time)
            self._do(HOLD)
            if self._owner.hold(self):
                pacer.restart()
            self._do(WORK)
            if not self._owner.deliver(self, item):  # it counts what it doesn't take, too
                return
            self.frames += 1
            self._do(READ)

    def _do(self, what: str) -> None:
        self.activity = (what, self._clock())


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception:  # it was to be ended anyway
        return
