"""Media time of a sensor through all its readers: it goes on, whatever a source's own time does."""

from __future__ import annotations

LEAST = 1e-3  # s that time moves on at least where the source's own went back


class MediaTime:
    """From a source's media time to the sensor's, which starts where the first source does and never goes
    back. Seconds."""

    def __init__(self) -> None:
        self._shift = 0.0
        self._last: float | None = None
        self._arrived = 0.0
        self._anew = False
        self._zero: float | None = None
        self.went_back = 0  # how often a source's time did

    def begin(self) -> None:
        """Another reader comes: its time has nothing to do with the last one's."""
        self._anew = self._last is not None

    def at(self, media: float, arrival: float) -> tuple[float, bool]:
        """The sensor's time of a frame, and whether it doesn't continue the last one.

        `media` below 0: the source has none, the time of arrival (monotonic) is taken.
        """
        if media < 0:
            self._zero = arrival if self._zero is None else self._zero
            media = arrival - self._zero
        time = media + self._shift
        back = self._last is not None and time < self._last
        if self._last is not None and (self._anew or back):
            self.went_back += back and not self._anew
            time = self._last + max(LEAST, arrival - self._arrived)
            self._shift = time - media
        gap, self._anew = self._anew or back, False
        self._last, self._arrived = time, arrival
        return time, gap
