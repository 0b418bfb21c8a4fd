"""Where a sensor's encoded packets go, while those who want them come and go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .container import Tap


class Taps:
    """A Tap that gives to others. set() from any thread; the rest on the thread that reads, on which one that
    comes while a stream runs is told that it begins."""

    def __init__(self) -> None:
        self._wanted: tuple[Tap, ...] = ()
        self._told: tuple[Tap, ...] = ()  # of the stream at hand
        self._stream: Any = None

    def set(self, taps: Sequence[Tap]) -> None:
        """These from the next packet on."""
        self._wanted = tuple(taps)

    def begin(self, stream: Any) -> None:
        """Tells all."""
        self._stream, self._told = stream, ()
        self._tell()

    def packet(self, packet: Any) -> None:
        """Tells all."""
        if self._wanted is not self._told:
            self._tell()
        for tap in self._told:
            tap.packet(packet)

    def _tell(self) -> None:
        wanted, told = self._wanted, self._told
        for tap in wanted:
            if not any(tap is known for known in told):
                tap.begin(self._stream)
        self._told = wanted
