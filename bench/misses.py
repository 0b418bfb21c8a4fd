"""How many answers come too late, by order and policy, on a box with more to do than it likes.

    python bench/misses.py [--quick] [--seconds 0.6] [--minutes 2.8] [--loads 0.6 …] [--sides fifo edf …]

Ten models of the zoo on two lanes, a pipeline each on a push sensor of its own. Frames arrive at 60 to 110 %
of what the box can do, equal work for each model, as a Poisson process and in bursts (gamma distributed gaps
with a coefficient of variation of 2), with fixed seeds; nothing holds arrivals back. What the box can do is
measured in the same process: frames of all models, as many as make equal work of each, submitted at once to
both lanes; so the runs' slowing each other down is in it. Bounds are three times the median from push to
result alone. What was submitted counts: a frame that was refused, dropped, late, stale or failed, or found
no place, is a miss.

Rounds: each has seeds of its own and measures anew what models take alone, and before each load what the box
can do, as a shared host is up to 1.7 times as fast in one minute as in the next: bounds and loads of a fast
minute ask for more than all in a slow one. Under one load all sides have the same arrivals, one side after
the other, in an order that alternates. There are as many rounds as --minutes allow, one at least. Figures are
medians over rounds; `spread` is the least and the most of them.

Sides are shipped policies and orders, and the same "in pieces": the Scheduler document cuts models into
pieces of 1.5 times the shortest model (docs/pieces.md). Each model may run on both lanes at once.
fifo_misses, edf_misses, edgeserving_misses (the policy `stability`): the share missed, mean over loads and
kinds of arrival; best_misses: of the side that misses fewest (best_side). best_over_fifo,
best_over_edgeserving: their worst quotient over loads and kinds, each the median of the rounds' quotients.
least_misses: what every order misses (parts/misses/least.py), mean, with the run times of busy lanes.
misses: all of it, with the mean over the models (of which the short ones send most frames) and the reasons.
The driver's processor time (part of a core) and lag are told, how much the box's speeds differ
(speed_spread), and how much longer runs took under load than when the capacity was measured just before
(runs_slower_p50, runs_slower_most): by so much was the load greater than it is called. All takes some four
minutes. `on-time` learns for some seconds, so that it is left out unless --sides names it, best with
--seconds 10.

With --asleep the models only sleep: what scheduling does is seen on a machine that others use, too, but not
what runs do to each other; with --virtual nothing runs at all, and equal seeds give equal figures; with
--as-measured beside it, frames come and runs scatter there as on the real box.
p99_over_alone: see parts/misses/alone.py.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from common import finish, machine, say
from parts.misses.alone import p99_over_alone
from parts.misses.cells import KINDS
from parts.misses.figures import Figures, driver, rounded
from parts.misses.fleet import IN_PIECES, Asleep, Fleet, Zoo
from parts.misses.rounds import BOUND, Round, measure, piece_ms, run_round
from parts.misses.virtual import virtual

LOADS = (0.6, 0.8, 0.95, 1.1)
SIDES = ("fifo", "edf", "stability", "edf in pieces", "moore-hodgson in pieces")
QUICK = ("fifo", "stability", "moore-hodgson in pieces")
SECONDS = 0.6
MINUTES = 2.8


def run(
    seconds: float = SECONDS,
    minutes: float = MINUTES,
    loads: tuple[float, ...] = LOADS,
    sides: tuple[str, ...] = SIDES,
    fleet: Fleet | None = None,
    kinds: tuple[str, ...] = tuple(KINDS),
    first_seed: int = 0,
) -> dict[str, Any]:
    """The figures, for this script and bench/scheduler.py."""
    fleet, rounds, began, longest = fleet or Zoo(), list[Round](), time.monotonic(), 0.0
    places = [(kind, load) for kind in kinds for load in loads]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        this = measure(folder, fleet)
        fleets = {"": fleet, IN_PIECES: fleet.in_pieces(piece_ms(this.alone))}
        while not rounds or time.monotonic() - began + longest < minutes * 60:
            entered = time.monotonic()
            this = this if not rounds else measure(folder, fleet)
            run_round(folder, fleets, this, seconds, sides, places, first_seed + len(rounds))
            rounds.append(this)
            longest = max(longest, time.monotonic() - entered)
            say(f"round {len(rounds)}: {time.monotonic() - began:.0f} s")
    found = Figures(rounds, sides)
    found.tell()
    driven = [one for each in rounds for one in each.driven]
    first = rounds[0]
    return {**found.data(), **driver(driven), "alone_ms": rounded(first.alone),
            "together_ms": rounded(first.capacity.ms), "capacity_part": first.capacity.part}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of arrivals a side, load and kind")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for as many rounds as fit in")
    parser.add_argument("--loads", type=float, nargs="+", default=LOADS)
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=tuple(KINDS), help="of arrivals")
    parser.add_argument("--seed", type=int, default=0, help="of the arrivals, in the first round")
    parser.add_argument("--sides", nargs="+", default=SIDES, help="shipped policies, and orders")
    parser.add_argument("--quick", action="store_true", help="two loads, three sides: about a minute")
    parser.add_argument("--only", choices=("misses", "alone"), help="one half of it")
    parser.add_argument("--virtual", type=float, metavar="SECONDS",
                        help="only on a virtual clock, for so long")  # fmt: skip
    parser.add_argument("--samples", type=int, default=100, help="of p99_over_alone")
    parser.add_argument("--asleep", type=float, metavar="TIMES",
                        help="models that only sleep, for 1.4 to 16.3 ms times this")  # fmt: skip
    parser.add_argument("--as-measured", action="store_true",
                        help="with --virtual: gaps and scatter of runs as on the real box")  # fmt: skip
    options = parser.parse_args()
    if options.quick:
        options.loads, options.sides, options.minutes, options.samples = (0.8, 1.1), QUICK, 0.4, 40
    fleet = Zoo() if options.asleep is None else Asleep(options.asleep)
    found: dict[str, Any] = {}
    here = machine()
    if options.virtual:
        return finish({"virtual": virtual(options.virtual, options.loads, options.sides, BOUND, options.seed,
                                          options.as_measured)})  # fmt: skip
    if options.only != "alone":
        found |= run(options.seconds, options.minutes, tuple(options.loads), tuple(options.sides), fleet,
                     tuple(options.kinds), options.seed)  # fmt: skip
    if options.only != "misses":
        found |= p99_over_alone(options.samples)
    finish({**found, "machine": here})


if __name__ == "__main__":
    main()
