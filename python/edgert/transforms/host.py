"""The Python half of the operation `python`: makes the object, and serves a lane's calls on a thread.

The core's lanes never run Python and never wait for it: such a node belongs to a lane apart, which posts the
inputs and waits, for at most the limit. This thread takes them, runs, and gives what came of it.
"""

from __future__ import annotations

import atexit
import json
import threading
import traceback
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from .base import Output, Picture
from .checking import Broken, checked
from .isolated import Child
from .reference import find

PATIENCE = 60.0
"""Seconds that a lane waits beyond the limit for a process, which is killed by this side when it is late."""
MAKING = 20.0
"""Seconds that making the object, and its format(), may take."""
ENDING = 0.2  # seconds that the end of the program waits for a call

_hosts: weakref.WeakSet[Host] = weakref.WeakSet()


class Refused(ValueError):
    """The class can't be used; the text says why."""


class Host:
    """One transform in one plan."""

    def __init__(
        self, reference: str, arguments: str, isolate: str, limit: float, inputs: list[Any], calls: Any
    ) -> None:
        if isolate not in ("thread", "process") or not limit > 0:
            raise Refused(f"{reference}: isolate is thread or process, and limit is above 0")
        self.reference, self.limit, self.calls = reference, limit, calls
        self._given: dict[str, Any] = json.loads(arguments)
        self._object = self._made()
        self.outputs = self._outputs(inputs)
        self.stateful = bool(getattr(self._object, "stateful", False))
        self.patience = limit if isolate == "thread" else limit + PATIENCE
        self.child = Child(reference, self._given, self.outputs, limit) if isolate == "process" else None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread. Called once, by the first run."""
        name = f"edgert-{self.reference.rpartition(':')[2]}"
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        _hosts.add(self)
        self._thread.start()

    def end(self) -> None:
        """Ends it, without waiting for a call that hangs."""
        self.calls.close()
        if self._thread is not None:
            self._thread.join(ENDING)

    def _made(self) -> Any:
        try:
            return in_time("making it", lambda: find(self.reference)(**self._given))
        except Exception as error:
            raise Refused(f"{self.reference}: {_said(error)}") from error

    def _outputs(self, inputs: Sequence[Any]) -> list[dict[str, Any]]:
        try:
            said = in_time("format()", lambda: self._object.format(inputs))
            outputs = [said] if isinstance(said, Output) else list(said)
            return [output.spec() for output in outputs]
        except Exception as error:
            raise Refused(f"{self.reference}: format(): {_said(error)}") from error

    def _serve(self) -> None:
        try:
            while (call := self.calls.take()) is not None:
                self._answer(*call)
                del call  # the inputs' memory goes back
        finally:
            if self.child is not None:
                self.child.kill()

    def _answer(self, inputs: list[Any], reset: bool) -> None:
        given = [_input(value) for value in inputs]
        try:
            if self.child is not None:
                outputs = self.child.run(given, reset)
            else:
                if reset:
                    self._object.reset()
                outputs = checked(self._object.run(*given), self.outputs)
            self.calls.give(outputs)
        except Broken as broken:
            self.calls.fail(broken.what, broken.hint)
        except BaseException as error:  # whatever a user's class raises is this node's failure
            self.calls.fail(f"run() raised {_said(error)}{_place(error)}", "mend the class")


def in_time(what: str, call: Callable[[], Any]) -> Any:
    """What `call` gives or raises; TimeoutError when it takes too long (its thread is left behind)."""
    came: list[Any] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            came.append(call())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, name="edgert-make", daemon=True)
    thread.start()
    thread.join(MAKING)
    if thread.is_alive():
        raise TimeoutError(f"{what} took longer than {MAKING:g} s; let run() do what takes long")
    if raised:
        raise raised[0]
    return came[0]


def _input(value: Any) -> Any:
    """A frame as the class sees it; tensors are arrays already."""
    if not hasattr(value, "planes"):
        return value
    if value.samples is not None:
        return value.samples
    return Picture(value.planes, value.pixel, value.width, value.height)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _place(error: BaseException) -> str:
    """File and line of the class's code that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {frames[-1].filename}:{frames[-1].lineno}" if len(frames) > 1 else ""


@atexit.register
def _end_all() -> None:
    """Threads that wait inside the native module must be out of it before the interpreter goes."""
    for host in list(_hosts):
        host.end()
