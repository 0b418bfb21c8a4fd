"""`edgert run`: runs documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..policy.decisions import ORDERS
from .lately import Lately
from .live import choose
from .measured import tell_stale
from .outputs import claimed, refuse_documents
from .pieces import tell_uncut
from .reasons import Reasons
from .running import exit_code, run_until_done, traced
from .watched import watched

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..sinks import Sink
    from .reporting import Reporting


class DurationType(click.ParamType):  # type: ignore[type-arg]
    """ "90s", "200ms", "1.5min", or a number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> float:
        from ..documents.units import Duration

        try:
            return float(Duration(value if not _is_number(value) else float(value)))
        except ValueError as error:
            self.fail(str(error), param, context)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Write each result as a line of JSON into this file; - is standard output.",
)
@click.option(
    "--video",
    type=click.Path(path_type=Path),
    help="Write what a camera saw, with what models said of it, as .mp4, .mkv or .mov. Of several cameras "
    "each has a file of its own: FILE.CAMERA.mp4.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    help="Write an annotated picture of each camera every 10 s into this folder.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Write a page with plots of latency, rates and sharing (HTML).",
)
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    help="Write what ran when, on which lane and for whom, for ui.perfetto.dev (FILE.json or FILE.json.gz).",
)
@click.option(
    "--duration",
    type=DurationType(),
    help="Stop after this time: 10s, 2min. Left out: when all sensors ended, or with Ctrl-C.",
)
@click.option(
    "--lanes",
    type=click.IntRange(0, 64),
    default=0,
    show_default=True,
    help="Threads that run models; 0: what a Profile chose, else one a core.",
)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    help="What runs first; left out, as the Scheduler document says, or the earliest deadline (edf).",
)
@click.option(
    "--share",
    type=click.Path(path_type=Path),
    help="Lend frames to other processes at this socket, which is made (edgert.attach() in Python).",
)
@click.option(
    "--policy",
    help="Who decides: a Policy document's name, a shipped policy's (adaptive, ...), file.py:Class, or none.",
)
@click.option(
    "--watch",
    is_flag=True,
    help="Deploy the documents again when they, or models, labels and policies that they name, change. "
    "What is wrong is told, and what runs goes on.",
)
@click.option("--no-trunks", is_flag=True, help="Run models whole, also where they begin with equal layers.")
@click.option("--quiet", "-q", is_flag=True, help="No table and no lines while running.")
@click.pass_context
def run(
    context: click.Context,
    documents: tuple[Path, ...],
    output: Path | None,
    video: Path | None,
    pictures: Path | None,
    report: Path | None,
    trace: Path | None,
    duration: float | None,
    lanes: int,
    order: str | None,
    share: Path | None,
    policy: str | None,
    watch: bool,
    no_trunks: bool,
    quiet: bool,
) -> None:
    """Run DOCUMENTS (files or folders) until their sensors end, the duration is over, or Ctrl-C.

    While it runs: a table of sensors, pipelines and models, or a line every 5 s where the output is no
    terminal. At the end: a summary. Results go where the pipelines' sinks say, and where the options here
    say; with none of these options, the summary has what each pipeline said last.
    """
    from .. import dedicate_process
    from ..report.windows import unfilled
    from ..runtime import Runtime
    from ..tracing import check_path
    from .summary import summary, users

    dedicate_process()
    to_stdout = output is not None and str(output) == "-"
    if trace is not None:
        check_path(trace)
    watching = watched(documents, watch, trace)
    runtime = Runtime(documents, lanes=lanes, order=order, share=share, policy=policy, trunks=not no_trunks)
    tell_stale(runtime.documents, runtime.plan)
    tell_uncut(runtime.plan)
    files = [*_files(runtime, output, video, report), *([trace] if trace is not None else [])]
    if report is not None and str(report) == "-":
        raise click.UsageError("--report writes a file; give it a name that ends with .html")
    refuse_documents(files, documents)
    with claimed(files):
        reporting = _reporting(runtime, report) if report is not None else None
        sinks = make_sinks(runtime, output, video, pictures)
    sample = reporting.sample if reporting else None
    more = reporting.sinks if reporting else []
    reasons, lately = Reasons(), Lately()
    kept = any((output, video, pictures, report))
    told: list[Sink] = [*sinks, *more, *(() if kept else (lately,))]
    with traced(runtime, trace), watching(runtime):
        run_until_done(runtime, told, choose(quiet or to_stdout), duration, sample, reasons)
    metrics = runtime.metrics()
    for line in summary(metrics, users(runtime), unfilled(runtime, metrics), reasons.top, lately.said):
        click.echo(line, err=to_stdout)
    if reporting is not None:
        reporting.write("edgert: report of a run", _waiting(runtime))
    context.exit(exit_code(runtime))


def _waiting(runtime: Runtime) -> list[str]:
    """What a report says of pipelines that said nothing."""
    from ..report.windows import said, unfilled

    found = unfilled(runtime, runtime.metrics())
    return [f"{title} said nothing: {said(seconds)}." for title, seconds in found.items()]


def _files(runtime: Runtime, output: Path | None, video: Path | None, report: Path | None) -> list[Path]:
    """What the options have written, pictures apart."""
    files = [path for path in (output, report) if path is not None and str(path) != "-"]
    return [*files, *(video_paths(video, image_sensors(runtime)).values() if video else ())]


def _reporting(runtime: Runtime, path: Path) -> Reporting:
    from .reporting import Reporting

    return Reporting(runtime, image_sensors(runtime), path)


def make_sinks(
    runtime: Runtime, output: Path | None, video: Path | None, pictures: Path | None
) -> list[Sink]:
    """The sinks that the options ask for. Raises before anything runs when a file can't be written."""
    from ..sinks import AnnotatedVideo, JsonLines, Pictures
    from ..sinks.video import check_video

    sinks: list[Sink] = []
    cameras = image_sensors(runtime)
    if (video or pictures) and not cameras:
        raise click.UsageError("--video and --pictures need a sensor that gives pictures, and there is none")
    if video is not None:
        check_video(video)
    if pictures is not None:
        sinks += [Pictures(pictures, name) for name in cameras]
    if video is not None:
        sinks += [AnnotatedVideo(path, name) for name, path in video_paths(video, cameras).items()]
    if output is not None:
        sinks.append(JsonLines(output))
    return sinks


def image_sensors(runtime: Runtime) -> list[str]:
    """The sensors that give pictures and that some pipeline reads."""
    read = {planned.sensor for planned in runtime.plan.pipelines.values()}
    return [
        name
        for name, sensor in runtime.plan.sensors.items()
        if sensor.format["kind"] == "image" and name in read
    ]


def video_paths(path: Path, cameras: list[str]) -> dict[str, Path]:
    """One file a camera: `out.mp4`, or `out.CAMERA.mp4` when there are several."""
    if len(cameras) == 1:
        return {cameras[0]: path}
    return {name: path.with_name(f"{path.stem}.{name}{path.suffix}") for name in cameras}
