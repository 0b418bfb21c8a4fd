"""What models take among other work: as they run in a box, not alone in a loop.

A model that runs again and again finds its branches predicted and its data in the caches: 4 to 30 % are
gained that no run between other models gains. So all models run in turn, each twice: the first run follows
another model, the second one its own, as in a box where a model's frames queue up. Where they are few, each
lane does other work between two models (`infer/neighbour.h`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents.profile import SHARES, Among, Spread
from edgert.documents.units import Duration

from .bench import LEAST, LEAST_RUNS, WARM, Bench
from .grid import doublings
from .others import DISTURBED, Others
from .spells import Series

REPEATS = 2
TWICE = range(2)
ENOUGH = 4
"""Models in turn: a model finds as little of what it left as among more of them."""


def lane_counts(cores: int) -> list[int]:
    """With how many lanes at work each model is measured."""
    return doublings(cores)


@dataclass(frozen=True)
class Round:
    """Runs of each lane in order, and the cores that others used meanwhile. The kind of a run is twice its
    model's place, and one more where it came again."""

    lanes: list[Series]
    other_cores: float

    def seconds(self, model: int, again: bool) -> Any:
        """Of a model's runs: after another model, or again."""
        return np.concatenate([lane.took[lane.kinds == 2 * model + again] for lane in self.lanes])


def measure_among(benches: Sequence[Bench], lanes: int, seconds: float) -> list[Among]:
    """What each model's runs take while all are run in turn, on so many lanes at once, each of which begins
    with another one: after another model, and again. Of few models, other work comes between two, too.

    Raises EngineError, ExhaustedError.
    """
    return pooled(benches, lanes, [measure_round(benches, lanes, seconds)])


def measure_round(benches: Sequence[Bench], lanes: int, seconds: float) -> Round:
    """The same, as it was measured. What other processes disturb is measured again, up to twice, and the
    least disturbed counts."""
    best = _once(benches, lanes, seconds)
    for _ in range(REPEATS):
        if best.other_cores <= DISTURBED:
            break
        best = min(best, _once(benches, lanes, seconds), key=lambda found: found.other_cores)
    return best


def pooled(benches: Sequence[Bench], lanes: int, rounds: Sequence[Round]) -> list[Among]:
    """All rounds together: a box isn't equally fast at any time."""
    return [
        Among(
            lanes=lanes,
            threads=threads_of(bench),
            other_cores=round(float(np.mean([one.other_cores for one in rounds])), 2),
            again=Spread(**spread(np.concatenate([one.seconds(model, True) for one in rounds]))),
            **spread(np.concatenate([one.seconds(model, False) for one in rounds])),
        )
        for model, bench in enumerate(benches)
    ]


def _once(benches: Sequence[Bench], lanes: int, seconds: float) -> Round:
    from edgert import _native

    apart = -(-len(benches) // lanes)
    orders = [[(apart * lane + at) % len(benches) for at in range(len(benches))] for lane in range(lanes)]
    steps = [_steps(bench, lanes) for bench in benches]
    others = Others()
    found = _native.measure(
        [[steps[model][lane] for model in order for _ in TWICE] for lane, order in enumerate(orders)],
        seconds=seconds,
        warm=seconds * WARM,
        least_rounds=LEAST_RUNS,
        among=len(benches) < ENOUGH,
    )
    disturbed = round(others.cores(), 2)
    series = [_in_order(order, lane) for order, lane in zip(orders, found["lanes"], strict=True)]
    return Round(series, disturbed)


def _in_order(order: Sequence[int], lane: dict[str, Any]) -> Series:
    """Runs of whole rounds, one after another; the time between two of them is spread evenly."""
    took = np.stack(lane["runs"], axis=1).ravel()
    kinds = np.tile([2 * model + again for model in order for again in TWICE], len(took) // (2 * len(order)))
    ends = np.cumsum(took)
    return Series(kinds, lane["began"] + (ends - took) * (lane["wall"] / ends[-1]), took)


def threads_of(bench: Bench) -> int:
    """Those that its document says, or one."""
    document = bench.subject.document
    return document.threads if document else 1


def spread(seconds: Any) -> dict[str, Any]:
    """The fields of a Spread, of an array of seconds."""
    seconds = np.maximum(seconds, LEAST)
    return {
        "mean": Duration(float(np.mean(seconds))),
        "runs": len(seconds),
        "quantiles": [Duration(float(each)) for each in np.quantile(seconds, SHARES)],
    }


def _steps(bench: Bench, lanes: int) -> list[Any]:
    """A step a lane, each with a session of its own."""
    return list(bench.steps(lanes, threads_of(bench), 1 if bench.batch == "free" else int(bench.batch)))
