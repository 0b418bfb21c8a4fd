"""A device's clock against this machine's: when a frame was taken, and how fast the two drift apart."""

from __future__ import annotations

from collections import deque
from statistics import median

BIN = 1.0  # s; of each, the frame that came with the least delay counts
BINS = 60
FEW = 5  # bins without which nothing is said
MOST_DELAY = 0.5  # s before its arrival that a frame is believed to have been taken


class DeviceClock:
    """From the times of a device (s) and of arrival (s, monotonic).

    Delays on the way only make frames late, so the least difference of each second lies near the true
    offset. The drift is the median of the slopes between all pairs of these: Theil-Sen's estimate (P. K.
    Sen, Journal of the American Statistical Association 63, 1968), which stays right while less than 29 %
    of the points are far off. Python's part of a frame's path: a few comparisons a frame, the estimate when
    asked.
    """

    def __init__(self) -> None:
        self._least: deque[tuple[float, float]] = deque(maxlen=BINS)  # device's time, offset
        self._bin: float | None = None
        self._first: float | None = None

    def restart(self) -> None:
        """The device's time began anew."""
        self._least.clear()
        self._bin = self._first = None

    def taken(self, device: float, arrival: float) -> float:
        """When (monotonic, s) the frame was taken that is stamped `device` and came at `arrival`."""
        offset = arrival - device
        if self._bin is None or device - self._bin >= BIN or device < self._bin:
            self._least.append((device, offset))
            self._bin = device
        elif offset < self._least[-1][1]:
            self._least[-1] = (device, offset)
        recent = min(offset for _, offset in list(self._least)[-10:])
        return max(device + recent, arrival - MOST_DELAY)

    @property
    def ppm(self) -> float | None:
        """How many millionths the device's clock is slow (above 0: media time falls behind); None before
        it can be told."""
        points = list(self._least)
        if len(points) < FEW:
            return None
        slopes = [
            (later[1] - earlier[1]) / (later[0] - earlier[0])
            for index, earlier in enumerate(points)
            for later in points[index + 1 :]
            if later[0] > earlier[0]
        ]
        return median(slopes) * 1e6 if slopes else None

    @property
    def behind_ms(self) -> float | None:
        """How far media time fell behind this machine's clock since the start of what is remembered."""
        points = list(self._least)
        if len(points) < FEW:
            return None
        third = max(1, len(points) // 3)
        early, late = points[:third], points[-third:]
        return (median(offset for _, offset in late) - median(offset for _, offset in early)) * 1e3
