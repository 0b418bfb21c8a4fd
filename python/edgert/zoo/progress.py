"""Telling a person what goes on: nothing, plain lines, or a bar."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Protocol


class Progress(Protocol):
    """What the zoo tells while it works. Called from the thread that called get()."""

    def note(self, text: str) -> None:
        """Says one thing."""

    def start(self, label: str, total: int) -> None:
        """Begins a transfer of `total` bytes; 0 when unknown."""

    def reach(self, done: int) -> None:
        """`done` bytes of the transfer are there."""

    def finish(self) -> None:
        """The transfer has ended, well or not."""


class Silent:
    """Tells nothing."""

    def note(self, text: str) -> None: ...

    def start(self, label: str, total: int) -> None: ...

    def reach(self, done: int) -> None: ...

    def finish(self) -> None: ...


class Lines(Silent):
    """Plain lines on standard error, for what is no terminal: one a transfer's start and end."""

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def start(self, label: str, total: int) -> None:
        self._label, self._done, self._began = label, 0, time.monotonic()
        self.note(f"{label}: {_megabytes(total)}" if total else label)

    def reach(self, done: int) -> None:
        self._done = max(self._done, done)

    def finish(self) -> None:
        seconds = max(time.monotonic() - self._began, 1e-3)
        self.note(f"{self._label}: {_megabytes(self._done)} in {seconds:.1f} s")


class Bar:
    """A bar on the terminal, with bytes and speed."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
        from rich.progress import Progress as Rich

        columns: tuple[Any, ...] = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
        )
        self._rich = Rich(*columns, console=Console(stderr=True))
        self._task: Any = None

    def __enter__(self) -> Bar:
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    def note(self, text: str) -> None:
        self._rich.console.print(text, markup=False, highlight=False)

    def start(self, label: str, total: int) -> None:
        self._task = self._rich.add_task(label, total=total or None)

    def reach(self, done: int) -> None:
        self._rich.update(self._task, completed=done)

    def finish(self) -> None:
        self._rich.remove_task(self._task)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
