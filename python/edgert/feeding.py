"""The thread of one source: reads it, waits for each frame's moment, pushes it into the sensor's port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .errors import DeadlineError, Error, ExhaustedError
from .sources.base import Item, Source
from .sources.pacing import Pacer

SHORT = 0.005  # s between two tries when readers hold too many frames
WAIT = 0.25  # s that a full inbox is waited for before looking whether to stop


class Feeder(threading.Thread):
    """Feeds one sensor until its source ends, fails, or stop() is called; then finishes the port.

    `state` is waiting, running, ended, stopped or failed; `error` is why it failed. A failed sensor ends like
    any other, the others go on.
    """

    def __init__(self, sensor: str, source: Source, port: Any, on_end: Callable[[Feeder], None]) -> None:
        super().__init__(name=f"edgert-{sensor}", daemon=True)
        self.sensor, self.source = sensor, source
        self.state = "waiting"
        self.error: Exception | None = None
        self.frames = 0
        self.held_back = 0  # frames that found no room because readers hold too many results
        self._port = port
        self._on_end = on_end
        self._stopping = threading.Event()

    def run(self) -> None:
        """The thread's body."""
        self.state = "running"
        try:
            self._feed()
            self.state = "stopped" if self._stopping.is_set() else "ended"
        except Exception as error:  # whatever a codec or driver raises ends this sensor alone
            self.state = "stopped" if self._stopping.is_set() else "failed"
            self.error = None if self._stopping.is_set() else error
        finally:
            self.source.close()
            self._port.finish()
            self._on_end(self)

    def stop(self) -> None:
        """Asks it to end; join() waits for that."""
        self._stopping.set()

    @property
    def reason(self) -> str:
        """Why it failed, in one line; empty otherwise."""
        if self.error is None:
            return ""
        return (
            str(self.error) if isinstance(self.error, Error) else f"{type(self.error).__name__}: {self.error}"
        )

    def _feed(self) -> None:
        pacer = Pacer(self._stopping)
        for item in self.source.frames():
            if self.source.realtime and not pacer.wait(item.media_time):
                return
            if not self._push(item):
                return
            self.frames += 1

    def _push(self, item: Item) -> bool:
        while not self._stopping.is_set():
            try:
                item.push(self._port, WAIT)
                return True
            except DeadlineError:  # the inbox is full and its document says block
                continue
            except (
                ExhaustedError
            ):  # readers hold too many results: a recording waits for them, a camera can't
                if self.source.realtime:
                    self.held_back += 1
                    return True
                self._stopping.wait(SHORT)
        return False
