"""Policies that go wrong: a good table that halves the pipeline first, then what their names say."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from edgert.policy import Decisions, Order, Policy, Snapshot

GOOD = Decisions(order=Order("slack"), admit={"a/one": 0.5})


class Bad(Policy):
    """Two good tables, then wrong()."""

    def __init__(self) -> None:
        self.calls = 0

    def wrong(self, now: Snapshot) -> Any:
        return GOOD

    def decide(self, now: Snapshot) -> Decisions:
        self.calls += 1
        return GOOD if self.calls <= 2 else self.wrong(now)


class Good(Bad):
    """Never goes wrong."""


class Whole(Policy):
    """Decides nothing."""


class Raises(Bad):
    def wrong(self, now: Snapshot) -> Any:
        raise KeyError("no such mood")


class Sleeps(Bad):
    def wrong(self, now: Snapshot) -> Any:
        time.sleep(600)


class Spins(Bad):
    def wrong(self, now: Snapshot) -> Any:
        while True:
            pass


class OtherType(Bad):
    def wrong(self, now: Snapshot) -> Any:
        return {"order": "edf"}


class Nobody(Bad):
    def wrong(self, now: Snapshot) -> Any:
        return Decisions(order=Order("edf", pipelines={"a/two": 1.0}))


class NotANumber(Bad):
    def wrong(self, now: Snapshot) -> Any:
        return Decisions(admit={"a/one": float("nan")})


class TooMuch(Bad):
    def wrong(self, now: Snapshot) -> Any:
        return Decisions(admit={"a/one": 1.5})


class Changes(Bad):
    """Tries to change what it sees."""

    def wrong(self, now: Snapshot) -> Any:
        now.pipelines["a/one"].bound_ms = 1.0  # type: ignore[misc]


class Floods(Bad):
    def wrong(self, now: Snapshot) -> Any:
        return Decisions(admit={f"name {index}": 0.5 for index in range(100_000)})


class Exits(Bad):
    def wrong(self, now: Snapshot) -> Any:
        os._exit(7)


class Killed(Bad):
    def wrong(self, now: Snapshot) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class Unmakeable(Policy):
    def __init__(self) -> None:
        raise ValueError("wants a camera; give it one")


class DiesEarly(Policy):
    def __init__(self) -> None:
        os._exit(3)


class NoPolicy:
    """Of another family."""


class Tells(Policy):
    """Says in a file which process it is."""

    def __init__(self, file: str) -> None:
        Path(file).write_text(str(os.getpid()))


class TellsAndSpins(Tells):
    def decide(self, now: Snapshot) -> Decisions:
        while True:
            pass
