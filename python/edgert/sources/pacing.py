"""Media time: that it goes on, and waiting for the moment at which a replayed frame is due."""

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

    def restart(self) -> None:
        """The next frame is due at once; those after it are reckoned from it."""
        self._zero = None

    def wait(self, media_time: float) -> bool:
        """Waits until `media_time` (s) is due. False: stopped meanwhile."""
        now = self._clock()
        if self._zero is None:
            self._zero = now - media_time
        ahead = self._zero + media_time - now
        if ahead > 0:
            return not self._stop.wait(ahead)
        return not self._stop.is_set()


class Timeline:
    """From the stamps of a stream to media time, which starts at 0 and never goes back.

    `step` is the time of a frame, in seconds.
    """

    def __init__(self, step: float) -> None:
        self._step = step
        self._zero: float | None = None
        self._last = 0.0

    def at(self, stamp: float) -> tuple[float, bool]:
        """The media time (s) of a frame stamped `stamp` (s), and whether it doesn't continue the last one."""
        first, self._zero = self._zero is None, stamp if self._zero is None else self._zero
        back = not first and stamp - self._zero < self._last
        if back:
            self._zero = stamp - self._last - self._step
        self._last = stamp - self._zero
        return self._last, back
