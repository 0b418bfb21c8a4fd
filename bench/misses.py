"""How many answers come too late, by order and policy, on a box with more to do than it likes.

    python bench/misses.py [--quick] [--seconds 3] [--rounds 1] [--loads 0.6 …] [--sides fifo edf …]

Ten models of the zoo on two lanes, a pipeline each on a push sensor of its own. Frames arrive at 60 to 110 %
of what the box can do, equal work for each model, as a Poisson process and in bursts (gamma distributed gaps
with a coefficient of variation of 2), with fixed seeds; nothing holds arrivals back. What the box can do is
measured first, in the same process: frames of all models, as many as make equal work of each, submitted at
once to both lanes; so the runs' slowing each other down is in it. Bounds are three times the median from push
to result alone. What was submitted counts: a frame that was refused, dropped, late, stale or failed, or found
no place, is a miss.

Sides are shipped policies and orders, and the same "in pieces": the Scheduler document cuts models into
pieces of 1.5 times the shortest model (docs/pieces.md). Each model may run on both lanes at once.
fifo_misses, edf_misses, edgeserving_misses (the policy `stability`): the share missed, mean over loads and
kinds of arrival; best_misses: of the side that misses fewest (best_side). best_over_fifo,
best_over_edgeserving: their worst quotient over loads and kinds.
least_misses: what every order misses (parts/misses/least.py), mean, with the run times of busy lanes.
misses: all of it, with the mean over the models (of which the short ones send most frames) and the reasons.
Sides run one after the other on the same arrivals, in an order that alternates. The driver's processor time
(part of a core) and lag are told. It takes some five minutes. `on-time` learns for some seconds, so that it
is left out unless --sides names it, best with --seconds 10.

With --asleep the models only sleep: what scheduling does is seen on a machine that others use, too, but not
what runs do to each other; with --virtual nothing runs at all, and equal seeds give equal figures.
p99_over_alone: see parts/misses/alone.py.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from common import finish, machine, say
from edgert import Runtime
from parts.misses.alone import p99_over_alone
from parts.misses.figures import ORDERS, driver, figures, rounded, tell
from parts.misses.fleet import IN_PIECES, LANES, Asleep, Fleet, Zoo
from parts.misses.least import least_misses
from parts.misses.load import (
    Driven,
    Together,
    alone_ms,
    arrivals,
    drive,
    together,
    urgent,
    wait_idle,
)
from parts.misses.virtual import virtual

BOUND = 3.0  # medians alone
LOADS = (0.6, 0.8, 0.95, 1.1)
KINDS = {"poisson": 1.0, "bursts": 2.0}  # coefficients of variation of the gaps
SIDES = ("fifo", "edf", "stability", "edf in pieces", "moore-hodgson in pieces")
QUICK = ("fifo", "stability", "moore-hodgson in pieces")
PIECE = 1.5  # of the shortest model's time alone
REASONS = ("dropped", "late", "stale", "refused", "failed", "skipped")
WARM = 1.0  # s of arrivals before those that count: policies look at the last seconds
SECONDS = 3.0


def measure(folder: Path, fleet: Fleet) -> tuple[dict[str, float], Together]:
    """Medians alone, and the box's capacity, in ms."""
    with Runtime(fleet.box(folder, {}), lanes=LANES, policy="none", order="fifo") as runtime:
        alone = {name: alone_ms(runtime, name, fleet.frame(name)) for name in fleet.names}
    with Runtime(fleet.box(folder, {}), lanes=LANES, policy="none", order="fifo") as runtime:
        together(runtime, fleet, alone, 0.5)
        tries = [together(runtime, fleet, alone, 1.0) for _ in range(3)]
        found = sorted(tries, key=lambda one: sum(one.ms.values()) / one.part)[1]
    say("  alone, together (ms): " + ", ".join(f"{n} {alone[n]:.2f} {found.ms[n]:.2f}" for n in alone))
    say(f"  of two busy lanes' time {found.part:.3f} is runs")
    return alone, found


def rates_at(load: float, capacity: Together) -> list[float]:
    """Frames a second of each model."""
    return [load * LANES * capacity.part / len(capacity.ms) / ms * 1e3 for ms in capacity.ms.values()]


class Bench:
    """A runtime whose misses are counted."""

    def __init__(self, runtime: Runtime, fleet: Fleet, capacity: Together, seconds: float) -> None:
        self.runtime, self.capacity, self.seconds = runtime, capacity, seconds
        self.pushes = fleet.pushes(runtime)
        self.driven: list[Driven] = []

    def take(self, side: str) -> None:
        """Puts an order or policy into force."""
        if side in ORDERS:
            self.runtime.set_policy(None)
            self.runtime.set_order(side)
            return
        self.runtime.set_policy(side)
        until = time.monotonic() + 20
        while (row := self.runtime.metrics()["policy"]) is None or row["name"] != side or not row["tables"]:
            if time.monotonic() > until:
                raise SystemExit(f"the policy {side} doesn't come into force: {row}")
            time.sleep(0.01)

    def cell(self, side: str, load: float, kind: str, seed: int) -> dict[str, Any]:
        """Misses of one side under one load."""
        self.take(side)
        rates = rates_at(load, self.capacity)
        with urgent():
            drive(self.pushes, *arrivals(rates, WARM, KINDS[kind], seed + 1000))
            wait_idle(self.runtime)
            before = self._counts()
            driven = drive(self.pushes, *arrivals(rates, self.seconds, KINDS[kind], seed))
            wait_idle(self.runtime)
        self.driven.append(driven)
        found = _cell(driven, before, self._counts())
        self.runtime.set_policy(None)
        return found

    def _counts(self) -> list[dict[str, int]]:
        rows = self.runtime.metrics()["pipelines"].values()
        return [{reason: row[reason] for reason in ("ok", *REASONS)} for row in rows]


