"""How near the simulation of a workload comes to the workload, and how long an hour of it takes.

    python bench/simulate.py [--seconds 8] [--times 2] [--only errors|hour]

Eight models of the zoo are profiled, as `edgert profile` does: each alone, beside the next one, and all in
turn; with each its transform. Then six workloads that were not profiled are run for real on two lanes: other
mixes, sensors shared and not, 40 to 80% of the lanes' time by the profile, five kinds of arrival, four
orders, with and without bounds. Nothing holds arrivals back. The simulation gets the profile, the documents
and the moments at which frames were pushed; no other figure of the run. Its run times are drawn with five
seeds, which are put together. Each workload is run twice, with equal frames, one after the other; both runs
together are what was measured.

simulate_error_p50, simulate_error_p99: |simulated - measured| / measured of each pipeline's quantile; of a
workload the median over its pipelines (of p99: those with 200 answers and more), of these the median. _worst:
of the worst workload. measured_again_p50, measured_again_p99: the same of one run against the other in place
of the simulation: no prediction can be nearer to a workload than that is to itself. simulate_error_missed:
the difference of the shares missed, the median over pipelines with a bound. Which share of the two cores
others used meanwhile stands beside it: both sides need a quiet machine, or the profile is of another one than
the run. As in profiling, a run that others disturb, or in which the box changes its pace, is repeated, up to
twice, and the least disturbed one counts. --workloads 1,4 runs only these, on a machine that is quiet for
short times only.

Before and after each run a look of 0.1 s at three or four quick models alone tells at which pace the box is,
against when they were profiled (`edgert/profile/pace.py`): a shared host makes all runs 1.3 times as long for
minutes. The simulation is told that pace, where it is off by more than 5%. simulate_error_p50_as_profiled,
simulate_error_p99_as_profiled: without.

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
from edgert.profile.pace import factor, is_steady
from parts.simulate.hour import hour_of_1000
from parts.simulate.work import MIXES, Bed, Mix, Side, bed_of, real, simulated, together

ENOUGH = 200  # answers, for a p99
SECONDS = 8.0
TIMES = 2
TRIES = 3
FIGURES = ("p50", "p99")
AGAIN = ("again_p50", "again_p99")
UNPACED = ("p50_as_profiled", "p99_as_profiled")


def errors(
    seconds: float, times: int, profiling: float, asleep: float | None, mixes: Sequence[Mix] = MIXES
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
            runs = [_least_disturbed(mix, bed, seconds) for _ in range(times)]
            measured = [side for side, _ in runs]
            say(f"  {mix.name}: at a pace of {' and '.join(f'{side.pace:.2f}' for side in measured)}")
            paced = [simulated(mix, bed, side.times, factor(side.pace)) for side in measured]
            cell = _compare(mix, measured, together(paced), said=True)
            as_profiled = [simulated(mix, bed, side.times) for side in measured]
            unpaced = _compare(mix, measured, together(as_profiled))
            cell |= {f"{key}_as_profiled": unpaced[key] for key in FIGURES}
            cell["pace"] = statistics.mean(side.pace for side in measured)
            cell["other_cores"] = statistics.mean(disturbed for _, disturbed in runs)
            cells[mix.name] = cell
    figures: dict[str, Any] = {}
    for key in (*FIGURES, *AGAIN, *UNPACED):
        by_mix = [cell[key] for cell in cells.values() if cell[key] is not None]
        name = f"measured_{key}" if key.startswith("again") else f"simulate_error_{key}"
        figures[name] = statistics.median(by_mix) if by_mix else None
        figures[f"{name}_worst"] = max(by_mix, default=None)
    missed = [value for cell in cells.values() for value in cell["missed"]]
    figures["simulate_error_missed"] = statistics.median(missed) if missed else None
    figures["other_cores"] = others.cores()
    figures["workloads"] = {
        name: {
            key: _rounded(cell[key]) for key in (*FIGURES, *AGAIN, *UNPACED, "signed", "pace", "other_cores")
        }
        for name, cell in cells.items()
    }
    return figures


def _least_disturbed(mix: Mix, bed: Bed, seconds: float) -> tuple[Side, float]:
    """A run, and the cores that others used meanwhile. What the box changed its pace in is disturbed, too."""
    assert bed.pacer is not None
    tries: list[tuple[bool, float, Side]] = []
    while len(tries) < TRIES and (not tries or tries[-1][0]):
        before, others = bed.pacer.look(), Others()
        side = real(mix, bed, seconds)
        disturbed, after = others.cores(), bed.pacer.look()
        side.pace = (before + after) / 2
        tries.append((disturbed > DISTURBED or not is_steady(before, after), disturbed, side))
    _, disturbed, side = min(tries, key=lambda one: one[:2])
    return side, disturbed


def _compare(mix: Mix, runs: Sequence[Side], made: Side, said: bool = False) -> dict[str, Any]:
    measured = together(runs)
    found: dict[str, list[float]] = {key: [] for key in (*FIGURES, *AGAIN)}
    signed = []
    for name, (_, counts) in measured.latencies.items():
        for key, at in (("p50", 0.5), ("p99", 0.99)):
            true, told = measured.at(name, at), made.at(name, at)
            if true is None or told is None or (key == "p99" and len(counts) < ENOUGH):
                continue
            found[key].append(abs(told / true - 1))
            found[f"again_{key}"] += _again([side.at(name, at) for side in runs])
            if key == "p50":
                signed.append(told / true - 1)
            if said:
                say(
                    f"  {mix.name}: {name} {key} {true:.2f} ms, simulated {told:.2f} ({told / true - 1:+.0%})"
                )
    missed = [abs(made.missed[name] - measured.missed[name]) for name in measured.missed] if mix.bound else []
    medians = {key: statistics.median(values) if values else None for key, values in found.items()}
    return {**medians, "missed": missed, "signed": statistics.median(signed) if signed else None}


def _again(values: Sequence[float | None]) -> list[float]:
    """Each but the first against the one before."""
    return [abs(one / before - 1) for before, one in pairwise(values) if before and one]


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
