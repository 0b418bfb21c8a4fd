"""Whether slow runs come together: measured of runs in the order in which they came.

What else wants a core takes it again and again, for tens of milliseconds. So a run that comes soon after a
slow one is slow much more often than others, and so are the runs behind it: queues grow as they would not if
as many slow runs were spread evenly. How soon that is over is fitted to pairs of runs, by the time between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents.profile import Spells
from edgert.documents.units import Duration

SLOW = 0.02
"""Of the runs of each kind, the slowest, are called slow."""
LEAST_SLOW = 20
LATEST = 1.0  # s after a slow run that are looked at
BINS = np.geomspace(1e-3, LATEST, 25)
LASTING = np.geomspace(3e-3, 0.3, 41)
"""s; what is tried."""


@dataclass(frozen=True)
class Series:
    """Runs of one lane, in order: what ran (a number for each kind), when each began, and its seconds."""

    kinds: Any
    begins: Any
    took: Any


def spells(rounds: Sequence[Sequence[Series]]) -> Spells | None:
    """Of rounds with equally many lanes each; None where there are too few slow runs to tell."""
    slow = _slow(rounds)
    if sum(int(lane.sum()) for lanes in slow for lane in lanes) < LEAST_SLOW:
        return None
    pairs = [_pairs(lanes, marked) for lanes, marked in zip(rounds, slow, strict=True)]
    both: Any = np.sum(pairs, axis=0)  # own lane and others × slow ones and all × time between
    share = float(np.mean(np.concatenate([lane for lanes in slow for lane in lanes])))
    lasting, (same, others) = _fitted(both, share)
    return Spells(
        lanes=len(rounds[0]),
        runs=sum(len(lane) for lanes in slow for lane in lanes),
        share=round(share, 4),
        same=_above(same, share),
        others=_above(others, share) if len(rounds[0]) > 1 else 0.0,
        lasting=Duration(lasting),
    )


def _slow(rounds: Sequence[Sequence[Series]]) -> list[list[Any]]:
    """By round and lane: which runs are among the slowest of their kind, over all rounds."""
    kinds = np.concatenate([lane.kinds for lanes in rounds for lane in lanes])
    took = np.concatenate([lane.took for lanes in rounds for lane in lanes])
    limits = np.full(int(kinds.max(initial=0)) + 1, np.inf)
    for kind in np.unique(kinds):
        limits[kind] = np.quantile(took[kinds == kind], 1 - SLOW, method="higher")
    return [[lane.took > limits[lane.kinds] for lane in lanes] for lanes in rounds]


def _pairs(lanes: Sequence[Series], slow: Sequence[Any]) -> Any:
    """Of runs that began up to LATEST after a slow one: those that are slow, and all, by the time between."""
    found = np.zeros((2, 2, len(BINS) - 1))
    for first, marked in zip(lanes, slow, strict=True):
        for begin in first.begins[marked]:
            for second, hit in zip(lanes, slow, strict=True):
                low, high = np.searchsorted(second.begins, (begin + BINS[0], begin + LATEST))
                bins = np.searchsorted(BINS, second.begins[low:high] - begin, side="right") - 1
                bins = np.minimum(bins, len(BINS) - 2)
                mine = found[0 if second is first else 1]
                np.add.at(mine[0], bins, hit[low:high])
                np.add.at(mine[1], bins, 1)
    return found


def _fitted(pairs: Any, share: float) -> tuple[float, list[float]]:
    """share + a·exp(-time / lasting) by least squares: a of its own for runs on the same lane and on others,
    one `lasting` of both."""
    middles = np.sqrt(BINS[1:] * BINS[:-1])
    best = (np.inf, float(LASTING[0]), [0.0, 0.0])
    for lasting in LASTING:
        left = np.exp(-middles / lasting)
        error, more = 0.0, []
        for hits, counts in pairs:
            over = np.divide(hits, counts, out=np.full(len(hits), share), where=counts > 0) - share
            size = float(np.sum(counts * left**2))
            a = float(np.sum(counts * left * over)) / size if size > 0 else 0.0
            error += float(np.sum(counts * (over - a * left) ** 2))
            more.append(a)
        best = min(best, (error, float(lasting), more))
    return best[1], [share + a for a in best[2]]


def _above(value: float, share: float) -> float:
    return round(min(max(value, share), 1.0), 4)