def _cell(driven: Driven, before: list[dict[str, int]], after: list[dict[str, int]]) -> dict[str, Any]:
    got = [{key: row[key] - old[key] for key in row} for row, old in zip(after, before, strict=True)]
    submitted = sum(driven.pushed)
    shares = [1 - row["ok"] / pushed for row, pushed in zip(got, driven.pushed, strict=True) if pushed]
    reasons = {reason: sum(row[reason] for row in got) for reason in REASONS}
    missed = submitted - sum(row["ok"] for row in got)
    reasons["no place"] = missed - sum(reasons.values())
    return {
        "submitted": submitted,
        "missed": missed,
        "share": missed / submitted,
        "by_model": shares,
        "reasons": {reason: count for reason, count in reasons.items() if count},
    }


def run(
    seconds: float = SECONDS,
    rounds: int = 1,
    loads: tuple[float, ...] = LOADS,
    sides: tuple[str, ...] = SIDES,
    fleet: Fleet | None = None,
    kinds: tuple[str, ...] = tuple(KINDS),
    first_seed: int = 0,
) -> dict[str, Any]:
    """The figures, for this script and bench/scheduler.py."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fleet = fleet or Zoo()
        alone, capacity = measure(folder, fleet)
        bounds = {model: BOUND * ms for model, ms in alone.items()}
        cells: dict[tuple[str, float, str], list[dict[str, Any]]] = {}
        least: dict[tuple[str, float], list[float]] = {}
        with ExitStack() as opened:
            benches = {}
            for how, box in (("", fleet), (IN_PIECES, fleet.in_pieces(PIECE * min(alone.values())))):
                runtime = Runtime(box.box(folder, bounds), lanes=LANES, policy="none")
                benches[how] = Bench(opened.enter_context(runtime), box, capacity, seconds)
            turn = 0
            for seed in range(first_seed, first_seed + rounds):
                for kind in kinds:
                    for load in loads:
                        turn += 1
                        for side in sides if turn % 2 else reversed(sides):
                            bench = benches[IN_PIECES if side.endswith(IN_PIECES) else ""]
                            cell = bench.cell(side.removesuffix(IN_PIECES), load, kind, seed)
                            cells.setdefault((kind, load, side), []).append(cell)
                        floor = _least(rates_at(load, capacity), seconds, kind, seed, capacity, bounds)
                        least.setdefault((kind, load), []).append(floor)
                        tell(cells, least, kind, load, sides)
    driven = [one for bench in benches.values() for one in bench.driven]
    floors = {f"{kind} {load:g}": round(statistics.mean(found), 4) for (kind, load), found in least.items()}
    return {**figures(cells, sides), "least_misses": statistics.mean(floors.values()),
            "least_misses_of": floors, **driver(driven), "alone_ms": rounded(alone),
            "together_ms": rounded(capacity.ms), "capacity_part": capacity.part}  # fmt: skip


def _least(
    rates: list[float], seconds: float, kind: str, seed: int, capacity: Together, bounds: dict[str, float]
) -> float:
    times, models = arrivals(rates, seconds, KINDS[kind], seed)
    runs, limits = np.array(list(capacity.ms.values())), np.array(list(bounds.values()))
    return least_misses(times, runs[models] / 1e3, limits[models] / 1e3, LANES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of arrivals a side, load and kind")
    parser.add_argument("--rounds", type=int, default=1, help="each with seeds of its own")
    parser.add_argument("--loads", type=float, nargs="+", default=LOADS)
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=tuple(KINDS), help="of arrivals")
    parser.add_argument("--seed", type=int, default=0, help="of the arrivals, in the first round")
    parser.add_argument("--sides", nargs="+", default=SIDES, help="shipped policies, and orders")
    parser.add_argument("--quick", action="store_true", help="two loads, three sides, 2 s: about a minute")
    parser.add_argument("--only", choices=("misses", "alone"), help="one half of it")
    parser.add_argument("--virtual", type=float, metavar="SECONDS",
                        help="only on a virtual clock, for so long")  # fmt: skip
    parser.add_argument("--samples", type=int, default=200, help="of p99_over_alone")
    parser.add_argument("--asleep", type=float, metavar="TIMES",
                        help="models that only sleep, for 1.4 to 16.3 ms times this")  # fmt: skip
    options = parser.parse_args()
    if options.quick:
        options.loads, options.sides, options.seconds, options.samples = (0.8, 1.1), QUICK, 2.0, 60
    fleet = Zoo() if options.asleep is None else Asleep(options.asleep)
    found: dict[str, Any] = {}
    here = machine()
    if options.virtual:
        return finish(
            {"virtual": virtual(options.virtual, options.loads, options.sides, BOUND, options.seed)}
        )
    if options.only != "alone":
        found |= run(options.seconds, options.rounds, tuple(options.loads), tuple(options.sides), fleet,
                     tuple(options.kinds), options.seed)  # fmt: skip
    if options.only != "misses":
        found |= p99_over_alone(options.samples)
    finish({**found, "machine": here})


if __name__ == "__main__":
    main()
