"""The last seconds of an encoded stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Coded:
    """One packet as it came: `time` in seconds of the stream, `arrival` on the monotonic clock in ns."""

    packet: Any  # av.Packet; shares the demuxer's memory
    time: float
    arrival: int
    key: bool  # decoding can start here
    bytes: int


class Ring:
    """Packets of the last `seconds`, from a key frame on; at most `most_bytes`. One thread uses it."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self.seconds, self.most_bytes = seconds, most_bytes
        self.bytes = 0
        self.cut = 0  # packets let go before their time, because of most_bytes
        self._packets: deque[Coded] = deque()

    def add(self, coded: Coded) -> None:
        """Takes the newest packet, and lets go what is too old to be asked for."""
        if not self._packets and not coded.key:
            return  # nothing can be decoded from here
        self._packets.append(coded)
        self.bytes += coded.bytes
        while (start := self._second_key()) and self._packets[start].time <= coded.time - self.seconds:
            self._drop(start)
        while self.bytes > self.most_bytes and self._packets:
            self.cut += self._drop(self._second_key() or len(self._packets))

    def since(self, time: float) -> Iterator[Coded]:
        """Packets from the last key frame at or before `time` on (or from the oldest)."""
        start = 0
        for index, coded in enumerate(self._packets):
            if coded.key and coded.time <= time:
                start = index
        yield from list(self._packets)[start:]

    def time_at(self, arrival: int) -> float | None:
        """The stream's time when this was the monotonic clock's; None of an empty ring."""
        found: float | None = None
        for coded in self._packets:
            if found is None or coded.arrival <= arrival:
                found = coded.time
        return found

    @property
    def newest(self) -> float:
        """The stream's time of the newest packet; 0 of an empty ring."""
        return self._packets[-1].time if self._packets else 0.0

    def clear(self) -> None:
        """Forgets all: the stream begins anew."""
        self._packets.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._packets)

    def _second_key(self) -> int:
        """Where the next group of pictures begins; 0: there is none."""
        return next((i for i, coded in enumerate(self._packets) if i and coded.key), 0)

    def _drop(self, count: int) -> int:
        for _ in range(count):
            self.bytes -= self._packets.popleft().bytes
        return count
