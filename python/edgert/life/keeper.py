"""The one thread that watches all sensors of a runtime: the watchdog, and the clock of their reconnects."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

TICK = 0.1  # s


class Kept(Protocol):
    """What is looked after. tick() may not block."""

    def tick(self) -> None: ...


class Keeper:
    """Calls each feed's tick(). Nothing of that blocks, so that one sensor's trouble touches no other."""

    def __init__(self, feeds: Iterable[Kept], tick: float = TICK) -> None:
        self._feeds = list(feeds)
        self._tick = tick
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, feeds: Iterable[Kept]) -> None:
        """These from now on."""
        self._feeds = list(feeds)

    def start(self) -> None:
        """Begins; without sensors that need it there is no thread."""
        if self._feeds:
            self._thread = threading.Thread(target=self._keep, name="edgert-keeper", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends, and waits for that."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(self._tick):
            for feed in self._feeds:
                feed.tick()
