"""A transform in a process of its own: killed when it hangs, started again, counted.

A process that dies is started again at once, and the next call waits for that, at most its limit. One that
dies again soon is in trouble: it is started again after waits that grow, and until it is ready each call
fails at once, so that it holds up neither its sensor nor the processor.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from multiprocessing.connection import Connection
from typing import Any

from ..life.backoff import Backoff, Waits
from .arena import Arena
from .base import Array, Picture
from .checking import Broken, checked

STARTING = 30.0
"""Seconds that a process may take until it is ready."""
WELL = 10.0
"""Seconds after which a process that dies had run well."""
WAITS = Waits(first=0.5, most=30.0)
"""Between the starts of one that dies again and again, or can't be started."""
SEE = "see the failures before this one"


class Child:
    """The process of one transform. Used by one thread."""

    def __init__(
        self, reference: str, arguments: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]], limit: float
    ) -> None:
        self.reference, self.arguments, self.outputs, self.limit = reference, arguments, outputs, limit
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False  # the process said so
        self._began = 0.0  # of the present process
        self._deaths = 0  # since one ran well
        self._not_before = 0.0  # of the next start
        self._awaited = True  # calls wait until it is ready
        self._backoff = Backoff(WAITS)

    def run(self, inputs: Sequence[Any], reset: bool) -> list[Array]:
        """Outputs, as views of memory that the next run writes. Raises Broken."""
        self._ensure()
        flat, shapes = _flattened(inputs)
        try:
            self._line.send((self._to.write(flat), shapes, reset))
            if not self._line.poll(self.limit):
                self._lost()
                what = f"did not come back within its limit of {self.limit:g} s, and its process was killed"
                raise Broken(what + self._times(), "make run() quicker, or raise limit")
            answer = self._line.recv()
        except (EOFError, OSError) as error:
            raise Broken(f"its process {self._lost()}{self._times()}", "mend the class") from error
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
        """Sees that a process is there and ready. Raises Broken while none is."""
        if self._process is not None and self._process.poll() is not None:
            self._lost()  # between two calls
        if self._process is None:
            if time.monotonic() < self._not_before:
                raise Broken(f"its process ended again, and waits for its next start{self._times()}", SEE)
            self._start()
        if not self._ready:
            self._greeted()

    def _start(self) -> None:
        """Starts a process, and tells it what it is. Raises Broken when the machine has no room for one."""
        try:
            with ExitStack() as undo:
                to, from_ = undo.enter_context(closing(Arena())), undo.enter_context(closing(Arena()))
                ours, theirs = (undo.enter_context(end) for end in socket.socketpair())
                self._process = self._popen([theirs.fileno(), to.fd, from_.fd])
                self._line: Connection[Any, Any] = Connection(ours.detach())
                undo.pop_all()
                theirs.close()
        except OSError as error:
            self._not_before = time.monotonic() + (self._backoff.next() or 0.0)
            raise Broken(f"its process can't be started: {error}", "free memory or descriptors") from error
        self._to, self._from = to, from_
        self.starts += 1
        self._ready, self._began = False, time.monotonic()
        self._line.send((self.reference, dict(self.arguments), [dict(output) for output in self.outputs]))

    def _popen(self, handed: Sequence[int]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "edgert.transforms.child", *map(str, [*handed, os.getpid()])]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        return subprocess.Popen(command, pass_fds=handed, stdin=subprocess.DEVNULL, env=env)

    def _greeted(self) -> None:
        """Waits until the process is ready: the first one as long as it may take, a later one for a call's
        limit, one in trouble not at all. Raises Broken while it isn't."""
        patience = STARTING if self.starts == 1 else self.limit if self._awaited else 0.0
        said: Any = "did not start in time"
        try:
            if self._line.poll(patience):
                said = self._line.recv()
            elif time.monotonic() - self._began < STARTING:
                raise Broken(f"its process is being started again{self._times()}", SEE)
        except (EOFError, OSError):
            said = f"could not start: its process {self._lost()}"
        if said is not True:
            self._lost()
            raise Broken(str(said), "mend the class")
        self._ready = True

    def _lost(self) -> str:
        """Ends the process, and says how it ended. What ran well is started again now, else after a wait."""
        process, well = self._process, self._ready and time.monotonic() - self._began >= WELL
        self.kill()
        if process is None:
            return ""
        self._deaths = 1 if well else self._deaths + 1
        self._awaited = self._ready and self._deaths == 1
        if self._awaited:
            self._backoff = Backoff(WAITS)
            with suppress(Broken):  # the next call says why
                self._start()
        else:
            self._not_before = time.monotonic() + (self._backoff.next() or 0.0)
        code = process.returncode
        return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"

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
