"""What `edgert profile` and `edgert tune` share: lists of numbers, progress, and where documents go."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from .outputs import claimed, refuse_documents

if TYPE_CHECKING:
    from ..documents import DocumentSet
    from ..planner import Planned

EVERY = 5.0  # s between lines where there is no terminal
MOST = 1024  # instances, threads, items of a run: as in Model documents


def numbers(context: click.Context, parameter: click.Parameter, value: str | None) -> list[int] | None:
    """ "1,2,4" as numbers of 1 to MOST; each once."""
    if value is None:
        return None
    words = [word.strip() for word in value.split(",")]
    found = [int(word) if re.fullmatch(r"\d{1,6}", word) else 0 for word in words]
    if not all(1 <= number <= MOST for number in found):
        raise click.BadParameter(f"{value!r} is no list of numbers of 1 to {MOST}; write 1,2,4")
    return sorted(set(found))


def usable_name(name: str | None, output: Path | None, otherwise: str) -> str:
    """The document's name: as given, the output's, or `otherwise`."""
    if name is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", name):
            raise click.BadParameter("write letters, digits, - and _", param_hint="'--name'")
        return name
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", output.stem).strip("-_") if output else ""
    return stem or otherwise


@contextmanager
def output_file(output: Path | None, given: Iterable[str | Path]) -> Iterator[None]:
    """Sees that it can be written, before anything is measured, and isn't one of the documents."""
    files = [output] if output is not None else []
    refuse_documents(files, [Path(one) for one in given])
    with claimed(files):
        yield


def yaml_or_table(output: Path | None) -> bool:
    """Whether standard output gets the document: it goes nowhere else, and nobody sits in front of it."""
    return output is None and not sys.stdout.isatty()


def tell_output(output: Path | None) -> None:
    """Where the document is, or how to have one."""
    if output is not None:
        click.echo(f"{output}: written", err=True)
    elif sys.stdout.isatty():
        click.echo("Write it as a document with -o FILE.", err=True)


def warn_of_others(cores: float, measured: str) -> None:
    """Says on standard error that the box wasn't quiet while something was measured."""
    from ..profile.others import DISTURBED

    if cores > DISTURBED:
        text = f"{measured}: other processes used {cores:.2g} cores meanwhile; on a quiet box it is faster"
        click.secho(text, err=True, fg="yellow")


def tell_stale(documents: DocumentSet, planned: Planned) -> None:
    """Says on standard error which Profile documents were made elsewhere, or of something else."""
    if not documents.profiles:
        return
    from ..documents.errors import problem_at
    from ..profile import stale

    files = {model.reference: model.file for model in planned.models}
    for profile in documents.profiles.values():
        for reason in stale(profile, files):
            text = str(problem_at(profile, (), f"stale: {reason}", "measure again"))
            click.secho(text, err=True, fg="yellow")


def measure(run: Callable[[Announcer], object], results: Callable[[], Sized]) -> None:
    """Runs it with its progress. Ctrl-C keeps the results by then; without any the command ends."""
    said = ""
    with Announcer() as announcer:
        try:
            run(announcer)
        except KeyboardInterrupt:
            said = "interrupted: what was measured by then is kept"
    if not len(results()):
        click.echo("nothing was measured, so nothing is kept", err=True)
        raise click.Abort
    if said:
        click.echo(said, err=True)


class Announcer:
    """Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._told = 0.0
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def __enter__(self) -> Announcer:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, done: int, total: int, label: str) -> None:
        """`done` of `total` measurements (0: not known) are made, and this comes."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total or None, description=label)
        elif time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            click.echo(f"{done} of {total}: {label}" if total else label, err=True)

    def note(self, label: str) -> None:
        """This comes."""
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=label)
        else:
            self.step(0, 0, label)
