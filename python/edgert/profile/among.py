"""What models take among other work: as they run in a box, not alone in a loop.

A model that runs again and again finds its branches predicted and its data in the caches: 4 to 30 % are
gained that no run between other models gains. So all models run in turn. Where they are few, each lane does
other work between two runs (`infer/neighbour.h`).

What holds up a run from outside (pauses.py) is told apart: it befalls any model, and rarely.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents.profile import SHARES, Among, Pauses
from edgert.documents.units import Duration

from .bench import LEAST, LEAST_RUNS, WARM, Bench
from .grid import doublings
from .others import DISTURBED, Others
from .pace import Pacer, factor, is_steady
from .pauses import apart, pauses_of

ROUNDS = 4
MOST_ROUNDS = 8
"""Rounds, with those that others disturbed."""
ENOUGH = 4
"""Models in turn: a model finds as little of what it left as among more of them."""


@dataclass(frozen=True)
class Round:
    """What was taken at once: seconds of runs by model, the cores that others used meanwhile, and whether the
    box kept its pace."""

    runs: list[Any]
    others: float
    steady: bool = True

    @property
    def quiet(self) -> bool:
        return self.others <= DISTURBED and self.steady


def lane_counts(cores: int) -> list[int]:
    """With how many lanes at work each model is measured."""
    return doublings(cores)


def measure_among(
    benches: Sequence[Bench], lanes: int, seconds: float, pacer: Pacer | None = None
) -> tuple[list[Among], list[Pauses]]:
    """What each model's runs take while all are run in turn, on so many lanes at once, each of which begins
    with another one; and what held them up. Of few models, other work comes between two runs, too.

    It is measured in rounds: those that other processes disturb, or in which the box changes its pace, are
    repeated, and don't count unless all are. With a pacer, times are brought to its reference.
    Raises EngineError, ExhaustedError.
    """
    rounds = _undisturbed(lambda: _paced(pacer, lambda: _once(benches, lanes, seconds / ROUNDS)))
    disturbed = round(float(np.mean([one.others for one in rounds])), 2)
    runs = [np.concatenate([one.runs[model] for one in rounds]) for model in range(len(benches))]
    told = [apart(one) for one in runs]
    models = [
        Among(lanes=lanes, threads=bench.threads, other_cores=disturbed, **spread(one.usual))
        for bench, one in zip(benches, told, strict=True)
    ]
    return models, pauses_of(lanes, told)


def _paced(pacer: Pacer | None, once: Callable[[], Round]) -> Round:
    if pacer is None:
        return once()
    before, found, after = pacer.now, once(), pacer.look()
    by = factor((before + after) / 2)
    return Round([runs / by for runs in found.runs], found.others, is_steady(before, after))


def _undisturbed(once: Callable[[], Round]) -> list[Round]:
    rounds: list[Round] = []
    while len(rounds) < MOST_ROUNDS:
        rounds.append(once())
        quiet = [one for one in rounds if one.quiet]
        if len(quiet) == ROUNDS:
            return quiet
    least = sorted(rounds, key=lambda one: (not one.steady, one.others))
    return [one for one in least if one.quiet] or least[:ROUNDS]


def _once(benches: Sequence[Bench], lanes: int, seconds: float) -> Round:
    from edgert import _native

    stride = -(-len(benches) // lanes)
    orders = [[(stride * lane + at) % len(benches) for at in range(len(benches))] for lane in range(lanes)]
    steps = [_steps(bench, lanes) for bench in benches]
    others = Others()
    found = _native.measure(
        [[steps[model][lane] for model in order] for lane, order in enumerate(orders)],
        seconds=seconds,
        warm=seconds * WARM,
        least_rounds=LEAST_RUNS,
        among=len(benches) < ENOUGH,
    )
    disturbed = others.cores()
    runs: list[list[Any]] = [[] for _ in benches]
    for order, lane in zip(orders, found["lanes"], strict=True):
        for model, taken in zip(order, lane["runs"], strict=True):
            runs[model].append(taken)
    return Round([np.concatenate(taken) for taken in runs], disturbed)


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
    return list(bench.steps(lanes, bench.threads, 1 if bench.batch == "free" else int(bench.batch)))
