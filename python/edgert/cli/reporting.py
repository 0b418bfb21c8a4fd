"""The report of a run from the command line: gathers while it runs, writes at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..report import History, require, write
from ..report.memory import ModelBytes
from ..sinks import Pictures
from ..sinks.pictures import side_by_side
from .summary import users

if TYPE_CHECKING:
    from ..runtime import Runtime
    from ..sinks import Sink

EVERY = 2.0  # s between two pictures, of which the one with most on it is shown


class Reporting:
    """Gathers what a report shows.

    Raises UnavailableError or OSError at once when it could not be written in the end.
    """

    def __init__(self, runtime: Runtime, cameras: Sequence[str], path: Path) -> None:
        require()
        path.open("a").close()
        self._path = path
        self._runtime = runtime
        self._folder = TemporaryDirectory(prefix="edgert-")
        self._history = History()
        self._pictures = [Pictures(self._folder.name, name, every=EVERY) for name in cameras]

    @property
    def sinks(self) -> list[Sink]:
        """What results must be given to."""
        return [self._history, *self._pictures]

    def sample(self, metrics: dict[str, Any]) -> None:
        """Takes note of the rates."""
        self._history.sample(metrics)

    def write(
        self, title: str, said: Sequence[str] = (), picture: Path | None = None, lead: str = ""
    ) -> None:
        """Writes the report; the picture in it also goes to the file `picture`, where given."""
        target = picture or Path(self._folder.name) / "picture.png"
        shown = side_by_side([sink.best for sink in self._pictures if sink.best], target)
        write(
            self._path,
            self._history,
            self._runtime.metrics(),
            users(self._runtime),
            nodes=self._runtime.nodes(),
            picture=shown.read_bytes() if shown else None,
            title=title,
            said=said,
            lead=lead,
            models=_model_bytes(self._runtime),
        )
        self._folder.cleanup()


def _model_bytes(runtime: Runtime) -> ModelBytes:
    from ..explain import explain

    try:
        found = explain(runtime.plan).saved()
    except OSError:  # a file is gone since it was loaded
        return ModelBytes()
    return ModelBytes(found["model_bytes"], found["asked_model_bytes"])
