"""Expected run times out of Profile documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from edgert.documents import Profile
from edgert.documents.profile import Among, Point


class RunTimes:
    """What one run of a model is expected to take: `times(threads, batch)` is in seconds.

    The median of a run alone, times by how much longer its runs take among other work, where that was
    measured. Between measured batches it is interpolated; beyond the largest it grows by
    the last step's cost an item; of threads that weren't measured, the next fewer that were are taken (the
    fewest, where there are none). A fixed batch costs the same, however many of its items are used.
    """

    def __init__(
        self, points: Sequence[Point], fixed_batch: int | None = None, among: Sequence[Among] = ()
    ) -> None:
        if not points:
            raise ValueError("there is no point; measure one at least")
        self._fixed = fixed_batch
        self._by_threads: dict[int, dict[int, float]] = {}
        by_load = sorted(points, key=lambda point: (-point.instances, -(point.in_flight or 0)))
        for point in by_load:  # those of the fewest instances and in flight win
            self._by_threads.setdefault(point.threads, {})[point.batch] = float(point.p50)
        self._longer = _longer(among, self._by_threads)

    def __call__(self, threads: int = 1, batch: int = 1) -> float:
        """Seconds of a run of `batch` items on `threads` threads."""
        fewer = [count for count in self._by_threads if count <= threads]
        nearest = max(fewer) if fewer else min(self._by_threads)
        known, longer = self._by_threads[nearest], self._longer.get(nearest, 1.0)
        if self._fixed is not None:
            return longer * known[self._fixed] * -(-batch // self._fixed)
        return longer * _at(sorted(known.items()), batch)


def run_times(profiles: Iterable[Profile], device: str = "cpu:0") -> dict[str, RunTimes]:
    """By model, as steps call it: a function of threads and batch that gives the expected seconds of a run.

    Where several profiles have a model, the newest one counts.
    """
    found: dict[str, RunTimes] = {}
    for profile in sorted(profiles, key=lambda profile: profile.date):
        for model in profile.models:
            if model.device == device:
                fixed = None if model.batch == "free" else model.batch
                found[model.model] = RunTimes(model.points, fixed, model.among)
    return found


def _longer(among: Sequence[Among], known: Mapping[int, Mapping[int, float]]) -> dict[int, float]:
    """By threads: the median among other work on one lane, over that of the smallest batch alone."""
    fewest = sorted(among, key=lambda one: -one.lanes)
    medians = {one.threads: one.p50 for one in fewest if one.threads in known}
    return {threads: took / known[threads][min(known[threads])] for threads, took in medians.items()}


def _at(known: Sequence[tuple[int, float]], batch: int) -> float:
    first, last = known[0], known[-1]
    if batch <= first[0]:
        return first[1]
    for (low, cheap), (high, dear) in pairwise(known):
        if batch <= high:
            return cheap + (dear - cheap) * (batch - low) / (high - low)
    before = known[-2] if len(known) > 1 else (0, 0.0)
    item = max((last[1] - before[1]) / (last[0] - before[0]), 0.0)
    return last[1] + item * (batch - last[0])
