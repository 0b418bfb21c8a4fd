"""What would help first, found by trying: another order, more lanes, lower rates, longer bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .outcome import Outcome
from .running import run
from .verdict import fits
from .workload import Workload

ORDERS = ("edf", "slack", "fair", "fifo")
SHARES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
IDLE = 0.02  # of the rates: frames hardly meet
LONGEST = 30.0  # s of a try
CROWDED = 0.7  # of the time of a model's instances


def advice(workload: Workload, outcome: Outcome, seed: int = 1) -> str:
    """The first change with which the workload fits; empty when it fits as it is."""
    if fits(outcome):
        return ""
    seconds = min(outcome.seconds, LONGEST)
    if short := _too_short(workload, seconds / IDLE, seed):
        return short
    narrow = _narrow(workload, outcome)
    for changes, said in _changes(workload):
        if fits(run(workload, seconds, seed, **changes)):
            return said + narrow
    share = f"{SHARES[-1]:.0%}"
    return (
        f"even with all sensors at {share} it doesn't fit: longer bounds would help, or faster models{narrow}"
    )


def _changes(workload: Workload) -> Iterator[tuple[dict[str, Any], str]]:
    for order in ORDERS:
        if order != workload.order:
            yield {"order": order}, f"with the order {order} it fits (--order {order})"
    for lanes in range(workload.lanes + 1, min(workload.cores, 64) + 1):
        yield (
            {"lanes": lanes},
            f"with {lanes} lanes it fits (--lanes {lanes}); the box has {workload.cores} cores",
        )
    for share in SHARES:
        rates = ", ".join(f"{name} {rate * share:.3g}" for name, rate in list(workload.rates.items())[:4])
        more = ", …" if len(workload.rates) > 4 else ""
        yield (
            {"share": share},
            f"with all sensors at {share:.0%} of their rates it fits ({rates}{more} frames/s)",
        )


def _narrow(workload: Workload, outcome: Outcome) -> str:
    """Models whose instances are busy while lanes are free: the plan's instances can't be tried out here."""
    lanes = len(outcome.lanes)
    for one in outcome.models:
        used = one.share * lanes / one.instances
        if one.instances < lanes and used > CROWDED:
            count = "one run" if one.instances == 1 else f"{one.instances} runs"
            return (
                f"; {one.name} takes {count} at once and is busy for {used:.0%}: try instances: "
                f"{one.instances + 1} in its document first"
            )
    return ""


def _too_short(workload: Workload, seconds: float, seed: int) -> str:
    """Bounds that the models don't keep even when nothing else runs."""
    idle = run(workload, seconds, seed, share=IDLE)
    short = [one for one in idle.pipelines if one.bound_ms is not None and not one.fits]
    if not short:
        return ""
    worst = min(short, key=lambda one: one.share)
    p99 = worst.quantile(0.99)
    taken = (
        f": a frame alone takes {p99:.4g} ms (p99)" if p99 is not None and p99 > (worst.bound_ms or 0) else ""
    )
    return (
        f"the bound of {worst.name}, {worst.bound_ms:.4g} ms, is missed in {1 - worst.share:.2%} even when "
        f"the box is idle{taken}; give it a longer latency, or a faster model"
    )
