"""One model: how many instances, threads and items a run give most, within what a run may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from edgert.documents.profile import Point
from edgert.errors import EngineError, ExhaustedError
from edgert.profile.bench import Bench
from edgert.profile.grid import Place, doublings
from edgert.profile.others import DISTURBED

from .race import race

MOST_BATCH = 32
TRIES = 3  # of a round that other processes disturb
WORTH = 1.02  # a larger batch has to bring so much
SATURATED = 0.95  # of the best throughput of a single item a run
Seen = Callable[[Place], None]


@dataclass(frozen=True)
class Found:
    """What the search came to."""

    place: Place
    points: list[Point]
    """The best measurement of each place that was tried."""
    bound: float | None
    """What a run may take, in seconds."""
    fits: bool
    """False: no place keeps the bound; this one comes nearest."""
    whole: bool = True
    """False: the search was broken off, and this is the best by then."""

    @property
    def other_cores(self) -> float:
        """Cores that other processes used meanwhile; the median of the points."""
        return median(point.other_cores for point in self.points)

    @property
    def point(self) -> Point:
        """The chosen one's."""
        return next(point for point in self.points if point.place == self.place)

    @property
    def saturation(self) -> Place:
        """The least that gives nearly all that one item a run can give: more only adds latency."""
        least = min(point.batch for point in self.points)
        single = [point for point in self.points if point.batch == least]
        most = max(point.throughput for point in single)
        enough = [point for point in single if point.throughput >= SATURATED * most]
        return min(enough, key=lambda point: (point.instances * point.threads, point.p90)).place


class Search:
    """Searches in three steps, each of which measures only what the one before left open.

    First how to use the cores: many instances of one thread, one of many, or between. Then the batch, doubled
    while that pays. Then those that are close, against each other. Among what gives as good as most, shorter
    runs win.
    """

    def __init__(
        self,
        bench: Bench,
        cores: int,
        seconds: float = 0.1,
        bound: float | None = None,
        seen: Seen = lambda place: None,
    ) -> None:
        self._bench, self._cores, self._seconds, self._seen = bench, cores, seconds, seen
        self._bound = bound
        self._best: dict[Place, Point] = {}
        self._refused: set[int] = set()

    def run(self) -> Found:
        """Finds the best place. Raises what the engine raises when not even one item runs."""
        first = 1 if self._bench.batch == "free" else int(self._bench.batch)
        ways = [place for place in self._ways(first) if self._rate(place) >= 0]
        ranked = race(ways, self._rate, 3)
        ways = self._within(ranked) or ranked
        if self._bench.batch == "free":
            ways = self._grown(ways)
        final = race(self._close(ways), self._rate, 5)
        inside = self._within(final)
        chosen = self._quickest(inside) if inside else min(self._best, key=lambda way: self._best[way].p90)
        return Found(chosen, list(self._best.values()), self._bound, bool(inside))

    def so_far(self) -> Found | None:
        """What is known when run() is broken off; None before the first measurement was made."""
        if not self._best:
            return None
        inside = self._within(list(self._best))
        chosen = self._quickest(inside or list(self._best))
        return Found(chosen, list(self._best.values()), self._bound, bool(inside), whole=False)

    def _ways(self, batch: int) -> list[Place]:
        """One instance of one thread, all ways to fill the cores, and two runs a core, which pays where
        runs wait for something else (a device)."""
        filled = [(self._cores // threads, threads, batch) for threads in doublings(self._cores)]
        return list(dict.fromkeys([(1, 1, batch), *filled, (2 * self._cores, 1, batch)]))

    def _grown(self, ways: Sequence[Place]) -> list[Place]:
        """The ways with the batch that pays for each of the two best of them."""
        grown = list(ways)
        for instances, threads, _ in ways[:2]:
            batch, rate = 2, self._best[instances, threads, 1].throughput
            while batch <= MOST_BATCH:
                place = (instances, threads, batch)
                now = self._rate(place)
                if now <= 0 or not self._within([place]):
                    break
                grown.append(place)
                if now < rate * WORTH and batch > 4:
                    break
                batch, rate = batch * 2, max(now, rate)
        return grown

    def _quickest(self, ways: Sequence[Place]) -> Place:
        """Of those that give as good as most, the one whose runs take least."""
        most = max(self._best[place].throughput for place in ways)
        alike = [place for place in ways if self._best[place].throughput * WORTH >= most]
        return min(alike, key=lambda place: self._best[place].p90)

    def _close(self, ways: Sequence[Place]) -> list[Place]:
        most = max(self._best[place].throughput for place in ways)
        return [place for place in ways if self._best[place].throughput >= 0.85 * most]

    def _within(self, ways: Sequence[Place]) -> list[Place]:
        if self._bound is None:
            return list(ways)
        return [place for place in ways if self._best[place].p90 <= self._bound]

    def _rate(self, place: Place) -> float:
        """Items a second of one short round; 0 where the engine refuses that batch. Keeps the best."""
        if place[2] in self._refused:
            return 0.0
        self._seen(place)
        most = 0.0
        for _ in range(TRIES):
            try:
                point = self._bench.measure(*place, seconds=self._seconds)
            except (EngineError, ExhaustedError):
                if not self._best:
                    raise
                self._refused.add(place[2])
                return 0.0
            before = self._best.get(place)
            if before is None or point.throughput > before.throughput:
                self._best[place] = point
            most = max(most, point.throughput)
            if point.other_cores < DISTURBED:
                break
        return most
