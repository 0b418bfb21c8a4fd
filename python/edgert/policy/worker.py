"""The runtime's end of one policy's process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from .chosen import Chosen
from .mailbox import NICE, Mailbox
from .record import made_up
from .table import Refused, parse

STARTING = 20.0
"""Seconds of its own that a process may take until it is ready."""
STARVED = 10
"""Times its limit that a process may take when other work lets it have no core."""
TABLE = 1 << 18  # bytes
REAP = 5.0  # s
GOODBYE = 0.5  # s
START = f"""
import os, sys
os.setpriority(os.PRIO_PROCESS, 0, {NICE})  # before anything is imported
try:
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # waking, it interrupts nobody's run
except OSError:
    pass  # where that is forbidden, its priority has to do
from edgert.policy.child import main
main(*map(int, sys.argv[1:]))
"""


class Worker:
    """One process that runs one policy. Used by the thread that made it: the process ends with that thread.

    It is asked for one table at a time. Nothing here waits.
    """

    def __init__(self, chosen: Chosen, outline: Mapping[str, Any]) -> None:
        greeting = json.dumps(
            {"reference": chosen.reference, "params": dict(chosen.params), "outline": outline}
        ).encode()
        self.chosen = chosen
        self.ready = self._said_goodbye = False
        self.asked: float | None = time.monotonic()  # when what it is busy with began
        with contextlib.ExitStack() as undo:
            self._inbox = Mailbox(max(len(greeting), len(made_up(outline))))
            undo.callback(self._inbox.close)
            self._outbox = Mailbox(TABLE)
            undo.callback(self._outbox.close)
            self._inbox.write(greeting)
            self._line, theirs = socket.socketpair()
            undo.callback(self._line.close)
            with theirs:
                self._process = self._spawn(theirs.fileno())
            undo.pop_all()
        self._line.setblocking(False)
        self._ran_file = self._opened()
        self._last: tuple[bytes, dict[str, Any]] = (b"", {})
        with contextlib.suppress(OSError):  # it ended already
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        self._ran_before = 0.0

    def _spawn(self, line: int) -> subprocess.Popen[bytes]:
        handed = [line, self._inbox.fd, self._outbox.fd]
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return subprocess.Popen(
            [sys.executable, "-c", START, *map(str, handed), str(os.getpid())],
            pass_fds=handed,
            stdin=subprocess.DEVNULL,
            stdout=2,  # results may be written to standard output
            env={**os.environ, "PYTHONPATH": path},
        )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def fileno(self) -> int:
        """What to poll for an answer, or the process's end."""
        return self._line.fileno()

    def ask(self, record: bytes) -> None:
        """Has it called with a record."""
        self.asked, self._ran_before = time.monotonic(), self._ran()
        self._inbox.write(record)
        with contextlib.suppress(OSError):  # it ended: answer() says so
            self._line.send(b"\1")

    def answer(self) -> dict[str, Any] | None:
        """What it said, once: ready, unusable, table, raised, refused, or ended. None: nothing yet. What it
        said the last time, too, is the same object."""
        try:
            rung = self._line.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            rung = b""
        message = self._outbox.read()
        if message is None:
            self._said_goodbye = not rung
            return None if rung else {"ended": True}
        self.asked = None
        if message == self._last[0]:
            return self._last[1]
        try:
            said = parse(message)
        except Refused as refused:
            return {"refused": str(refused)}
        self._last = message, said
        self.ready = self.ready or said.get("ready") is True
        return said

    def overdue(self) -> bool:
        """Whether what it is busy with takes too long. While it is ready to run and other work keeps it from
        a core, only the time that it ran counts, up to STARVED times its limit."""
        if self.asked is None:
            return False
        limit, taken = self._limit(), time.monotonic() - self.asked
        if taken <= limit:
            return False
        return taken > STARVED * limit or not self._runnable() or self._ran() - self._ran_before > limit

    def due(self) -> float:
        """When to look whether it is overdue, on the monotonic clock; infinity: it isn't busy."""
        if self.asked is None:
            return float("inf")
        first = self.asked + self._limit()
        now = time.monotonic()
        return first if first > now else now + self._limit() / 2

    def _limit(self) -> float:
        return self.chosen.limit if self.ready else STARTING

    def cpu(self) -> float:
        """Seconds of processor time that it has used; 0 once it ended."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    def end(self) -> str:
        """Ends it, whatever it does, and gives everything back. Says how it had ended by itself."""
        if self._said_goodbye:  # its line is closed, and it ends
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GOODBYE)
        own_end = self._process.poll()
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # inside the kernel: reaped when it is out
            self._process.wait(REAP)
        self._close()
        code = own_end if own_end is not None else self._process.returncode
        if code is None:
            return "can't be ended"
        return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"

    def _close(self) -> None:
        if self._ran_file >= 0:
            os.close(self._ran_file)
        self._ran_file = -1
        self._line.close()
        self._inbox.close()
        self._outbox.close()

    def _runnable(self) -> bool:
        return self._stat()[:1] == ["R"]

    def _opened(self) -> int:
        """Where the kernel says how long its main thread ran (Documentation/scheduler/sched-stats); -1 where
        it doesn't. Kept open: it is read at each call."""
        try:
            return os.open(f"/proc/{self.pid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return -1

    def _ran(self) -> float:
        """Seconds that its main thread ran."""
        try:
            return int(os.pread(self._ran_file, 64, 0).split()[0]) / 1e9
        except (OSError, IndexError, ValueError):
            return self.cpu()

    def _stat(self) -> list[str]:
        """The fields of /proc/PID/stat behind the name: state first."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()
        except OSError:
            return []
