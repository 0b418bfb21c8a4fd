"""`edgert calibrate`: how much a scene may change before a step has to run again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..writing import writing
from .measured import output_file, tell_output
from .rows import rows_out
from .run import DurationType

if TYPE_CHECKING:
    from ..calibrate import Calibration, Point
    from ..documents import Refused
    from ..documents.errors import Problem


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--step", required=True, help="PIPELINE/STEP, or APPLICATION/PIPELINE/STEP: it gives detections."
)
@click.option("--seconds", type=DurationType(), default=60.0, show_default=True, help="Of the recording.")
@click.option(
    "--lost",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="Share of the detections that may be lost.",
)
@click.option("--at-most", type=DurationType(), help="The greatest age (left out: the step's, or 5 s).")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the pipeline's document with the key here.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Plot the curve into this file (.html, .svg, .png or .pdf).",
)
def calibrate(
    documents: tuple[Path, ...],
    step: str,
    seconds: float,
    lost: float,
    at_most: float | None,
    output: Path | None,
    report: Path | None,
) -> None:
    """Find how much the scene may change before a step of DOCUMENTS has to run again.

    The sensor must be a recording. All is computed on each of its frames; then the tool works out what each
    threshold of `while: {unchanged: frame}` would have saved and lost. A detection is lost when the earlier
    result that would have served has none of its class that overlaps it by half.
    """
    from ..calibrate import Calibration
    from ..calibrate.plot import draw, told
    from ..calibrate.writing import with_key
    from ..documents import DocumentErrors, Refused, load
    from ..tune.plot import check

    if math.isnan(lost):
        raise click.BadParameter("nan is no share; give one from 0 to 1", param_hint="'--lost'")
    if not seconds > 0:
        raise click.BadParameter("give a time above 0", param_hint="'--seconds'")
    pipeline, slash, name = step.rpartition("/")
    if not slash or not pipeline or not name:
        raise click.BadParameter(f"{step!r} is no PIPELINE/STEP", param_hint="'--step'")
    if report is not None:
        check(report)
    with output_file(output, documents):
        try:
            loaded = load(documents)
            calibration = Calibration(loaded, pipeline, name, seconds, lost, at_most)
            calibration.run()
        except Refused as refused:
            raise DocumentErrors([_problem(refused)]) from None
        show(calibration)
        best = calibration.best
        click.echo(told(calibration))
        if best is not None:
            key = calibration.key(best)
            said = ", ".join(f"{word}: {value}" for word, value in key.items())
            click.echo(f"{calibration.step.name}: while: {{{said}}}")
            if output is not None:
                with writing(output):
                    output.write_text(with_key(calibration.pipeline, name, key), encoding="utf-8")
    if best is not None:
        tell_output(output)
    if report is not None:
        draw(calibration, report)
        click.echo(f"{report}: written", err=True)


def _problem(refused: Refused) -> Problem:
    from ..documents.errors import Problem

    if refused.document is None:
        return Problem(refused.what, refused.remedy)
    return refused.problem(refused.document)


def show(calibration: Calibration) -> None:
    """The curves as a table: of each grid what is near the loss, then max_age."""
    heads = ["compared by", "threshold", "runs saved", "detections lost", "oldest s", ""]
    chosen = calibration.best
    rows_out(heads, [_row(point, chosen) for point in [*_telling(calibration), *calibration.age]])


def _telling(calibration: Calibration) -> list[Point]:
    """Without the thresholds that change nothing."""
    telling: list[Point] = []
    for point in calibration.scene:
        last = telling[-1] if telling else None
        same = last is not None and last.grid == point.grid and last.executed == point.executed
        if point.saved > 0 and not same:
            telling.append(point)
    return telling


def _row(point: Point, chosen: Point | None) -> list[str]:
    by = f"{point.grid[0]}x{point.grid[1]} cells" if point.grid else "max_age"
    level = f"{point.threshold:g}" if point.grid else f"{point.threshold * 1000:g}ms"
    mark = "chosen" if point == chosen else ""
    return [by, level, f"{point.saved:.1%}", f"{point.lost:.2%}", f"{point.oldest:.2f}", mark]
