"""What the scheduler costs and keeps, alone and against other queues on the same two threads.

    python bench/scheduler.py [--rounds 7] [--seconds 4.5]

dispatch_us: from submitting a task that does nothing to its end, saturated by two producers on two lanes, a
task, by order; beside it a mutex with a heap, oneTBB's task_arena::enqueue and (pool_us) Python's
ThreadPoolExecutor. vs_tbb: throughput at fifo over oneTBB's. wake_us: from submitting to running on lanes
that sleep. flows_1000_over_1: a dispatch with 1,000 flows of 20 models, all non-empty, their deadlines
changing, over one flow (and of 200 models: flows_1000_of_200). producers_scaling: throughput with two
producers over one. idle_cores: processor time of two lanes with a hundred flows, a task every 10 ms.
fairness: Jain's index of device time over weights (1, 1, 2, 4), the first application with a thousand times
as much waiting. expiry_ms_p99: how late a deadline is told at the C++ callback while two lanes run 30 ms of
work each; expiry_raised: whether its thread may stand above them. policy_overhead and its like are those
of bench/policy.py. fifo_misses, edf_misses, edgeserving_misses, best_misses, p99_over_alone and their like
are those of bench/misses.py, with --seconds of arrivals for each order, load and kind, in rounds for about
three minutes (0: left out).

oneTBB is compared where it is installed (Debian: apt-get install libtbb-dev). Rounds alternate between the
sides; figures are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import edgert
from common import alternate, finish, machine, medians, say
from misses import SECONDS
from misses import run as misses
from parts.misses.alone import p99_over_alone
from policy import overhead

HERE = Path(__file__).parent
TASKS = 200_000
ORDERS = ("fifo", "edf", "slack", "priority", "fair")


def build(folder: Path, tbb: bool) -> Path | None:
    """bench/cpp/scheduler.cc against the installed edgert; None when it can't be built so."""
    include = Path(edgert.get_include())
    library = include.parent / "lib"
    binary = folder / ("with_tbb" if tbb else "without")
    command = [
        os.environ.get("CXX", "g++"),
        "-O2",
        "-std=c++20",
        f"-I{include}",
        str(HERE / "cpp/scheduler.cc"),
    ]
    command += [f"-L{library}", f"-Wl,-rpath,{library}", "-ledgert", "-lpthread", "-o", str(binary)]
    command += ["-DEDGERT_BENCH_TBB", "-ltbb"] if tbb else []
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0 and not tbb:
        raise SystemExit(made.stderr)
    return binary if made.returncode == 0 else None


def ask(binary: Path, *arguments: str | int) -> dict[str, float]:
    command = [str(binary), *(str(argument) for argument in arguments)]
    found: dict[str, float] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return found


def pool_us(tasks: int = 20_000) -> float:
    """Python's ThreadPoolExecutor with two workers."""
    with ThreadPoolExecutor(2) as pool:
        began = time.perf_counter()
        for future in [pool.submit(int) for _ in range(tasks)]:
            future.result()
        return (time.perf_counter() - began) / tasks * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="of arrivals in bench/misses.py; 0: none"
    )
    options = parser.parse_args()
    here = machine()
    with tempfile.TemporaryDirectory() as name:
        with_tbb = build(Path(name), True)
        binary = with_tbb or build(Path(name), False)
        assert binary is not None
        if with_tbb is None:
            say("  oneTBB is not there, so it is left out: apt-get install libtbb-dev")
        figures = measure(binary, options.rounds, with_tbb is not None)
    figures.update(overhead(options.rounds))
    if options.seconds > 0:
        figures.update(misses(options.seconds))
        figures.update(p99_over_alone())
    finish({**figures, "machine": here})


def measure(binary: Path, rounds: int, tbb: bool) -> dict[str, object]:
    others = ["heap", *(["tbb"] if tbb else [])]
    queues = [f"edgert-{order}" for order in ORDERS] + others

    def of(*arguments: str | int) -> float:
        return ask(binary, *arguments)["ns"] / 1e3

    dispatch = medians(alternate(rounds, {q: lambda q=q: of("dispatch", q, TASKS, 2, 2) for q in queues}))
    for queue, figure in dispatch.items():
        say(f"  dispatch, {queue}: {figure:.3f} µs")
    wakes = ["edgert-fifo", *others]
    wake = medians(alternate(rounds, {q: lambda q=q: of("wake", q, 200) for q in wakes}))
    say("  wake: " + ", ".join(f"{queue} {figure:.1f} µs" for queue, figure in wake.items()))
    flows = medians(
        alternate(
            rounds,
            {
                "one": lambda: of("flows", 1, 1, 500_000),
                "many": lambda: of("flows", 1000, 20, 500_000),
                "groups": lambda: of("flows", 1000, 200, 500_000),
            },
        )
    )
    say(f"  flows: {flows['one']:.3f} µs with one, {flows['many']:.3f} with 1,000 of 20 models")
    producers = medians(
        alternate(
            rounds,
            {str(n): lambda n=n: of("dispatch", "edgert-fifo", TASKS, 2, n) for n in (1, 2)},
        )
    )
    expiries = [ask(binary, "expiry", 300) for _ in range(3)]
    return {
        "dispatch_us": dispatch["edgert-edf"],
        "dispatch_us_by_queue": {queue: round(figure, 4) for queue, figure in dispatch.items()},
        "pool_us": statistics.median(pool_us() for _ in range(3)),
        "vs_tbb": dispatch["tbb"] / dispatch["edgert-fifo"] if tbb else None,
        "wake_us": wake["edgert-fifo"],
        "wake_us_by_queue": {queue: round(figure, 3) for queue, figure in wake.items()},
        "flows_1000_over_1": flows["many"] / flows["one"],
        "flows_1000_of_200": flows["groups"] / flows["one"],
        "producers_scaling": producers["1"] / producers["2"],
        "idle_cores": ask(binary, "idle", 3)["cores"],
        "fairness": ask(binary, "fairness", 5)["jain"],
        "expiry_ms_p99": statistics.median(found["ms_p99"] for found in expiries),
        "expiry_raised": bool(expiries[0]["raised"]),
    }


if __name__ == "__main__":
    main()
