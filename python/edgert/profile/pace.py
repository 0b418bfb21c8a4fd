"""How fast the box is now, against when it was profiled.

A box is not always equally fast: a hot one lowers its clock, and on a shared host whoever uses the other half
of a core takes a part of it, for seconds or minutes, with nothing to be seen of it in the box. One machine
ran everything 1.25 to 1.4 times as long so, models, bounds and queues unchanged. So a few quick models are
run for a moment now and then: what is measured at another pace is brought to that of the beginning, and who
simulates can say, or measure, at which pace the box will be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median
from typing import TypeVar

import numpy as np

from edgert.documents import Profile
from edgert.documents.profile import PaceTime, Point, Times
from edgert.documents.units import Duration
from edgert.errors import InvalidError, make

from .bench import LEAST, Bench
from .box import usable_cores
from .others import Others
from .subjects import Subject

SECONDS = 0.1  # of a look
LEAST_ROUNDS = 3
AT_ONCE = 0.02  # s: so much the models that are run take together, but one is run
STEADY = 0.05  # of the pace: what changes less is its noise
MUCH = 0.3  # cores that others use: then a look tells of them, not of the box
TRIES = 3  # at a first look without them

Found = TypeVar("Found")
AnyTimes = TypeVar("AnyTimes", bound=Times)


class Pacer:
    """Runs the quickest of these models in turn, on a lane a core, and tells how long they take now.

    Raises EngineError, ExhaustedError.
    """

    def __init__(
        self,
        benches: Sequence[Bench],
        reference: Mapping[str, float] | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._seconds = seconds
        self._lanes = usable_cores()
        self._benches = list(benches)
        if reference is None:
            self._benches = quickest(self._benches, self.times()[0])
        self.reference = dict(reference) if reference is not None else self._first()
        """Seconds, by model, at pace 1."""
        self.now = 1.0
        """The pace when it was looked at last: how many times longer runs take than by the reference."""

    def times(self) -> tuple[dict[str, float], float]:
        """Seconds of a run, by model: a quarter of the runs took less. And the cores that others used."""
        from edgert import _native

        steps = [bench.steps(self._lanes, bench.threads, 1 if bench.batch == "free" else int(bench.batch))
                 for bench in self._benches]  # fmt: skip
        lanes = [[of[lane] for of in steps] for lane in range(self._lanes)]
        others = Others()
        found = _native.measure(
            lanes, seconds=self._seconds, warm=self._seconds / 4, least_rounds=LEAST_ROUNDS
        )
        used = others.cores()
        taken = {
            bench.subject.reference: mean(
                float(np.quantile(lane["runs"][at], 0.25)) for lane in found["lanes"]
            )
            for at, bench in enumerate(self._benches)
        }
        return {model: max(took, LEAST) for model, took in taken.items()}, used

    def look(self) -> float:
        """The pace now; where others use the box, that of the look before."""
        found, used = self.times()
        if used <= MUCH:
            self.now = median(found[model] / took for model, took in self.reference.items() if model in found)
        return self.now

    def paced(self, measure: Callable[[], Found]) -> tuple[Found, float]:
        """What `measure` gives, and the pace meanwhile."""
        before, found = self.now, measure()
        return found, (before + self.look()) / 2

    def _first(self) -> dict[str, float]:
        looks: list[tuple[dict[str, float], float]] = []
        while len(looks) < TRIES and (not looks or looks[-1][1] > MUCH):
            looks.append(self.times())
        return min(looks, key=lambda one: one[1])[0]


def is_steady(before: float, after: float) -> bool:
    """Whether the box kept its pace."""
    return abs(after / before - 1) <= STEADY


def factor(pace: float) -> float:
    """By which times are divided: 1 for what may be noise."""
    return pace if abs(pace - 1) > STEADY else 1.0


def brought(times: AnyTimes, pace: float) -> AnyTimes:
    """The times as they would have been at pace 1."""
    by = factor(pace)
    shorter = {key: Duration(float(getattr(times, key)) / by) for key in ("p50", "p90", "p99", "mean")}
    more = {"throughput": times.throughput * by} if isinstance(times, Point) else {}
    return times if by == 1 else times.model_copy(update={**shorter, **more})


def quickest(benches: Sequence[Bench], times: Mapping[str, float]) -> list[Bench]:
    """As many of the quick ones as take AT_ONCE together, or one."""
    found: list[Bench] = []
    total = 0.0
    for bench in sorted(benches, key=lambda one: times[one.subject.reference]):
        total += times[bench.subject.reference]
        if found and total > AT_ONCE:
            break
        found.append(bench)
    return found


def pace_times(pacer: Pacer) -> list[PaceTime]:
    """As a Profile has them."""
    return [PaceTime(model=model, took=Duration(took)) for model, took in pacer.reference.items()]


def pacer_of(profile: Profile, subjects: Sequence[Subject]) -> Pacer:
    """To look at this box's pace against that of a profile, with those of its models that are among
    `subjects`.

    Raises InvalidError where there is none, and what loading models raises.
    """
    known = {one.model: float(one.took) for one in profile.pace}
    benches = [Bench(one) for one in subjects if one.reference in known]
    if not benches:
        what = "it has no pace of a model that is here"
        raise make(InvalidError, profile.title, what, "measure it again: edgert profile DOCUMENTS")
    reference = {bench.subject.reference: known[bench.subject.reference] for bench in benches}
    return Pacer(benches, reference)
