"""A transform in a process of its own: killed when it hangs, started again, counted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

from .arena import Arena
from .base import Array, Picture
from .checking import Broken, checked

STARTING = 30.0
"""Seconds that a process may take until it is ready."""
PAUSE = 1.0
"""Seconds after a start that failed, in which no other is tried."""


class Child:
    """The process of one transform. Used by one thread."""

    def __init__(
        self, reference: str, arguments: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], limit: float
    ) -> None:
        self.reference, self.arguments, self.outputs, self.limit = reference, arguments, outputs, limit
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def run(self, inputs: Sequence[Any], reset: bool) -> list[Array]:
        """Outputs, as views of memory that the next run writes. Raises Broken."""
        self._ensure()
        flat, shapes = _flattened(inputs)
        try:
            self._line.send((self._to.write(flat), shapes, reset))
            if not self._line.poll(self.limit):
                self.kill()
                what = f"did not come back within its limit of {self.limit:g} s, and its process was killed"
                raise Broken(what + self._times(), "make run() quicker, or raise limit")
            answer = self._line.recv()
        except (EOFError, OSError) as error:
            status = self._ended()
            raise Broken(f"its process {status}{self._times()}", "mend the class") from error
        if isinstance(answer, str):
            raise Broken(answer, "mend the class")
        return checked(self._from.read(answer), self.outputs)

    def kill(self) -> None:
        """Ends the process, whatever it does."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        self._line.close()
        self._to.close()
        self._from.close()

    def _ensure(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.kill()
        if time.monotonic() < self._not_before:
            raise Broken("its process could not be started just now", "see the failure before this one")
        self._start()

    def _start(self) -> None:
        self._to, self._from = Arena(), Arena()
        ours, theirs = socket.socketpair()
        handed = [theirs.fileno(), self._to.fd, self._from.fd]
        command = [sys.executable, "-m", "edgert.transforms.child", *map(str, handed)]
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            command, pass_fds=handed, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}
        )
        theirs.close()
        self._line: Connection[Any, Any] = Connection(ours.detach())
        self.starts += 1
        self._greet()

    def _greet(self) -> None:
        """Tells the process what it is, and waits until it is ready."""
        self._not_before = time.monotonic() + STARTING
        try:
            specs = [dict(output) for output in self.outputs]
            self._line.send((self.reference, dict(self.arguments), specs))
            ready = self._line.recv() if self._line.poll(STARTING) else "did not start in time"
        except (EOFError, OSError):
            ready = f"could not start: its process {self._ended()}"
        self._not_before = 0.0 if ready is True else time.monotonic() + PAUSE
        if ready is not True:
            self.kill()
            raise Broken(str(ready), "mend the class")

    def _ended(self) -> str:
        """How the process ended."""
        process = self._process
        self.kill()
        code = process.returncode if process is not None else None
        return f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"

    def _times(self) -> str:
        return "" if self.starts < 2 else f" (it was started {self.starts} times)"


def _flattened(inputs: Sequence[Any]) -> tuple[list[Array], list[Any]]:
    """All arrays of the inputs; and for each input None, or of a Picture its planes' number and the rest."""
    flat: list[Array] = []
    shapes: list[Any] = []
    for value in inputs:
        if isinstance(value, Picture):
            flat += value.planes
            shapes.append((len(value.planes), value.pixel, value.width, value.height))
        else:
            flat.append(value)
            shapes.append(None)
    return flat, shapes
