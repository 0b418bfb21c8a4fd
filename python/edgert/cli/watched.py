"""`edgert run --watch`: documents that change are deployed, and a line says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..watching import Told


def watched(
    documents: Sequence[Path], wanted: bool, trace: Path | None
) -> Callable[[Runtime], AbstractContextManager[None]]:
    """To be called before the runtime is made; what it gives watches while the runtime runs in a block."""
    if not wanted:
        return lambda runtime: nullcontext()
    if trace is not None:
        raise click.UsageError("--watch deploys, and a trace is of one plan: leave --trace or --watch out")
    from ..watching import Watching

    watching = Watching(documents, _tell)

    @contextmanager
    def watch(runtime: Runtime) -> Iterator[None]:
        watching.start(runtime)
        try:
            yield
        finally:
            watching.stop()

    return watch


def _tell(told: Told) -> None:
    """On standard error, as all that happens while documents run."""
    if told.deployed:
        click.secho(f"deployed: {told.text}", err=True, fg="green")
    else:
        click.secho(f"not deployed, and what ran goes on: {told.text}", err=True, fg="red")
