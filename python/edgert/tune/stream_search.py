"""One device: how many streams, runs in flight and items a run give most, within what its models may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from edgert.documents import Device
from edgert.documents.device import MOST_RUNS
from edgert.errors import EngineError, ExhaustedError, InvalidError
from edgert.profile.box import usable_cores
from edgert.profile.others import DISTURBED
from edgert.profile.stream_bench import StreamBench

from .race import race
from .search import MOST_BATCH, SATURATED, TRIES, WORTH
from .stream_mix import StreamSetting, StreamTaken, least_batches, measure, with_batch

IN_FLIGHT = (1, 2, 4)
WIDER = 1.05  # twice the streams have to bring so much
CLOSE = 0.85  # of the most: who runs in the last race
Seen = Callable[[StreamSetting], None]
Measure = Callable[[StreamSetting], StreamTaken]


@dataclass(frozen=True)
class FoundStreams:
    """What the search of one device came to."""

    device: Device
    setting: StreamSetting
    tried: Mapping[StreamSetting, StreamTaken]
    """The best measurement of each setting."""
    bounds: Mapping[str, float]
    """By model, what a run may take, in seconds, from its enqueuing on."""
    fits: bool
    """False: nothing keeps the bounds; this comes nearest."""
    whole: bool = True
    """False: the search was broken off, and this is the best by then."""

    @property
    def taken(self) -> StreamTaken:
        """The chosen setting's."""
        return self.tried[self.setting]

    @property
    def other_cores(self) -> float:
        """Cores that other processes used meanwhile; the median."""
        return median(taken.other_cores for taken in self.tried.values())

    @property
    def gain(self) -> float | None:
        """Rounds a second over those of what the documents say; None where that wasn't measured."""
        written = [
            taken.rounds
            for setting, taken in self.tried.items()
            if (setting.streams, setting.in_flight) == (self.device.streams, self.device.in_flight)
            and setting.batches == self.least
        ]
        return self.taken.rounds / written[0] if written else None

    @property
    def least(self) -> tuple[tuple[str, int], ...]:
        """The smallest batches."""
        return min((setting.batches for setting in self.tried), key=lambda one: [count for _, count in one])

    @property
    def saturation(self) -> StreamSetting:
        """The least that gives nearly all that the smallest batches can give: more only adds latency."""
        single = {setting: taken for setting, taken in self.tried.items() if setting.batches == self.least}
        most = max(taken.rounds for taken in single.values())
        enough = [one for one, taken in single.items() if taken.rounds >= SATURATED * most]
        return min(enough, key=lambda one: (one.runs, one.in_flight))


class StreamSearch:
    """Searches in three steps, each of which measures only what the one before left open.

    First more streams, with one to four runs in flight on each, while they bring more. Then the batch of each
    model, doubled while that pays and the device makes it. Then those that are close, against each other.
    Among what gives as good as most, what holds runs for the shortest time wins.
    """

    def __init__(
        self,
        device: Device,
        benches: Mapping[str, StreamBench],
        seconds: float = 0.1,
        bounds: Mapping[str, float] | None = None,
        seen: Seen = lambda setting: None,
        measure_one: Measure | None = None,
    ) -> None:
        self._device, self._benches, self._seen = device, benches, seen
        self._bounds = dict(bounds or {})
        self._measure = measure_one or (lambda setting: measure(benches, device, setting, seconds))
        self._tried: dict[StreamSetting, StreamTaken] = {}
        self._refused: set[StreamSetting] = set()

    def run(self) -> FoundStreams:
        """Finds the best setting. Raises what a device raises when not even one stream runs."""
        least = least_batches(self._benches)
        self._rate(StreamSetting(1, 1, least))
        self._rate(StreamSetting(self._device.streams, self._device.in_flight, least))
        self._widen(least)
        for name, bench in self._benches.items():
            if bench.batch == "free":
                self._grow(name)
        final = race(self._close(), self._rate, 3)
        inside = self._within(final) or self._within(list(self._tried))
        chosen = self._quickest(inside) if inside else min(self._tried, key=self._overrun)
        return self._found(chosen, bool(inside))

    def so_far(self) -> FoundStreams | None:
        """What is known when run() is broken off; None before the first measurement was made."""
        if not self._tried:
            return None
        inside = self._within(list(self._tried))
        return self._found(self._quickest(inside or list(self._tried)), bool(inside), whole=False)

    def _found(self, chosen: StreamSetting, fits: bool, whole: bool = True) -> FoundStreams:
        return FoundStreams(self._device, chosen, self._tried, self._bounds, fits, whole)

    def _widen(self, batches: tuple[tuple[str, int], ...]) -> None:
        """Twice the streams as long as any number in flight brings more than all before."""
        most, streams = 0.0, 1
        while streams <= MOST_RUNS:
            ways = [
                StreamSetting(streams, depth, batches) for depth in IN_FLIGHT if streams * depth <= MOST_RUNS
            ]
            now = max((self._rate(way) for way in ways), default=0.0)
            if now < most * WIDER or not self._within([way for way in ways if way in self._tried]):
                return
            most, streams = max(most, now), 2 * streams

    def _grow(self, name: str) -> None:
        """The batch of one model, at what is best so far."""
        setting = self._quickest(self._within(list(self._tried)) or list(self._tried))
        most, batch = self._tried[setting].rounds, 2
        while batch <= MOST_BATCH:
            grown = with_batch(setting, name, batch)
            now = self._rate(grown)
            if (grown in self._tried and not self._within([grown])) or (now < most * WORTH and batch > 4):
                return
            most, batch = max(most, now), 2 * batch

    def _quickest(self, ways: Sequence[StreamSetting]) -> StreamSetting:
        """Of those that give as good as most, the one that holds runs for the shortest time."""
        most = max(self._tried[way].rounds for way in ways)
        alike = [way for way in ways if self._tried[way].rounds * WORTH >= most]
        return min(alike, key=lambda way: (max(self._tried[way].held.values()), way.runs))

    def _close(self) -> list[StreamSetting]:
        ways = self._within(list(self._tried)) or list(self._tried)
        most = max(self._tried[way].rounds for way in ways)
        return [way for way in ways if self._tried[way].rounds >= CLOSE * most]

    def _within(self, ways: Sequence[StreamSetting]) -> list[StreamSetting]:
        return [way for way in ways if self._overrun(way) <= 1]

    def _overrun(self, way: StreamSetting) -> float:
        """How long runs are held, over what they may take; the worst model's."""
        held = self._tried[way].held
        return max((held[name] / bound for name, bound in self._bounds.items() if name in held), default=0.0)

    def _rate(self, way: StreamSetting) -> float:
        """Rounds a second of one short round; 0 where the device refuses it. Keeps the best."""
        if way in self._refused:
            return 0.0
        self._seen(way)
        most = 0.0
        for _ in range(TRIES):
            try:
                taken = self._measure(way)
            except (EngineError, ExhaustedError, InvalidError):
                if not self._tried:
                    raise
                self._refused.add(way)
                return 0.0
            before = self._tried.get(way)
            if before is None or taken.rounds > before.rounds:
                self._tried[way] = taken
            most = max(most, taken.rounds)
            if taken.other_cores < DISTURBED * usable_cores():
                break  # a device is fed from any core that is free
        return most
