"""`edgert tune`: lanes, threads, instances and batch that get the most out of this box."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .measured import measure, output_file, tell_output, usable_name, warn_of_others, yaml_or_table
from .profile import milliseconds
from .rows import rows_out
from .run import DurationType

if TYPE_CHECKING:
    from ..tune import Found, FoundStreams, Tuning


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write what was chosen here."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Plot the curves into this file (.html, .svg, .png or .pdf).",
)
@click.option(
    "--seconds", type=DurationType(), default=0.1, show_default=True, help="Length of one measurement."
)
@click.option("--name", help="The document's name (left out: the output's, or tuned).")
def tune(
    documents: tuple[Path, ...], output: Path | None, report: Path | None, seconds: float, name: str | None
) -> None:
    """Find lanes, threads, instances and batch for DOCUMENTS (files and folders) on this box, and the streams
    and runs in flight of its devices.

    The greatest throughput that keeps every pipeline's latency. What is written runs with the documents:
    `edgert run DOCUMENTS tuned.yaml`.
    """
    from ..documents import read
    from ..profile import to_yaml, write
    from ..tune import Tuning
    from ..tune.plot import check, draw

    chosen = usable_name(name, output, "tuned")
    if not seconds > 0:
        raise click.BadParameter("give a time above 0", param_hint="'--seconds'")
    if report is not None:
        check(report)
    tuning = Tuning(read(documents), seconds)
    with output_file(output, documents):
        measure(lambda announcer: tuning.run(announcer.note), lambda: [*tuning.found, *tuning.devices.found])
        document = tuning.document(chosen)
        if output is not None:
            write(document, output)
    if yaml_or_table(output):
        click.echo(to_yaml(document), nl=False)
    else:
        show(tuning)
    if report is not None:
        draw(tuning.found, report, f"Of all together: {told(tuning)}.", tuning.devices.found)
        click.echo(f"{report}: written", err=True)
    tell_output(output)


def show(tuning: Tuning) -> None:
    """The curve of each model, and what was chosen."""
    for name, found in tuning.found.items():
        limit = f", a run may take {milliseconds(found.bound)} ms" if found.bound is not None else ""
        broken_off = "" if found.whole else "; its search was broken off"
        click.echo(f"{name}{limit}{broken_off}")
        rows_out(["instances", "threads", "batch", "items/s", "p50 ms", "p90 ms", ""], rows(found))
        warn_of_others(found.other_cores, name)
        if not found.fits:
            click.echo("  nothing keeps its bound; this comes nearest")
    for name, streams in tuning.devices.found.items():
        show_device(name, streams)
    setting = tuning.setting
    click.echo(told(tuning))
    if setting is None:
        return
    for bound in [] if tuning.kept(setting) else tuning.bounds:
        taken = bound.taken(tuning.runs(setting))
        if taken > bound.seconds:
            click.echo(
                f"  pipeline {bound.pipeline} can't keep its latency of {milliseconds(bound.seconds)} ms "
                f"while everything runs: its models take {milliseconds(taken)} ms"
            )


def told(tuning: Tuning) -> str:
    """What was chosen for all models together."""
    if tuning.setting is None:
        return "nothing was chosen for all together: the search was broken off. These measurements are kept"
    than = "× the throughput of what the documents say"
    chosen = [f"{tuning.setting.described()}; {tuning.gain:.2f} {than}"] if tuning.gain is not None else []
    for name, found in tuning.devices.found.items():
        gain = f"; {found.gain:.2f} {than}" if found.gain is not None else ""
        chosen.append(f"{name} with {found.setting.described()}{gain}")
    return "chosen: " + ", and ".join(chosen)


def show_device(name: str, found: FoundStreams) -> None:
    """The curve of one device with all its models: rounds of them a second."""
    models = found.taken.held
    limits = [f"a run of {model} may take {milliseconds(bound)} ms" for model, bound in found.bounds.items()]
    said = ", ".join([f"{name}: {' and '.join(models)}", *limits])
    click.echo(said + ("" if found.whole else "; its search was broken off"))
    heads = ["streams", "in flight", "batch", "rounds/s", "p50 ms", "held ms (90 %)", ""]
    rows_out(heads, stream_rows(found))
    warn_of_others(found.other_cores, name)
    if not found.fits:
        click.echo("  nothing keeps its bounds; this comes nearest")


def stream_rows(found: FoundStreams) -> list[list[str]]:
    """A row a setting, with the slowest model's times."""
    ways = sorted(found.tried, key=lambda way: (way.batches, way.streams, way.in_flight))
    return [
        [
            str(way.streams),
            str(way.in_flight),
            "/".join(str(count) for _, count in way.batches),
            f"{found.tried[way].rounds:.4g}",
            milliseconds(max(found.tried[way].p50.values())),
            milliseconds(max(found.tried[way].held.values())),
            ", ".join(
                word
                for word, marked in (("best", found.setting), ("saturated", found.saturation))
                if marked == way
            ),
        ]
        for way in ways
    ]


def rows(found: Found) -> list[list[str]]:
    """A row a point; the best one and where the box is saturated are marked."""
    marks = {found.place: "best", found.saturation: "saturated"}
    if found.place == found.saturation:
        marks = {found.place: "best, saturated"}
    return [
        [
            *map(str, point.place),
            f"{point.throughput:.4g}",
            milliseconds(point.p50),
            milliseconds(point.p90),
            marks.get(point.place, ""),
        ]
        for point in sorted(found.points, key=lambda point: (point.batch, point.instances, point.threads))
    ]
