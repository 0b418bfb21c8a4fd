"""The thread that runs a runtime's policy, and changes it."""

from __future__ import annotations

import atexit
import os
import select
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidError, make
from .apply import FIRST, Steering
from .chosen import Chosen
from .course import LOG, Course
from .decisions import KeepFree

ENDING = 10.0  # s

_all: weakref.WeakSet[Supervisor] = weakref.WeakSet()


class _Change:
    """A policy to set (None: to have none), and what came of it."""

    def __init__(self, chosen: Chosen | None) -> None:
        self.chosen, self.error = chosen, ""
        self.done = threading.Event()


class Supervisor:
    """Runs at most one policy of a runtime. From any thread.

    `native` is the core's runtime, `outline` what outline_of() gives, `order`, `keep_free` and `place` hold
    where a policy decides none. The thread lives from the first policy to stop().
    """

    def __init__(
        self,
        native: Any,
        outline: Mapping[str, Any],
        order: str,
        keep_free: KeepFree | None = None,
        place: str = FIRST,
    ) -> None:
        self._native, self._outline = native, outline
        self._steering = Steering(native, outline, order, keep_free, place)
        self._changes: deque[_Change] = deque()
        self._course: Course | None = None
        self._candidate: Course | None = None
        self._stopping = False
        self._lock = threading.Lock()  # of the bell, which is rung until it is closed
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._cpu_s = 0.0
        self._thread = threading.Thread(target=self._run, name="edgert-policy", daemon=True)
        self._thread.start()
        _all.add(self)

    def set(self, chosen: Chosen | None) -> None:
        """Puts another policy into force, or none. The one before decides until the new one is ready.

        Raises InvalidError when it can't be made; the one before goes on then.
        """
        change = _Change(chosen)
        self._changes.append(change)
        if self._stopping:
            raise make(InvalidError, "policy", "the runtime is stopped", "set it while the runtime runs")
        self._ring()
        change.done.wait()
        if change.error:
            name = chosen.name if chosen else "none"
            what, _, hint = change.error.partition("; ")
            raise make(InvalidError, f"policy {name}", what, hint or "mend the class, or its params")

    def set_order(self, order: str) -> None:
        """What holds from now on where the policy decides none."""
        self._steering.set_default(order)

    def stop(self) -> None:
        """Ends the policy's process and the thread. The last table stays. A second time does nothing."""
        if self._stopping:
            return
        self._stopping = True
        self._ring()
        self._thread.join(ENDING)

    def row(self) -> dict[str, Any] | None:
        """The policy's figures; None while there is none."""
        course = self._course
        return None if course is None else {**course.row(), "control_cpu_s": self._cpu_s}

    def _ring(self) -> None:
        with self._lock:
            if self._bell >= 0:
                os.eventfd_write(self._bell, 1)

    # -- the thread

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._begin_change()
                for course in (self._candidate, self._course):
                    if course is not None:
                        course.step()
                self._end_change()
                self._cpu_s = time.thread_time()
                self._wait()
        except Exception:  # it must not go unseen that nobody decides any more
            LOG.exception("the thread that runs the policy failed; the last good table stays")
        finally:
            self._close()

    def _begin_change(self) -> None:
        if self._candidate is not None or not self._changes:
            return
        chosen = self._changes[0].chosen
        if chosen is None:
            self._replace(None)
            self._steering.reset()
            self._answer("")
        else:
            self._candidate = Course(chosen, self._outline, self._native.load, self._steering.apply)

    def _end_change(self) -> None:
        candidate = self._candidate
        if candidate is None:
            return
        if candidate.unusable or (candidate.worker is None and candidate.problem):
            error = candidate.unusable or candidate.problem
            candidate.end()
            self._candidate = None
            self._answer(error)
        elif candidate.worker is not None and candidate.worker.ready:
            self._candidate = None
            candidate.active = True
            self._replace(candidate)
            candidate.step()  # its first call, at once
            self._answer("")

    def _replace(self, course: Course | None) -> None:
        before, self._course = self._course, course
        if before is not None:
            before.end()

    def _answer(self, error: str) -> None:
        change = self._changes.popleft()
        change.error = error
        change.done.set()

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        due = float("inf")
        for course in (self._candidate, self._course):
            if course is None:
                continue
            due = min(due, course.due())
            if course.worker is not None:
                poll.register(course.worker.fileno(), select.POLLIN)
        if self._changes and self._candidate is None:
            return
        timeout = None if due == float("inf") else max(0.0, due - time.monotonic()) * 1e3 + 0.5
        if any(fd == self._bell for fd, _ in poll.poll(timeout)):
            os.eventfd_read(self._bell)

    def _close(self) -> None:
        self._stopping = True
        for course in (self._candidate, self._course):
            if course is not None:
                course.end()
        while self._changes:
            self._answer("the runtime stopped")
        with self._lock:
            os.close(self._bell)
            self._bell = -1


@atexit.register
def _stop_all() -> None:
    for supervisor in list(_all):
        supervisor.stop()
