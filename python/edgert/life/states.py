"""The states of a sensor, and which may follow which. No threads, no clock of its own: testable alone."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

KEPT = 32  # changes that are remembered


class State(str, Enum):
    """What a sensor is doing."""

    WAITING = "waiting"
    """It was not started yet."""
    STARTING = "starting"
    """It is being opened; no frame came yet."""
    RUNNING = "running"
    """Frames come."""
    STALLED = "stalled"
    """Its reader is there, and no frame came for longer than its document allows."""
    RECONNECTING = "reconnecting"
    """It was lost; it is opened again after a wait."""
    PAUSED = "paused"
    """The program paused it."""
    STOPPED = "stopped"
    """The program, or the end of the runtime, stopped it."""
    ENDED = "ended"
    """A recording was read to its end."""
    FAILED = "failed"
    """It was lost, and is not tried again."""

    def __str__(self) -> str:
        return self.value


S = State
OVER = frozenset({S.ENDED, S.FAILED})
"""Nothing more comes unless the program starts or replaces it."""
SILENT = frozenset({S.STALLED, S.RECONNECTING, S.PAUSED, S.STOPPED, S.FAILED})
"""No frame is to be waited for; that a recording ended the core knows, after its last frame."""
TROUBLE = frozenset({S.STALLED, S.RECONNECTING})
"""Frames are wanted, and none come."""
AT_REST = frozenset({S.WAITING, S.PAUSED, S.STOPPED, *OVER})
"""No reader is wanted."""

_ALIVE = {S.RUNNING, S.STALLED, S.RECONNECTING, S.PAUSED, S.STOPPED, S.ENDED, S.FAILED}
FOLLOWERS: dict[State, frozenset[State]] = {
    S.WAITING: frozenset({S.STARTING, S.STOPPED, S.PAUSED, S.RUNNING}),
    S.STARTING: frozenset(_ALIVE),
    S.RUNNING: frozenset((_ALIVE | {S.STARTING}) - {S.RUNNING}),
    S.STALLED: frozenset((_ALIVE | {S.STARTING}) - {S.STALLED}),
    S.RECONNECTING: frozenset((_ALIVE | {S.STARTING}) - {S.RECONNECTING}),
    S.PAUSED: frozenset({S.STARTING, S.RUNNING, S.STOPPED, S.ENDED, S.FAILED}),
    S.STOPPED: frozenset({S.STARTING}),
    S.ENDED: frozenset({S.STARTING, S.STOPPED}),
    S.FAILED: frozenset({S.STARTING, S.STOPPED}),
}


class SensorState(NamedTuple):
    """What a sensor is doing, why (empty where there is nothing to say), and since when (Unix time)."""

    state: str
    reason: str
    since: float


class Change(NamedTuple):
    """One step of a life."""

    at: float
    before: State
    after: State
    reason: str


class Life:
    """The state of one sensor. `clock` gives the time since when a state lasts; `told` hears each change.

    Not locked: whoever owns it sees to that.
    """

    def __init__(
        self, clock: Callable[[], float] = time.time, told: Callable[[State], None] = lambda state: None
    ) -> None:
        self._clock, self._told = clock, told
        self.state = State.WAITING
        self.reason = ""
        self.trouble: State | None = None
        """What of TROUBLE it is in, or was in when it was stopped."""
        self.since = clock()
        self.times: Counter[State] = Counter({State.WAITING: 1})  # how often each state was entered
        self.changes: deque[Change] = deque(maxlen=KEPT)

    def to(self, state: State, reason: str = "") -> bool:
        """Goes to `state`. False: it may not follow the present one, and nothing changes.

        The same state again takes the new reason, and lasts since when it did.
        """
        if state is self.state:
            self.reason = reason
            return True
        if state not in FOLLOWERS[self.state]:
            return False
        self.changes.append(Change(self._clock(), self.state, state, reason))
        if state is not State.STOPPED:
            self.trouble = state if state in TROUBLE else None
        self.state, self.reason, self.since = state, reason, self.changes[-1].at
        self.times[state] += 1
        self._told(state)
        return True

    def said(self) -> SensorState:
        """For people."""
        return SensorState(self.state.value, self.reason, self.since)
