"""Not decoding what nobody wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

# Encoders put at most three frames that no other needs in a row (x264's default, H.264's hierarchical GOPs of
# four): a quarter of the rate is left when they are skipped
FEWER = 4.0
EARLY = 1 / 8  # of a period that a frame may come before its time, as the core's rates have it


class Sparing(Protocol):
    """Decides about packets. `skipped` counts those that were not decoded."""

    skipped: int

    def wanted(self, packet: Any) -> bool:
        """Whether the decoder is to get it."""

    def came(self, frames: Sequence[Any]) -> None:
        """What the decoder gave for it."""


def make_sparing(stream: Any, rate: float, wanted: float) -> Sparing | None:
    """What may be spared of a stream of `rate` frames a second; None: nothing."""
    context = stream.codec_context
    if wanted >= rate:
        return None
    if context.codec.intra_only:
        return Intra(wanted)
    return NonReference(context, wanted) if rate >= FEWER * wanted else None


class Intra:
    """Each packet is a whole frame (MJPEG, raw video): only those that are due are decoded."""

    def __init__(self, wanted: float) -> None:
        self._period = 1 / wanted
        self._due: float | None = None
        self.skipped = 0

    def wanted(self, packet: Any) -> bool:
        """Whether a frame is due, by the same rule as the core's rates."""
        if packet.pts is None or packet.time_base is None:
            return True
        time = float(packet.pts * packet.time_base)
        if self._due is None or time < self._due - 2 * self._period:  # the first one, or time went back
            self._due = time
        if time < self._due - self._period * EARLY:
            self.skipped += 1
            return False
        self._due = max(self._due + self._period, time - self._period)
        return True

    def came(self, frames: Sequence[Any]) -> None:
        """Nothing to learn."""


class NonReference:
    """Frames that no other frame needs are skipped by the decoder itself, until that proves too many."""

    def __init__(self, context: Any, wanted: float) -> None:
        self._context, self._period = context, 1 / wanted
        self._last: float | None = None
        self._packets = self._frames = 0
        self.skipped = 0
        context.skip_frame = "NONREF"

    def wanted(self, packet: Any) -> bool:
        """Always: the decoder looks for itself."""
        self._packets += packet.pts is not None
        return True

    def came(self, frames: Sequence[Any]) -> None:
        """Counts, and gives up where frames come more seldom than they are wanted."""
        for frame in frames:
            self._frames += 1
            time = frame.time
            if time is not None and self._last is not None and time - self._last > self._period * (1 + EARLY):
                self._context.skip_frame = "DEFAULT"
            self._last = time
        # those that are still in the decoder are taken for skipped only until they come out
        self.skipped = max(self.skipped, self._packets - self._frames - self._delay)

    @property
    def _delay(self) -> int:
        return max(0, int(getattr(self._context, "delay", 0) or 0)) + int(self._context.thread_count or 0)
