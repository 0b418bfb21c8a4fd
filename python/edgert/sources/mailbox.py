"""Between the thread of a library that receives, and the one that reads a source."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any


class Mailbox:
    """Keeps the newest `size` messages; who puts never waits. `lost` counts those that found no reader."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: deque[Any] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._error: Exception | None = None
        self._gap = False
        self.lost = 0

    def put(self, message: Any) -> None:
        """Leaves a message, in place of the oldest if it is full."""
        with self._changed:
            if len(self._waiting) == self._size:
                self._waiting.popleft()
                self.lost += 1
                self._gap = True
            self._waiting.append(message)
            self._changed.notify()

    def fail(self, error: Exception) -> None:
        """Has take() raise this, after what is waiting."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify()

    def close(self) -> None:
        """Has take() answer None from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self, timeout: float | None = None) -> tuple[Any, bool] | None:
        """The oldest message, and whether something was missed before it; waits for one.

        None: closed. Raises what fail() said, and TimeoutError after `timeout` seconds.
        """
        with self._changed:
            ready = self._changed.wait_for(lambda: self._waiting or self._closed or self._error, timeout)
            if self._closed:
                return None
            if not ready:
                raise TimeoutError
            if self._waiting:
                gap, self._gap = self._gap, False
                return self._waiting.popleft(), gap
            assert self._error is not None
            raise self._error
