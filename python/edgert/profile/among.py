"""What models take among other work: as they run in a box, not alone in a loop.

A model that runs again and again finds its branches predicted and its data in the caches: 4 to 30 % are
gained that no run between other models gains. So all models run in turn. Where they are few, each lane does
other work between two runs (`infer/neighbour.h`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgert.documents.profile import SHARES, Among
from edgert.documents.units import Duration

from .bench import LEAST, LEAST_RUNS, WARM, Bench
from .grid import doublings
from .others import DISTURBED, Others

REPEATS = 2
ENOUGH = 4
"""Models in turn: a model finds as little of what it left as among more of them."""


def lane_counts(cores: int) -> list[int]:
    """With how many lanes at work each model is measured."""
    return doublings(cores)


def measure_among(benches: Sequence[Bench], lanes: int, seconds: float) -> list[Among]:
    """What each model's runs take while all are run in turn, on so many lanes at once, each of which begins
    with another one. Of few models, other work comes between two runs, too.

    What other processes disturb is measured again, up to twice, and the least disturbed counts. Raises
    EngineError, ExhaustedError.
    """
    best = _once(benches, lanes, seconds)
    for _ in range(REPEATS):
        if best[0].other_cores <= DISTURBED:
            break
        best = min(best, _once(benches, lanes, seconds), key=lambda found: found[0].other_cores)
    return best


def _once(benches: Sequence[Bench], lanes: int, seconds: float) -> list[Among]:
    from edgert import _native

    apart = -(-len(benches) // lanes)
    orders = [[(apart * lane + at) % len(benches) for at in range(len(benches))] for lane in range(lanes)]
    steps = [_steps(bench, lanes) for bench in benches]
    others = Others()
    found = _native.measure(
        [[steps[model][lane] for model in order] for lane, order in enumerate(orders)],
        seconds=seconds,
        warm=seconds * WARM,
        least_rounds=LEAST_RUNS,
        among=len(benches) < ENOUGH,
    )
    disturbed = round(others.cores(), 2)
    runs: list[list[Any]] = [[] for _ in benches]
    for order, lane in zip(orders, found["lanes"], strict=True):
        for model, taken in zip(order, lane["runs"], strict=True):
            runs[model].append(taken)
    return [
        Among(lanes=lanes, threads=threads_of(bench), other_cores=disturbed, **spread(np.concatenate(taken)))
        for bench, taken in zip(benches, runs, strict=True)
    ]


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
