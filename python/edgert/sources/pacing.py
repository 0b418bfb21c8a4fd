"""Waiting for the moment at which a replayed frame is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pacer:
    """Keeps media time to the monotonic clock.

    Every frame's moment is reckoned from the first one's, so that waiting late once doesn't add up. A reader
    that fell behind gets its frames at once until it has caught up.
    """

    def __init__(self, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = stop
        self._clock = clock
        self._zero: float | None = None

    def wait(self, media_time: float) -> bool:
        """Waits until `media_time` (s) is due. False: stopped meanwhile."""
        now = self._clock()
        if self._zero is None:
            self._zero = now - media_time
        ahead = self._zero + media_time - now
        if ahead > 0:
            return not self._stop.wait(ahead)
        return not self._stop.is_set()
