"""`edgert demo`: a run to look at."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .live import choose
from .run import DurationType, image_sensors
from .running import exit_code, run_until_done, traced

if TYPE_CHECKING:
    from ..demo.story import Story
    from ..runtime import Runtime
    from ..sinks import Sink
    from ..zoo.progress import Progress

INTRODUCTION = """\
The demo: a street camera, a street microphone, a camera and a microphone at a door, and a smart watch,
played from recordings. Three applications, written without knowing of each other, run thirteen models on them
in one process."""

LOOK = {
    ".html": "the report: open it in a browser",
    ".mp4": "what a camera saw, with what every model said",
    ".png": "a frame of each camera",
    ".jsonl": "every result, one a line",
    ".json.gz": "a trace: open it at https://ui.perfetto.dev",
}


@click.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default="edgert-demo",
    show_default=True,
    help="Where the video, the results and the report go.",
)
@click.option("--duration", type=DurationType(), default="20s", show_default=True, help="How long to run.")
@click.option("--offline", is_flag=True, help="Fetch nothing: use what the cache has.")
@click.option("--show", is_flag=True, help="Print the demo's documents, to copy and change, and run nothing.")
@click.option("--trace", is_flag=True, help="Also write trace.json.gz, for ui.perfetto.dev.")
@click.option("--quiet", "-q", is_flag=True, help="No table and no lines while running.")
@click.pass_context
def demo(
    context: click.Context, output: Path, duration: float, offline: bool, show: bool, trace: bool, quiet: bool
) -> None:
    """Run three applications with thirteen models on five sensors, and see what was shared.

    Models and recordings are fetched when they aren't in the cache. Ends with a video, the results as JSON
    lines, and a report to open in a browser.
    """
    from .. import dedicate_process
    from ..demo import DOCUMENTS

    if show:
        for file in sorted(DOCUMENTS.glob("*.yaml")):
            click.echo(f"# {file}\n{file.read_text(encoding='utf-8')}")
        return
    click.echo(INTRODUCTION)
    dedicate_process()
    runtime = _prepare(DOCUMENTS, output, offline)
    with traced(runtime, output / "trace.json.gz" if trace else None):
        story = _run(runtime, output, duration, quiet)
    _tell(runtime, story, output)
    click.echo(f"\nThe documents are in {DOCUMENTS}; copy and change them, then: edgert run FOLDER")
    context.exit(exit_code(runtime))


def _prepare(folder: Path, output: Path, offline: bool) -> Runtime:
    from ..demo.needs import fetch, needs, require
    from ..documents import load
    from ..runtime import Runtime

    documents = load(folder)
    names = needs(documents)
    require(names)
    output.mkdir(parents=True, exist_ok=True)
    with _progress() as progress:
        fetch(names, offline, progress)
    began = time.perf_counter()
    runtime = Runtime(documents)
    took = time.perf_counter() - began
    click.echo(f"{len(runtime.plan.models)} models checked, loaded and warmed in {took:.1f} s; running …")
    return runtime


@contextmanager
def _progress() -> Iterator[Progress]:
    from ..zoo.progress import Bar, Lines

    if sys.stderr.isatty():
        with Bar() as bar:
            yield bar
    else:
        yield Lines()


def _run(runtime: Runtime, output: Path, duration: float, quiet: bool) -> Story:
    from ..demo.story import Story
    from ..sinks import AnnotatedVideo, JsonLines
    from .reporting import Reporting

    cameras = image_sensors(runtime)
    story, reporting = Story(), Reporting(runtime, cameras, output / "report.html")
    videos = [AnnotatedVideo(output / f"{name}.mp4", name) for name in cameras]
    sinks: list[Sink] = [story, JsonLines(output / "results.jsonl"), *videos, *reporting.sinks]
    story.begin()
    run_until_done(runtime, sinks, choose(quiet), duration, reporting.sample)
    first = f"The first answer came {story.first_ms or 0:.0f} ms after the sensors started."
    reporting.write("edgert demo", [first, *_lines(runtime, story)], output / "picture.png", INTRODUCTION)
    return story


def _lines(runtime: Runtime, story: Story) -> Iterator[str]:
    from ..report.windows import unfilled

    return story.lines(unfilled(runtime, runtime.metrics()))


def _tell(runtime: Runtime, story: Story, output: Path) -> None:
    from ..report.page import in_words
    from .summary import users

    click.secho("\nWhat happened", bold=True)
    first = f"The first answer came {story.first_ms or 0:.0f} ms after the sensors started."
    for text in (first, *in_words(runtime.metrics(), users(runtime)), *_lines(runtime, story)):
        click.echo(click.wrap_text(text, 100, "  ", "  "))
    click.secho("\nWhat to look at", bold=True)
    for ending, about in LOOK.items():
        for file in sorted(output.glob(f"*{ending}")):
            click.echo(f"  {file}  ({about})")
