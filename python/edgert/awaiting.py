"""What lets a program read from the first result on: until it does, full queues hold their sensors back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

GRACE = 1.0  # s from the start


class Held(Protocol):
    """A pipeline that has no reader yet."""

    def hold(self) -> None:
        """Nothing is let go from now on, unless it has a reader already."""

    def let_go(self) -> None:
        """Its newest results are kept again, unless it has a reader by now."""


class Awaiting:
    """Holds pipelines from the start until the program has taken a first result, or waits for the end, or has
    let GRACE seconds pass: then those that nobody reads hold up nobody.

    Thread rule: any thread; ending twice does nothing.
    """

    def __init__(self, pipelines: Iterable[Held], clock: Callable[[], float] = time.monotonic) -> None:
        self._held, self._clock = list(pipelines), clock
        self._until: float | None = None

    def begin(self) -> None:
        """Right before the sensors start."""
        for pipeline in self._held:
            pipeline.hold()
        self._until = self._clock() + GRACE

    def end(self) -> None:
        """Who isn't read by now is let go."""
        if self._until is None:
            return
        self._until = None
        for pipeline in self._held:
            pipeline.let_go()

    def tick(self) -> None:
        """Called now and then."""
        until = self._until
        if until is not None and self._clock() >= until:
            self.end()
