"""One policy's course: its process is started, asked, judged, killed when late, and started again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import Error
from .chosen import Chosen
from .decisions import Decisions
from .figures import Counts
from .table import Refused, judged
from .worker import Worker

LOG = logging.getLogger("edgert.policy")
IN_A_ROW = 5
"""Exceptions or refused tables, one after the other, after which the process is started anew."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # s
STEADY = 20
"""Good tables, one after the other, after which a pause is short again."""


class Course:
    """Runs one policy. Used by the supervisor's thread alone, but for `row`.

    `load` gives a record, `apply` puts a table into force. `unusable` says why its first process couldn't
    make the policy; such a course is over.
    """

    def __init__(
        self,
        chosen: Chosen,
        outline: Mapping[str, Any],
        load: Callable[[], bytes],
        apply: Callable[[Decisions], None],
    ) -> None:
        self.chosen, self.counts = chosen, Counts()
        self.worker: Worker | None = None
        self.active = False  # whether it is asked
        self.problem = self.note = self.unusable = ""
        self._outline, self._load, self._apply = outline, load, apply
        self._bad = self._good = self._pauses = self._starts = 0
        self._next_start = self._next_call = 0.0
        self._table_at: float | None = None
        self._in_force: Any = None  # the table that was applied last
        self._call_ms: float | None = None
        self._cpu = 0.0  # of processes that ended

    # -- in turn

    def step(self) -> None:
        """Does what is due."""
        if self.worker is None:
            if not self.unusable and time.monotonic() >= self._next_start:
                self._start()
            return
        self._hear(self.worker)
        if self.worker is not None and self.worker.overdue():
            self._late(self.worker)
        now = time.monotonic()
        worker = self.worker
        if worker and self.active and worker.ready and worker.asked is None and now >= self._next_call:
            late = self._next_call < now - self.chosen.period
            self._next_call = (now if late else self._next_call) + self.chosen.period
            self.counts.calls += 1
            worker.ask(self._load())

    def due(self) -> float:
        """When step() has something to do, on the monotonic clock, unless its process speaks first."""
        if self.worker is None:
            return float("inf") if self.unusable else self._next_start
        if self.worker.asked is None:
            return self._next_call if self.active else float("inf")
        return self.worker.due()

    def end(self) -> None:
        """Ends its process."""
        if self.worker is not None:
            self._cpu += self.worker.cpu()
            self.worker.end()
            self.worker = None

    # -- what happens

    def _start(self) -> None:
        try:
            self.worker = Worker(self.chosen, self._outline)
        except OSError as error:
            self._restart_later(f"its process can't be started: {error}")
            return
        self.counts.restarts += self._starts > 0
        self._starts += 1

    def _hear(self, worker: Worker) -> None:
        asked = worker.asked
        said = worker.answer()
        if said is None:
            return
        if asked is not None and "ready" not in said:
            self._call_ms = (time.monotonic() - asked) * 1e3
        if "table" in said:
            self._judge(said["table"])
        elif "raised" in said:
            self.counts.raised += 1
            self._bad_answer(f"it raised {said['raised']}")
        elif "refused" in said:
            self.counts.refused += 1
            self._bad_answer(f"its table was refused: {said['refused']}")
        elif "unusable" in said:
            self._unusable(str(said["unusable"]))
        elif "ended" in said:
            self._ended(worker)
        elif "ready" not in said:
            self.counts.refused += 1
            self._bad_answer("its process sent no table")

    def _judge(self, said: Any) -> None:
        if said is not self._in_force:  # else it decided as before
            try:
                decisions = judged(said, self._outline)
                self._apply(decisions)
            except (Refused, Error) as error:
                self.counts.refused += 1
                self._bad_answer(f"its table was refused: {error}")
                return
            self._in_force, self.note = said, decisions.note
        self.counts.tables += 1
        self._table_at, self.problem = time.monotonic(), ""
        self._bad, self._good = 0, self._good + 1
        if self._good >= STEADY:
            self._pauses = 0

    def _bad_answer(self, what: str) -> None:
        self._bad, self._good = self._bad + 1, 0
        if self._bad >= IN_A_ROW:
            self._restart_later(what)
        else:
            self._say(what)

    def _late(self, worker: Worker) -> None:
        if not worker.ready:
            self._unusable("making it took too long")
            return
        self.counts.late += 1
        self._restart_later(f"it took longer than its limit of {self.chosen.limit:g} s, and was killed")

    def _ended(self, worker: Worker) -> None:
        self.counts.ended += 1
        self._cpu += worker.cpu()
        self.worker = None
        how = f"its process {worker.end()}"
        if worker.ready:
            self._restart_later(how)
        else:
            self._unusable(f"{how} before it was ready")

    def _unusable(self, why: str) -> None:
        """The first time, its caller is told; later, the class that was there may come back."""
        if self._starts == 1 and not self.active:
            self.unusable = why
            self.end()
        else:
            self._restart_later(f"it can't be started again: {why}")

    def _restart_later(self, what: str) -> None:
        self._say(what)
        self.end()
        self._good = self._bad = 0
        self._next_start = time.monotonic() + min(FIRST_PAUSE * 2**self._pauses, LONGEST_PAUSE)
        self._pauses = min(self._pauses + 1, 16)

    def _say(self, what: str) -> None:
        if what != self.problem:
            stays = "what held before it" if self._table_at is None else "the last good table"
            LOG.warning("policy %s: %s; %s stays", self.chosen.name, what, stays)
        self.problem = what

    # -- figures

    def row(self) -> dict[str, Any]:
        """What metrics say of it. Times in ms or s as the names say; None: there was none yet."""
        age = self._table_at
        worker = self.worker
        return {
            "name": self.chosen.name,
            "class": self.chosen.reference,
            **self.counts.row(),
            "table_age_s": None if age is None else time.monotonic() - age,
            "call_ms": self._call_ms,
            "cpu_s": self._cpu + (worker.cpu() if worker else 0.0),
            "note": self.note,
            "problem": self.problem,
        }
