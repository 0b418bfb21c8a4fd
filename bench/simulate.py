"""How near the simulation of a workload comes to the workload, and how long an hour of it takes.

    python bench/simulate.py [--seconds 14] [--only errors|hour]

Eight models of the zoo are profiled, as `edgert profile` does: each alone, beside the next one, and all in
turn; with each its transform. Then six workloads that were not profiled are run for real on two lanes: other
mixes, sensors shared and not, 40 to 80% of the lanes' time by the profile, five kinds of arrival, four
orders, with and without bounds. Nothing holds arrivals back. The simulation gets the profile, the documents
and the moments at which frames were pushed; no other figure of the run. Its run times are drawn with five
seeds, which are put together.

simulate_error_p50, simulate_error_p99: |simulated - measured| / measured of each pipeline's quantile; of a
workload the median over its pipelines (of p99: those with 200 answers and more), of these the median. _worst:
of the worst workload. simulate_error_missed: the difference of the shares missed, the median over pipelines
with a bound. Which share of the two cores others used meanwhile stands beside it: both sides need a quiet
machine, or the profile is of another one than the run. As in profiling, a run that others disturb is
repeated, up to twice, and the least disturbed one counts. --workloads 1,4 runs only these, on a machine that
is quiet for short times only.

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
from pathlib import Path
from typing import Any

from common import finish, machine, say
from edgert.profile.others import DISTURBED, Others
from parts.simulate.hour import hour_of_1000
from parts.simulate.work import MIXES, Bed, Mix, Side, bed_of, real, simulated

ENOUGH = 200  # answers, for a p99
SECONDS = 14.0
TRIES = 3


def errors(
    seconds: float, profiling: float, asleep: float | None, mixes: Sequence[Mix] = MIXES
) -> dict[str, Any]:
    """The figures of these workloads."""
    others = Others()
    cells = {}
    with tempfile.TemporaryDirectory() as folder:
        bed = bed_of(Path(folder), profiling, asleep)
        say(
            "  alone, with two (ms): "
            + ", ".join(f"{n} {bed.ms(n):.2f} {bed.ms(n, 2):.2f}" for n in bed.names)
        )
        for mix in mixes:
            measured, disturbed = _least_disturbed(mix, bed, seconds)
            cells[mix.name] = _compare(mix, measured, simulated(mix, bed, measured.times))
            cells[mix.name]["other_cores"] = disturbed
    figures: dict[str, Any] = {}
    for key in ("p50", "p99"):
        by_mix = [cell[key] for cell in cells.values() if cell[key] is not None]
        figures[f"simulate_error_{key}"] = statistics.median(by_mix) if by_mix else None
        figures[f"simulate_error_{key}_worst"] = max(by_mix, default=None)
    missed = [value for cell in cells.values() for value in cell["missed"]]
    figures["simulate_error_missed"] = statistics.median(missed) if missed else None
    figures["other_cores"] = others.cores()
    figures["workloads"] = {
        name: {key: _rounded(cell[key]) for key in ("p50", "p99", "signed", "other_cores")}
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
    return min(tries, key=lambda one: one[1])


def _compare(mix: Mix, measured: Side, made: Side) -> dict[str, Any]:
    found: dict[str, list[float]] = {"p50": [], "p99": []}
    signed = []
    for name, (_, counts) in measured.latencies.items():
        for key, at in (("p50", 0.5), ("p99", 0.99)):
            true, said = measured.at(name, at), made.at(name, at)
            if true is None or said is None or (key == "p99" and len(counts) < ENOUGH):
                continue
            found[key].append(abs(said / true - 1))
            if key == "p50":
                signed.append(said / true - 1)
            say(f"  {mix.name}: {name} {key} {true:.2f} ms, simulated {said:.2f} ({said / true - 1:+.0%})")
    missed = [abs(made.missed[name] - measured.missed[name]) for name in measured.missed] if mix.bound else []
    medians = {key: statistics.median(values) if values else None for key, values in found.items()}
    return {**medians, "missed": missed, "signed": statistics.median(signed) if signed else None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _workloads(text: str) -> tuple[Mix, ...]:
    return tuple(MIXES[int(word) - 1] for word in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each workload")
    parser.add_argument("--profiling", type=float, default=0.5, help="seconds of each measurement")
    parser.add_argument("--asleep", type=float, metavar="TIMES",
                        help="models that only sleep, for 1.4 to 13 ms times this")  # fmt: skip
    parser.add_argument("--workloads", type=_workloads, default=MIXES, help="numbers, as 1,4 (of errors)")
    parser.add_argument("--only", choices=("errors", "hour"), help="one half of it")
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine()}
    if options.only != "hour":
        figures |= errors(options.seconds, options.profiling, options.asleep, options.workloads)
    if options.only != "errors":
        figures |= hour_of_1000()
    finish(figures)


if __name__ == "__main__":
    main()
