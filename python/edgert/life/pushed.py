"""A sensor whose frames the program pushes: the same states, without a reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ..errors import InvalidError, make
from ..sources.base import Format, Item
from ..sources.missing import Missing
from .care import Care
from .counts import Counts
from .feed import Factory
from .states import OVER, Life, State


class PushFeed:
    """Looks after a sensor of type push. What is pushed while it is paused or stopped is dropped, and
    counted."""

    def __init__(
        self,
        sensor: str,
        format: Format,
        port: Any,
        care: Care,
        on_again: Callable[[Any], None] = lambda feed: None,
        missing: Missing | None = None,
        clock: Callable[[], float] = time.monotonic,
        life: Life | None = None,
    ) -> None:
        self.sensor, self.format, self.care = sensor, format, care
        self.number = getattr(port, "number", 0)  # of the sensor, as long as plans agree on it
        self.life, self.counts = life or Life(), Counts()
        self.missing = missing  # what stands for a number that is not there
        self._port, self._clock, self._on_again = port, clock, on_again
        self._lock = threading.RLock()
        self._came = clock()

    def push(self, item: Item, timeout: float | None) -> bool:
        """Pushes a frame. False: dropped, and counted."""
        state = self.life.state
        with self._lock:  # the core takes pushes from any thread; these counts don't
            self.counts.read += 1
            if state in (State.PAUSED, State.STOPPED):
                self.counts.paused += 1
                return False
            self._came = self._clock()
            if state not in (State.RUNNING, *OVER):
                self.life.to(State.RUNNING)
        try:
            return item.push(self._port, timeout)
        except BaseException:
            with self._lock:  # the caller has it still
                self.counts.read -= 1
            raise

    def adjust(self, care: Care) -> None:
        """Looks after it in another way."""
        self.care = care

    def start(self, reason: str = "") -> None:
        """Takes frames; after the end, again."""
        with self._lock:
            if self.life.state in OVER:
                self._on_again(self)
            if self.life.state not in (State.RUNNING, State.STALLED):
                self._came = self._clock()
                self.life.to(State.STARTING, reason)

    def stop(self, reason: str = "by the program") -> None:
        """Takes no more frames until start()."""
        with self._lock:
            if self.life.state not in OVER:
                self.life.to(State.STOPPED, reason)

    def pause(self) -> None:
        """Takes no frames for a while."""
        with self._lock:
            self.life.to(State.PAUSED, "by the program")

    def finish(self) -> None:
        """No more frames will come."""
        with self._lock:
            self._port.finish()
            self.life.to(State.ENDED)

    def replace(self, make_source: Factory, care: Care | None = None, reason: str = "") -> None:
        """There is nothing to replace. Raises InvalidError."""
        hint = "push other frames of the same format"
        raise make(InvalidError, f"sensor {self.sensor}", "is pushed by the program", hint)

    def join(self, timeout: float) -> bool:
        """There is no reader."""
        return True

    @property
    def over(self) -> bool:
        """Whether the program said that no more frames come."""
        return self.life.state in OVER

    def tick(self) -> None:
        """Says when frames stay out, where the document says how long that may be."""
        with self._lock:
            limit = self.care.stall_after
            running = self.life.state is State.RUNNING
            if running and limit is not None and self._clock() - self._came > limit:
                self.counts.stalls += 1
                self.life.to(State.STALLED, f"no frame for {limit:g} s")

    def figures(self) -> dict[str, Any]:
        """What is known of its life, for metrics."""
        state, reason, since = self.life.said()
        return {
            "state": state, "reason": reason, "since": since, "trouble": "", "live": False,
            "reconnects": 0, "tries": 0, "stalls": self.counts.stalls, "abandoned_readers": 0,
            "hanging_readers": 0, "read": self.counts.read, "lost": self.counts.dropped(), "copied_frames": 0,
            "converted_bytes": 0, "decode_skipped": 0, "time_went_back": 0, "drift_ppm": None,
            "behind_ms": None,
        }  # fmt: skip
