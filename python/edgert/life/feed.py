"""One sensor's whole life: its state, its reader, and what happens when that ends, hangs or is replaced."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..sources.base import Item, Source
from .backoff import Backoff, Waits
from .care import Care
from .counts import Counts
from .delivery import Delivery
from .reader import CLOSE, READ, Reader
from .reasons import for_good, said
from .states import AT_REST, OVER, TROUBLE, Life, State

if TYPE_CHECKING:
    from ..sources.container import Tap

GRACE = 2.0  # s that a reader gets to end when it is asked to
MOST_HANGING = 4  # readers that may hang at once; then one of them must come back first
Factory = Callable[[], Source]


class Feed:
    """Looks after one sensor. The keeper calls tick() now and then; all else is called by the program.

    `make` makes a source that was not opened yet, without blocking. `on_over` is told when the sensor ended
    or failed, on_again() when it is started after that. Thread rule: any thread; nothing here blocks for
    longer than a push.
    """

    def __init__(
        self,
        sensor: str,
        make: Factory,
        port: Any,
        care: Care,
        on_over: Callable[[Feed], None] = lambda feed: None,
        on_again: Callable[[Feed], None] = lambda feed: None,
        clock: Callable[[], float] = time.monotonic,
        life: Life | None = None,
    ) -> None:
        self.sensor, self.make, self.care = sensor, make, care
        self.number = getattr(port, "number", 0)  # of the sensor, as long as plans agree on it
        self.life = life or Life()
        self.counts = Counts()
        self._port, self._clock = port, clock
        self._on_over, self._on_again = on_over, on_again
        self._lock = threading.RLock()
        self._delivery = Delivery(port, care, self.counts, clock)
        self._backoff = Backoff(care.waits or Waits())
        self._reader: Reader | None = None
        self._hanging: list[Reader] = []
        self._wanted = False  # a reader is
        self._open_at = 0.0
        self._running_since: float | None = None  # of the present reader
        self._go_on = threading.Event()
        self._go_on.set()

    # -- what the program does

    def start(self, reason: str = "") -> None:
        """Begins to read; of a sensor that ended or failed, anew. Where it runs already, nothing changes."""
        with self._lock:
            if self._wanted:
                return
            if self.life.state in OVER:
                self._on_again(self)
            self._backoff = Backoff(self.care.waits or Waits())
            held = self._reader is not None and self._reader.frames > 0 and not self._reader.stopping.is_set()
            self._wanted = True
            self.life.to(State.RUNNING if held else State.STARTING, reason)
            self._open_at = self._clock()
            self._go_on.set()
            if self._reader is None:
                self._open()

    def stop(self, reason: str = "by the program") -> None:
        """Ends reading; what is under way comes out. start() begins again."""
        with self._lock:
            self._wanted = False
            if self.life.state in TROUBLE:
                reason = f"while {self.life.state}: {self.life.reason}"  # what a run's end is to say
            if self.life.state not in OVER:
                self.life.to(State.STOPPED, reason)
            self._leave("asked")
            self._go_on.set()

    def pause(self) -> None:
        """Stops reading for a while. A recording stays where it is; a device is closed and opened again."""
        with self._lock:
            if self.life.state in OVER or self.life.state is State.STOPPED:
                return
            self._wanted = False
            self.life.to(State.PAUSED, "by the program")
            if self.care.live:
                self._leave("asked")
            else:
                self._go_on.clear()

    def replace(self, make: Factory, care: Care | None = None, reason: str = "replaced") -> None:
        """Goes on with another source. A sensor that is paused, stopped or waiting stays so."""
        with self._lock:
            self.make = make
            if care is not None:
                self.care = self._delivery.care = care
            self._leave("asked")
            self._backoff = Backoff(self.care.waits or Waits())
            if self.life.state in OVER:
                self.start(reason)
            elif self._wanted:
                self.life.to(State.STARTING, reason)
                self._open_at = self._clock()
                if self._reader is None:
                    self._open()

    def adjust(self, care: Care) -> None:
        """Looks after the same source in another way. One that must give more frames than it was told is
        told, or, where it is live, opened again."""
        with self._lock:
            before, self.care = self.care, care
            self._delivery.care = care
            more = before.wanted is not None and (care.wanted is None or care.wanted > before.wanted)
            want = getattr(self._reader.source, "want", None) if self._reader is not None else None
            if not more or want is None:
                return
            if care.live:
                self.replace(self.make, care, "wanted more often")
            else:
                want(math.inf if care.wanted is None else care.wanted)

    def join(self, timeout: float) -> bool:
        """Waits until its reader has ended. False: it did not, and is left behind."""
        reader = self._reader
        if reader is None or reader is threading.current_thread():
            return True
        reader.join(max(0.0, timeout))
        with self._lock:
            if reader.is_alive() and self._reader is reader:
                self._abandon()
        return not reader.is_alive()

    @property
    def over(self) -> bool:
        """Whether nothing more comes by itself."""
        return self.life.state in OVER

    # -- what the keeper does

    def tick(self) -> None:
        """Looks after the reader, and opens the source when it is time to."""
        with self._lock:
            now = self._clock()
            if self._reader is not None:
                self._watch(self._reader, now)
            if self._reader is None and self._wanted and now >= self._open_at:
                self._open()

    def _watch(self, reader: Reader, now: float) -> None:
        doing, since = reader.activity
        if reader.stopping.is_set():
            if now >= reader.leave_by and doing in (READ, CLOSE):
                self._abandon()
            return
        limit = self.care.stall_after if reader.frames else self.care.open_within
        if doing != READ or limit is None or now - since <= limit or self.life.state is State.STALLED:
            return
        self.counts.stalls += 1
        self.life.to(State.STALLED, f"no frame for {limit:g} s")
        if self.care.waits is not None:
            self._leave("stalled")

    def _open(self) -> None:
        now = self._clock()
        self._hanging = [reader for reader in self._hanging if reader.is_alive()]
        if len(self._hanging) >= MOST_HANGING:
            self.life.to(State.RECONNECTING, f"{len(self._hanging)} readers of it hang in their driver")
            self._open_at = now + 1.0
            return
        try:
            source = self.make()
            self._delivery.begin(source)
            reader = Reader(self.sensor, source, self, self._clock)
            self._reader, self._running_since = reader, None
            reader.start()
        except Exception as error:  # a source that can't be made, or no more threads
            self._reader = None
            self._lost(error, said(error))

    def _leave(self, why: str) -> None:
        if self._reader is not None and not self._reader.stopping.is_set():
            self._reader.leave(why, self._clock() + GRACE)

    def _abandon(self) -> None:
        reader, self._reader = self._reader, None
        assert reader is not None
        reader.abandoned = True
        self._hanging.append(reader)
        self.counts.abandoned += 1
        self._delivery.end(reader.source)
        if self._wanted and reader.why_left == "stalled":
            self._lost(None, f"{self.life.reason}; its reader hangs and was left behind")

    # -- what readers do

    def hold(self, reader: Reader) -> bool:
        """Waits while the sensor is paused."""
        if self._go_on.is_set():
            return False
        while not self._go_on.wait(GRACE) and not reader.stopping.is_set():
            pass
        return True

    def deliver(self, reader: Reader, item: Item) -> bool:
        """Takes a frame into the sensor's inbox."""
        taken = self._delivery.take(reader, item)
        if self.life.state not in (State.RUNNING, *AT_REST):
            self._came(reader)
        return taken

    def _came(self, reader: Reader) -> None:
        with self._lock:
            if reader is not self._reader or not self._wanted or reader.stopping.is_set():
                return
            self.counts.reconnects += self.life.state is State.RECONNECTING
            self.life.to(State.RUNNING)
            self._running_since = self._clock()

    def over_with(self, reader: Reader, error: Exception | None) -> None:
        """A reader has ended."""
        with self._lock:
            if reader is not self._reader:
                return  # it had been left behind
            self._reader = None
            self._delivery.end(reader.source)
            if not self._wanted:
                self._end_where_held(reader, error)
            elif reader.why_left == "asked":
                self._open()
            elif reader.why_left == "stalled":
                self._lost(error, self.life.reason)
            elif error is None and self._may_end(reader):
                self._finish(State.ENDED, "")
            else:
                self._lost(error, said(error) if error else "its stream ended")

    def _may_end(self, reader: Reader) -> bool:
        """Whether the end of its frames is the sensor's; a live one was lost, unless it says that it ends."""
        return not (self.care.live and self.care.waits) or getattr(reader.source, "ends", False)

    def _end_where_held(self, reader: Reader, error: Exception | None) -> None:
        """A recording that was paused while its last frame was read has ended all the same."""
        if self.life.state is State.PAUSED and not reader.stopping.is_set():
            self._finish(State.FAILED if error else State.ENDED, said(error) if error else "")

    def _lost(self, error: Exception | None, reason: str) -> None:
        now = self._clock()
        if self._running_since is not None:
            self._backoff.ran(now - self._running_since)
            self._running_since = None
        wait = None if self.care.waits is None or for_good(error) else self._backoff.next()
        if wait is None:
            tried = self._backoff.tries
            tries = "1 try" if tried == 1 else f"{tried} tries"
            self._finish(State.FAILED, reason + (f"; given up after {tries}" if tried else ""))
            return
        self.counts.tries += 1
        self._open_at = now + wait
        self.life.to(State.RECONNECTING, reason)

    def _finish(self, state: State, reason: str) -> None:
        self._wanted = False
        self.life.to(state, reason)
        self._port.finish()
        self._on_over(self)

    def listen(self, taps: Sequence[Tap]) -> None:
        """The encoded packets of the source, and of each that comes, go to these, and no longer to others."""
        self._delivery.taps.set(taps)

    # -- figures

    def figures(self) -> dict[str, Any]:
        """What is known of its life, for metrics."""
        state, reason, since = self.life.said()
        trouble = "" if self.life.trouble is None else self.life.trouble.value
        hanging = sum(reader.is_alive() for reader in self._hanging)
        reconnects = self.counts.reconnects + self._delivery.reconnects
        return {
            "state": state, "reason": reason, "since": since, "trouble": trouble,
            "live": self.care.live, "reconnects": reconnects, "tries": self.counts.tries,
            "stalls": self.counts.stalls, "abandoned_readers": self.counts.abandoned,
            "hanging_readers": hanging, **self._delivery.figures(),
        }  # fmt: skip
