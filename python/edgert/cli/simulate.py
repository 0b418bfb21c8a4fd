"""`edgert simulate`: whether documents fit a box, computed from its Profile."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..policy.decisions import ORDERS
from ..writing import writing
from .measured import Announcer
from .outputs import claimed, refuse_documents
from .rows import rows_out
from .run import DurationType

if TYPE_CHECKING:
    from ..simulate import Outcome, PipelineOutcome, Workload

DOESNT_FIT = 1
MODELS = 12  # lines of a table
LONGEST = 1e7  # s that can be simulated
SENSORS = 6  # named in the first line


def named(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    """ "NAME=0.3", several times, as numbers by name."""
    found: dict[str, float] = {}
    for word in given:
        name, _, number = word.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise click.BadParameter(f"{word!r} is no NAME=NUMBER")
    return found


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A Profile of the box (by `edgert profile` or `tune`), maybe of another box; several times.",
)
@click.option(
    "--for", "--duration", "seconds",
    type=DurationType(), default=60.0, help="Simulated time (left out: 60s).",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Another one, other chances."
)
@click.option(
    "--lanes",
    type=click.IntRange(0, 64),
    default=0,
    help="Threads that run models; left out: what a Profile chose, else one a core of its box.",
)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    help="What runs first; left out, as the Scheduler document says, or the earliest deadline (edf).",
)
@click.option(
    "--rate", "rates", multiple=True, callback=named, help="SENSOR=10: frames a second; several times."
)
@click.option(
    "--arrivals",
    type=click.Choice(["periodic", "poisson", "bursts"]),
    default="periodic",
    show_default=True,
    help="How frames come, at the same rate.",
)
@click.option(
    "--jitter",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Periodic frames come up to that part of a period later.",
)
@click.option("--burst", type=click.IntRange(1, 1000), default=4, show_default=True, help="Frames a burst.")
@click.option(
    "--open",
    "opened",
    multiple=True,
    callback=named,
    help="STEP=0.3: a condition is open for that share of the frames (left out: always); several times.",
)
@click.option(
    "--rows",
    multiple=True,
    callback=named,
    help="STEP=3: a step with for_each runs for so many rows a frame (left out: as many as the Profile's "
    "documents found, else as it may); several times.",
)
@click.option(
    "--transforms",
    "costs",
    type=click.Choice(["measured", "stated"]),
    default="measured",
    show_default=True,
    help="What transforms take: as the Profile says (else measured here), or as they state (quicker).",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Plot latency, misses and utilisation into this file (.html, .svg, .png or .pdf).",
)
@click.option(
    "--json", "data", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here."
)
@click.option("--no-trunks", is_flag=True, help="Models run whole, and share nothing with others.")
@click.option("--quiet", "-q", is_flag=True, help="The verdict only.")
@click.pass_context
def simulate(
    context: click.Context,
    documents: tuple[Path, ...],
    profiles: tuple[Path, ...],
    seconds: float,
    seed: int,
    lanes: int,
    order: str | None,
    rates: dict[str, float],
    arrivals: str,
    jitter: float,
    burst: int,
    opened: dict[str, float],
    rows: dict[str, float],
    costs: str,
    report: Path | None,
    data: Path | None,
    no_trunks: bool,
    quiet: bool,
) -> None:
    """Compute whether DOCUMENTS (files and folders) fit a box, from the box's Profile.

    The same scheduler as at work runs on a virtual clock; models (in pieces, as at work) take the times of
    the Profile, and nothing is computed. A table says what each pipeline, lane and model would do, and the
    end whether it fits: of every pipeline 99.9 % of the frames are answered, in time where it has a latency.

    Exit codes: 0 it fits; 1 it doesn't, or was refused (the message says which); 2 wrong usage.
    """
    from ..documents import read
    from ..simulate import Assumptions, Workload, advice, fits, run, verdict
    from ..simulate.plot import draw
    from ..tune.plot import check

    if not 0 < seconds <= LONGEST:
        text = f"give a time above 0, to {LONGEST / 3600:.0f}h"
        raise click.BadParameter(text, param_hint="'--for'")
    if report is not None:
        check(report)
    files = [file for file in (report, data) if file is not None]
    refuse_documents(files, [*documents, *profiles])
    assumed = Assumptions(rates, arrivals, jitter, burst, opened, rows, costs)  # type: ignore[arg-type]
    _hold_profiles(profiles)
    with claimed(files), Announcer() as announcer:
        announcer.note("planning")
        workload = Workload.of(read([*documents, *profiles]), assumed, lanes, order, not no_trunks)

        def tell(done: int, total: int) -> None:
            announcer.step(done, total, f"{seconds * done / total:.4g} s simulated")

        outcome = run(workload, seconds, seed, tell=tell)
        announcer.step(0, 0, "looking for what would help")
        helps = advice(workload, outcome, seed)
    for note in workload.notes:
        click.secho(note, err=True, fg="yellow")
    if not quiet:
        show(workload, outcome)
    said = "\n".join(line for line in (verdict(outcome), helps) if line)
    click.echo(said)
    if report is not None:
        draw(outcome, report, said)
        click.echo(f"{report}: written", err=True)
    if data is not None:
        made = {**outcome.data(), "advice": helps, "rates": dict(workload.rates), "notes": workload.notes}
        with writing(data):
            data.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        click.echo(f"{data}: written", err=True)
    context.exit(0 if fits(outcome) else DOESNT_FIT)


def _hold_profiles(paths: Sequence[Path]) -> None:
    """Raises InvalidError for one that has documents, and no Profile among them."""
    from ..documents import read
    from ..errors import InvalidError, make

    for path in paths:
        found = read([path])
        if not found.profiles and not found.problems:
            hint = "give what edgert profile or edgert tune wrote with -o"
            raise make(InvalidError, f"--profile {path}", "there is no Profile document in it", hint)


def show(workload: Workload, outcome: Outcome) -> None:
    """The tables."""
    assumed = workload.assumed
    sensors = [f"{name} {rate:.4g}/s" for name, rate in workload.rates.items()]
    if len(sensors) > SENSORS:
        sensors = [*sensors[:SENSORS], f"and {len(sensors) - SENSORS} more"]
    click.echo(
        f"{outcome.seconds:.4g} s in {outcome.took:.2g} s; {_lanes(outcome)}, order {outcome.order}, "
        f"{assumed.arrivals} frames: {', '.join(sensors)}; transforms as {assumed.costs}"
    )
    heads = [
        "pipeline",
        "asked",
        "kept",
        "late",
        "dropped",
        "kept %",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "bound ms",
    ]
    rows_out(heads, [_row(one) for one in outcome.pipelines])
    rows_out(
        ["lane", "busy", "runs"], [[one.name, f"{one.share:.1%}", str(one.runs)] for one in outcome.lanes]
    )
    models = [[one.name, f"{one.share:.1%}", str(one.runs)] for one in outcome.models[:MODELS]]
    rows_out(["model", "of all lanes", "runs"], models)
    if len(outcome.models) > MODELS:
        click.echo(f"and {len(outcome.models) - MODELS} models more, each with less")


def _lanes(outcome: Outcome) -> str:
    """How many lanes, and how many streams of each device, as "2 lanes, 1 stream of npu"."""
    counts = Counter(one.name.rpartition(" ")[0] for one in outcome.lanes)
    lanes = counts.pop("lane", 0)
    streams = [f"{count} stream{'' if count == 1 else 's'} of {name}" for name, count in counts.items()]
    return ", ".join([f"{lanes} lane{'' if lanes == 1 else 's'}", *streams])


def _row(one: PipelineOutcome) -> list[str]:
    quantiles = [one.quantile(at) for at in (0.5, 0.9, 0.99)]
    figures = [str(value) for value in (one.asked, one.kept, one.late, one.dropped)]
    times = [_ms(value) for value in (*quantiles, one.bound_ms)]
    return [one.name, *figures, f"{one.share:.2%}", *times]


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if value >= 1e-3 else "0"
