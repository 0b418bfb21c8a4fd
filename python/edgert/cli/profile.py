"""`edgert profile`: what models take on this box."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from .measured import (
    measure,
    numbers,
    output_file,
    tell_output,
    usable_name,
    warn_of_others,
    yaml_or_table,
)
from .rows import rows_out
from .run import DurationType

if TYPE_CHECKING:
    from ..documents.profile import CutTimes, ModelProfile, TrunkTimes

QUICK = 0.1  # s
SECONDS = 0.5  # s


@click.command()
@click.argument("models", nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the Profile document here."
)
@click.option("--quick", is_flag=True, help="Fewer and shorter measurements: good for a first look.")
@click.option("--seconds", type=DurationType(), help="Length of one measurement (left out: 0.5s).")
@click.option(
    "--instances",
    callback=numbers,
    help="Runs at once, as 1,2,4 (left out: doublings to the cores); of devices, streams (1,2,4,8).",
)
@click.option("--threads", callback=numbers, help="Threads of one run, as 1,2 (left out: the same).")
@click.option("--batch", callback=numbers, help="Items of one run (left out: 1,2,4,8).")
@click.option(
    "--device", "devices", multiple=True,
    help="A Device document's name, a file with some, or cpu: where all models are measured (left out: where "
    "their documents place them); several times.",
)  # fmt: skip
@click.option(
    "--in-flight", callback=numbers, help="Of devices: runs that a stream takes, as 1,2 (left out: 1,2,4)."
)
@click.option("--alone", is_flag=True, help="Don't measure models beside each other.")
@click.option("--name", help="The document's name (left out: the output's, or profile).")
@click.pass_context
def profile(
    context: click.Context,
    models: tuple[str, ...],
    output: Path | None,
    quick: bool,
    seconds: float | None,
    instances: list[int] | None,
    threads: list[int] | None,
    batch: list[int] | None,
    devices: tuple[str, ...],
    in_flight: list[int] | None,
    alone: bool,
    name: str | None,
) -> None:
    """Measure MODELS (files, zoo:NAME, or documents with models) on this box.

    How long runs take over instances × threads × batch, on devices over streams × in flight × batch, alone
    and beside each other, and those of documents in the pieces that they share; written as a Profile
    document. Ctrl-C ends it, and keeps what was measured.
    """
    from .. import profile as profiling

    chosen = usable_name(name, output, "profile")
    if seconds is not None and not seconds > 0:
        raise click.BadParameter("give a time above 0", param_hint="'--seconds'")
    documents, on = profiling.given(models, devices)
    here, there = profiling.place(profiling.subjects(models, documents), documents, on)
    with output_file(output, [*models, *(one for one in devices if profiling.is_document(one))]):
        usual = profiling.default_grid(profiling.this_box().cores, quick)
        grid = profiling.Grid(
            instances or usual.instances,
            threads or usual.threads,
            batch or usual.batch,
            full=bool(instances or threads),
        )
        lasting = seconds or (QUICK if quick else SECONDS)
        streams = profiling.StreamGrid(instances or (), in_flight or (), batch or (), quick)
        beside = profiling.StreamProfiling(there, streams, lasting, not alone, here)
        all_of = documents if any(map(profiling.is_document, models)) else None
        measuring = profiling.Profiling(here, grid, lasting, not alone, all_of, beside)
        measure(lambda announcer: measuring.run(announcer.step), lambda: measuring.measured)
        document = measuring.document(chosen)
        if output is not None:
            profiling.write(document, output)
    if yaml_or_table(output):
        click.echo(profiling.to_yaml(document), nl=False)
    else:
        show(document.models)
        show_trunks(document.trunks)
        show_pieces(document.pieces)
    for note in measuring.notes:
        click.echo(note, err=True)
    tell_output(output)


def show(models: list[ModelProfile]) -> None:
    """A table a model, on a terminal or elsewhere."""
    from ..documents.profile import SHARES

    for model in models:
        click.echo(f"{model.model}  ({model.backend}, {model.device})")
        on_device = model.points[0].in_flight is not None
        heads = ["streams", "in flight"] if on_device else ["instances", "threads"]
        rows = [
            [
                str(point.instances),
                str(point.in_flight if on_device else point.threads),
                str(point.batch),
                f"{point.throughput:.4g}",
                *(milliseconds(value) for value in (point.p50, point.p90, point.p99)),
                f"{point.spread:.0%}",
            ]
            for point in model.points
        ]
        rows_out([*heads, "batch", "items/s", "p50 ms", "p90 ms", "p99 ms", "spread"], rows)
        if model.paced is not None:
            paced = (milliseconds(model.paced.quantiles[SHARES.index(at)]) for at in (0.5, 0.9, 0.99))
            click.echo(
                "  far apart, with what begins and tells of a run: {} ms (p90 {}, p99 {})".format(*paced)
            )
        disturbed = [among.other_cores for among in model.among]
        others = max(median(point.other_cores for point in model.points), *disturbed, 0.0)
        warn_of_others(others, model.model)
        for beside in model.together:
            click.echo(f"  beside {beside.beside}: {milliseconds(beside.p50)} ms, × {beside.slowdown:.2f}")
        for among in model.among:
            lanes = f"{among.lanes} lane{'' if among.lanes == 1 else 's'} at work"
            ninety, most = (milliseconds(among.quantiles[SHARES.index(at)]) for at in (0.9, 0.99))
            click.echo(
                f"  among other work, {lanes}: {milliseconds(among.p50)} ms (p90 {ninety}, p99 {most})"
            )
        for note in model.notes:
            click.echo(f"  {note}")


def show_trunks(trunks: list[TrunkTimes]) -> None:
    """What models that begin alike take together."""
    for trunk in trunks:
        names = " and ".join(trunk.models)
        took = f"{milliseconds(trunk.together)} ms in pieces, {milliseconds(trunk.whole)} ms whole"
        click.echo(f"{names} begin alike: a run of all takes {took}")


def show_pieces(cuts: list[CutTimes]) -> None:
    """What long models take in pieces."""
    for one in cuts:
        if one.together is None:
            click.echo(f"{one.model} stays whole: a run takes {milliseconds(one.whole)} ms")
            continue
        longest = milliseconds(max(piece.took for piece in one.pieces))
        took = f"{milliseconds(one.together)} ms in {len(one.pieces)} pieces, the longest {longest} ms"
        click.echo(f"{one.model} takes {took}; {milliseconds(one.whole)} ms whole")


def milliseconds(seconds: Any) -> str:
    """Four digits of it."""
    return f"{float(seconds) * 1e3:.4g}"
