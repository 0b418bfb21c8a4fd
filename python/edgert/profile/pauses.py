"""Runs that something outside the model held up: other processes, interrupts, a host that took the core.

A box does that some times a second, to whichever model runs. Of one model's runs it is seen once or never,
so what one saw would be thought of as usual, and of the others as impossible. All models' runs together tell
how often it comes, and how long it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents.profile import SHARES, Pauses
from edgert.documents.units import Duration

LONGER = 0.5  # of the median
LEAST = 300e-6  # s: what is shorter is the model's own spread


@dataclass(frozen=True)
class Told:
    """Seconds of the runs as they usually are, what others were longer by, and of all."""

    usual: Any
    held_up: Any
    all: float


def apart(runs: Any) -> Told:
    """Tells runs that were held up from those that were not: they took half as long again as the median, and
    0.3 ms longer."""
    median = float(np.median(runs))
    longer = runs - median
    held = longer > max(LONGER * median, LEAST)
    return Told(runs[~held], longer[held], float(np.sum(runs)))


def pauses_of(lanes: int, told: Sequence[Told]) -> list[Pauses]:
    """Of all models together; empty when there was none."""
    pauses = np.concatenate([one.held_up for one in told])
    running = sum(one.all for one in told)
    if len(pauses) == 0 or running <= 0:
        return []
    quantiles = [Duration(float(each)) for each in np.quantile(pauses, SHARES)]
    return [
        Pauses(
            lanes=lanes,
            rate=len(pauses) / running,
            mean=Duration(float(np.mean(pauses))),
            runs=len(pauses),
            quantiles=quantiles,
        )
    ]
