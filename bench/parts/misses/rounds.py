"""One round of bench/misses.py: what the box can do now, and all sides under the same arrivals in turn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from common import say
from edgert import Runtime

from parts.misses.cells import KINDS, Bench, rates_at
from parts.misses.fleet import IN_PIECES, LANES, Fleet
from parts.misses.least import least_misses
from parts.misses.load import Driven, Together, alone_ms, arrivals, together

BOUND = 3.0  # medians alone
PIECE = 1.5  # of the shortest model's time alone
TRIES = 3
SPAN = 0.6  # s of work of each try
AGAIN = 0.4  # s of it before each load

Place = tuple[str, float]
"""Kind of arrival, and load."""


@dataclass
class Round:
    """What was counted, by kind, load and side; and what every order misses, by kind and load."""

    alone: dict[str, float]
    capacity: Together
    cells: dict[tuple[str, float, str], dict[str, Any]] = field(default_factory=dict)
    least: dict[Place, float] = field(default_factory=dict)
    driven: list[Driven] = field(default_factory=list)
    speeds: list[float] = field(default_factory=list)
    """Before each load: a run of each model, in ms of a lane."""


def measure(folder: Path, fleet: Fleet) -> Round:
    """Medians alone, and the box's capacity, in ms."""
    with Runtime(fleet.box(folder, {}), lanes=LANES, policy="none", order="fifo") as runtime:
        alone = {name: alone_ms(runtime, name, fleet.frame(name)) for name in fleet.names}
    with Runtime(fleet.box(folder, {}), lanes=LANES, policy="none", order="fifo") as runtime:
        together(runtime, fleet, alone, SPAN / 2)
        tries = [together(runtime, fleet, alone, SPAN) for _ in range(TRIES)]
    found = sorted(tries, key=lambda one: sum(one.ms.values()) / one.part)[TRIES // 2]
    say("  alone, together (ms): " + ", ".join(f"{n} {alone[n]:.2f} {found.ms[n]:.2f}" for n in alone))
    say(f"  of two busy lanes' time {found.part:.3f} is runs")
    return Round(alone, found)


def piece_ms(alone: dict[str, float]) -> float:
    """How long pieces are: by the tenth of a millisecond, so that what was cut before is found again."""
    return max(0.5, round(PIECE * min(alone.values()), 1))


def run_round(
    folder: Path,
    fleets: dict[str, Fleet],
    this: Round,
    seconds: float,
    sides: Sequence[str],
    places: Sequence[Place],
    seed: int,
) -> None:
    """All cells of one round. `fleets`: whole, and in pieces."""
    bounds = {model: BOUND * ms for model, ms in this.alone.items()}
    with ExitStack() as opened:
        benches = {}
        for how, fleet in fleets.items():
            if any(side.endswith(IN_PIECES) == (how == IN_PIECES) for side in sides):
                runtime = opened.enter_context(Runtime(fleet.box(folder, bounds), lanes=LANES, policy="none"))
                benches[how] = Bench(runtime, fleet, this.capacity, seconds)
        free = opened.enter_context(
            Runtime(fleets[""].box(folder, {}), lanes=LANES, policy="none", order="fifo")
        )
        for turn, (kind, load) in enumerate(places):
            capacity = together(free, fleets[""], this.alone, AGAIN)
            this.speeds.append(sum(capacity.ms.values()) / capacity.part)
            for bench in benches.values():
                bench.capacity = capacity
            for side in sides if (turn + seed) % 2 else list(reversed(sides)):
                bench = benches[IN_PIECES if side.endswith(IN_PIECES) else ""]
                this.cells[kind, load, side] = bench.cell(side.removesuffix(IN_PIECES), load, kind, seed)
            rates = rates_at(load, capacity)
            this.least[kind, load] = _least(rates, seconds, kind, seed, capacity, bounds)
        this.driven = [one for bench in benches.values() for one in bench.driven]


def _least(
    rates: list[float], seconds: float, kind: str, seed: int, capacity: Together, bounds: dict[str, float]
) -> float:
    times, models = arrivals(rates, seconds, KINDS[kind], seed)
    runs, limits = np.array(list(capacity.ms.values())), np.array(list(bounds.values()))
    return least_misses(times, runs[models] / 1e3, limits[models] / 1e3, LANES)
