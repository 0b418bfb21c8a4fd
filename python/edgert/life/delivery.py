"""From a reader into the sensor's inbox: its time, its capture, the frame budget, and what is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DeadlineError, ExhaustedError, InvalidError
from ..sources.base import Item, Picture, Source
from ..sources.rejected import merged, troubles
from ..sources.taps import Taps
from .care import Care
from .counts import Counts
from .drift import DeviceClock
from .media import MediaTime

if TYPE_CHECKING:
    from .reader import Reader

SHORT = 0.005  # s between two tries when readers hold too many frames
WAIT = 0.25  # s that a full inbox is waited for before looking whether to stop


class Delivery:
    """What stands between the readers of one sensor and its port."""

    def __init__(self, port: Any, care: Care, counts: Counts, clock: Callable[[], float]) -> None:
        self.care, self.counts = care, counts
        self.media, self.device = MediaTime(), DeviceClock()
        self._port, self._clock = port, clock
        # Held by the reader that pushes. One that was left behind sees that when it gets here, so none of
        # its frames comes after one of its successor.
        self._door = threading.Lock()
        self._source: Source | None = None
        self.taps = Taps()  # get the packets of each source
        # Of sources before this one:
        self._ended: dict[str, int] = {"copied_bytes": 0, "decode_skipped": 0, "reconnects": 0}
        self._troubles: dict[str, Any] = {}

    def begin(self, source: Source) -> None:
        """Another source comes."""
        want = getattr(source, "want", None)
        if want is not None and self.care.wanted is not None:
            want(self.care.wanted)
        if hasattr(source, "tap"):
            source.tap = self.taps
        with self._door:
            self._source = source
            self.media.begin()
            self.device.restart()

    def end(self, source: Source) -> None:
        """This one has ended, or was left behind."""
        if source is self._source:
            self._source = None
            for name in self._ended:
                self._ended[name] += getattr(source, name, 0)
            self._troubles = merged(self._troubles, troubles(source))

    def take(self, reader: Reader, item: Item) -> bool:
        """Pushes a frame. False: the reader is to end. Raises InvalidError for one of another format."""
        with self._door:
            self.counts.read += 1
            if reader.abandoned:
                self.counts.stale += 1
                return False
            self._stamp(item)
            if not self._within_budget(item, reader.source):
                return True
            try:
                return self._push(reader, item)
            except InvalidError:
                self.counts.refused += 1
                raise

    def _stamp(self, item: Item) -> None:
        now = self._clock()
        went_back = self.media.went_back
        if self.care.live and item.media_time >= 0:
            taken = self.device.taken(item.media_time, now)
            if item.capture is None:
                item.capture = taken
        item.media_time, gap = self.media.at(item.media_time, now)
        item.gap = item.gap or gap
        if self.media.went_back != went_back:
            self.device.restart()

    def _within_budget(self, item: Item, source: Source) -> bool:
        budget = self.care.budget or getattr(source, "frame_budget", None)
        if budget is None or not isinstance(item, Picture):
            return True
        if self._port.held() < budget:
            item.lent = True
        elif self.care.when_short == "copy":
            item.copy()
            self.counts.copied += 1
        else:
            self.counts.budget += 1
            return False
        return True

    def _push(self, reader: Reader, item: Item) -> bool:
        while not reader.stopping.is_set():
            try:
                item.push(self._port, WAIT)
                return True
            except DeadlineError:  # the inbox is full and its document says block
                continue
            except ExhaustedError:  # readers hold too many results: a recording read at once waits for them
                if self.care.live or reader.source.realtime:
                    self.counts.held += 1
                    return True
                reader.stopping.wait(SHORT)
        self.counts.stopped += 1
        return False

    def figures(self) -> dict[str, Any]:
        """For metrics."""
        now = {name: done + getattr(self._source, name, 0) for name, done in self._ended.items()}
        return {
            "read": self.counts.read, "lost": self.counts.dropped(), "copied_frames": self.counts.copied,
            "converted_bytes": now["copied_bytes"], "decode_skipped": now["decode_skipped"],
            "time_went_back": self.media.went_back,
            "drift_ppm": self.device.ppm if self.care.live else None,
            "behind_ms": self.device.behind_ms if self.care.live else None,
            **merged(self._troubles, troubles(self._source)),
        }  # fmt: skip

    @property
    def reconnects(self) -> int:
        """How often the source itself made its connection again."""
        return self._ended["reconnects"] + int(getattr(self._source, "reconnects", 0))
