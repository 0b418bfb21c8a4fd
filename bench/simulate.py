"""How near the simulation of a workload comes to the workload, and how long an hour of it takes.

    python bench/simulate.py [--seconds 11] [--times 2] [--only errors|hour]

Eight models of the zoo are profiled, as `edgert profile` does: each alone, beside the next one, and all in
turn; with each its transform, and how long ones are cut. Then seven workloads that were not profiled are run
for real on two lanes: other mixes, sensors shared and not, 40 to 80% of the lanes' time by the profile, five
kinds of arrival, four orders, with and without bounds, one of them in pieces. Nothing holds arrivals back.
The simulation gets the profile, the documents and the moments at which frames were pushed; no other figure of
the run. Its run times are drawn with five
seeds, which are put together. All workloads are run in turn, --times times, with equal frames; what was
measured of one is all its runs together. After each run, models are profiled among other work for a moment
more, so that the Profile is of the same minutes as the runs: a shared host makes all runs 1.1 to 1.4 times as
long for seconds or minutes. simulate_error_p50_first_profile, simulate_error_p99_first_profile: with the
Profile as it was before the first run.

simulate_error_p50, simulate_error_p99: |simulated - measured| / measured of each pipeline's quantile; of a
workload the median over its pipelines (of p99: those with 200 answers and more), of these the median. _worst:
of the worst workload. measured_again_p50, measured_again_p99: the same of each run but the first against the
one before: what two measurements of one workload differ by. simulate_error_missed: the difference of the
shares missed, the median over pipelines with a bound. Which share of the two cores others used meanwhile
stands beside it: both sides need a quiet machine, or the profile is of another one than the run. As in
profiling, a run that others disturb is repeated, up to twice, and the least disturbed one counts.
--workloads 1,4 runs only these, on a machine that is quiet for short times only.

With --asleep the models only sleep: whether the simulation does what the runtime does is seen on a machine
that others use, too, but not what runs do to each other.

hour_of_1000_s: planning and simulating an hour of 1,000 pipelines with a frame a second each, 20 sensors and
50 models (made up) on eight lanes at 66 %.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from common import finish, machine, say
from edgert.profile.others import DISTURBED, Others
from parts.simulate.hour import hour_of_1000
from parts.simulate.work import MIXES, Bed, Mix, Side, bed_of, real, simulated, together

ENOUGH = 200  # answers, for a p99
SECONDS = 11.0
TIMES = 2
BETWEEN = 1.2  # s of profiling after each run, on each number of lanes
TRIES = 3
FIGURES = {"p50": 0.5, "p99": 0.99}


def errors(
    seconds: float, times: int, profiling: float, asleep: float | None, mixes: Sequence[Mix] = MIXES
) -> dict[str, Any]:
    """The figures of these workloads."""
    others = Others()
    with tempfile.TemporaryDirectory() as folder:
        bed = bed_of(Path(folder), profiling, asleep)
        say(
            "  alone, with two (ms): "
            + ", ".join(f"{n} {bed.ms(n):.2f} {bed.ms(n, 2):.2f}" for n in bed.names)
        )
        rounds = [[_least_disturbed(mix, bed, seconds) for mix in mixes] for _ in range(times)]
        at_last = bed.at_last()
        cells = {}
        for mix, *runs in zip(mixes, *rounds, strict=True):
            sides = [side for side, _ in runs]
            made = together([simulated(mix, bed, at_last, side.times) for side in sides])
            at_first = together([simulated(mix, bed, bed, side.times) for side in sides])
            cells[mix.name] = _compare(mix, sides, made)
            cells[mix.name] |= {f"{key}_first_profile": _error(sides, at_first, key) for key in FIGURES}
            cells[mix.name]["other_cores"] = statistics.mean(disturbed for _, disturbed in runs)
    return _figures(cells) | {"other_cores": others.cores()}


def _figures(cells: dict[str, dict[str, Any]]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for key in FIGURES:
        for name, of in (
            (f"simulate_error_{key}", key),
            (f"measured_again_{key}", f"again_{key}"),
            (f"simulate_error_{key}_first_profile", f"{key}_first_profile"),
        ):
            by_mix = [cell[of] for cell in cells.values() if cell[of] is not None]
            figures[name] = statistics.median(by_mix) if by_mix else None
            figures[f"{name}_worst"] = max(by_mix, default=None)
    missed = [value for cell in cells.values() for value in cell["missed"]]
    figures["simulate_error_missed"] = statistics.median(missed) if missed else None
    figures["workloads"] = {
        name: {key: _rounded(value) for key, value in cell.items() if key != "missed"}
        for name, cell in cells.items()
    }
    return figures


def _least_disturbed(mix: Mix, bed: Bed, seconds: float) -> tuple[Side, float]:
    """A run, and the cores that others used meanwhile."""
    tries: list[tuple[Side, float]] = []
    while len(tries) < TRIES and (not tries or tries[-1][1] > DISTURBED):
        others = Others()
        side = real(mix, bed, seconds)
        tries.append((side, others.cores()))
    bed.measured_on(BETWEEN)
    return min(tries, key=lambda one: one[1])


def _compare(mix: Mix, runs: Sequence[Side], made: Side) -> dict[str, Any]:
    """Of a workload: medians over its pipelines, and the differences of what was missed."""
    measured = together(runs)
    cell: dict[str, Any] = {}
    for key, at in FIGURES.items():
        again = [
            value for name in measured.latencies for value in _again([side.at(name, at) for side in runs])
        ]
        signed = _signed(measured, made, key)
        for name, error in signed.items():
            true = measured.at(name, at) or 0.0
            say(
                f"  {mix.name}: {name} {key} {true:.2f} ms, simulated {true * (1 + error):.2f} ({error:+.0%})"
            )
        cell[key], cell[f"again_{key}"] = _error(runs, made, key), _median(again)
        cell[f"signed_{key}"] = _median(list(signed.values()))
    missed = [abs(made.missed[name] - measured.missed[name]) for name in measured.missed] if mix.bound else []
    return {**cell, "missed": missed}


def _error(runs: Sequence[Side], made: Side, key: str) -> float | None:
    return _median([abs(one) for one in _signed(together(runs), made, key).values()])


def _signed(measured: Side, made: Side, key: str) -> dict[str, float]:
    """By pipeline: how far the simulated quantile lies above the measured one, of this."""
    found = {}
    for name, (_, counts) in measured.latencies.items():
        true, told = measured.at(name, FIGURES[key]), made.at(name, FIGURES[key])
        if true is not None and told is not None and (key != "p99" or counts.sum() >= ENOUGH):
            found[name] = told / true - 1
    return found


def _again(values: Sequence[float | None]) -> list[float]:
    """Each but the first against the one before."""
    return [abs(one / before - 1) for before, one in pairwise(values) if before and one]


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _workloads(text: str) -> tuple[Mix, ...]:
    return tuple(MIXES[int(word) - 1] for word in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each run of a workload")
    parser.add_argument("--times", type=int, default=TIMES, help="that each workload is run")
    parser.add_argument("--profiling", type=float, default=0.5, help="seconds of each measurement")
    parser.add_argument("--asleep", type=float, metavar="TIMES",
                        help="models that only sleep, for 1.4 to 13 ms times this")  # fmt: skip
    parser.add_argument("--workloads", type=_workloads, default=MIXES, help="numbers, as 1,4 (of errors)")
    parser.add_argument("--only", choices=("errors", "hour"), help="one half of it")
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    if options.only != "hour":
        figures |= errors(
            options.seconds, options.times, options.profiling, options.asleep, options.workloads
        )
    if options.only != "errors":
        figures |= hour_of_1000()
    finish(figures)


if __name__ == "__main__":
    main()
