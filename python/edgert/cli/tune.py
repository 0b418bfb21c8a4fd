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
    from ..tune import Found, Tuning


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
    """Find lanes, threads, instances and batch for DOCUMENTS (files and folders) on this box.

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
        measure(lambda announcer: tuning.run(announcer.note), lambda: tuning.found)
        document = tuning.document(chosen)
        if output is not None:
            write(document, output)
    if yaml_or_table(output):
        click.echo(to_yaml(document), nl=False)
    else:
        show(tuning)
    if report is not None:
        draw(tuning.found, report, f"Of all together: {told(tuning)}.")
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
    setting = tuning.setting
    click.echo(told(tuning))
    if setting is None:
        return
    for bound in [] if tuning.kept(setting) else tuning.bounds:
        taken = bound.taken(tuning.tried[setting].p90)
        if taken > bound.seconds:
            click.echo(
                f"  pipeline {bound.pipeline} can't keep its latency of {milliseconds(bound.seconds)} ms "
                f"while everything runs: its models take {milliseconds(taken)} ms"
            )


def told(tuning: Tuning) -> str:
    """What was chosen for all models together."""
    if tuning.setting is None:
        return "nothing was chosen for all together: the search was broken off. These measurements are kept"
    gain = f"{tuning.gain or 1:.2f} × the throughput of what the documents say"
    return f"chosen: {tuning.setting.described()}; {gain}"


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
