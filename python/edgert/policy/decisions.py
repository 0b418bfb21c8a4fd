"""What a policy decides: a table, by the names of what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ORDERS = ("fifo", "edf", "slack", "priority", "fair", "moore-hodgson")
"""What `Order.base` may be."""
MOST_OFFSET_MS = 3_600_000.0
MOST_NOTE = 200  # characters
SOONEST = "soonest"
"""In place of a device: each run goes where it is expected to end first."""


@dataclass(frozen=True)
class Order:
    """What runs first: the smallest rank, which is a time.

    `base` gives the rank: fifo (when the work became ready), edf (its deadline), slack (the latest moment at
    which it must begin), priority (its application's), fair (its application's turn), moore-hodgson (its
    deadline, and what can't be in time together with the rest is left out). The offsets are
    added to it, in milliseconds: -20 lets something run as if it were due 20 ms earlier. Offsets of the
    application, the pipeline and the queue add up; work that several want gets the best of theirs. `fair`
    takes no offsets, since its ranks are turns.
    """

    base: str = "edf"
    applications: Mapping[str, float] = field(default_factory=dict)
    pipelines: Mapping[str, float] = field(default_factory=dict)
    queues: Mapping[str, float] = field(default_factory=dict)
    """By model, or by the name of another step that has a queue (Snapshot.queues)."""

    @property
    def shifted(self) -> bool:
        """Whether some offset isn't 0."""
        return any(any(part.values()) for part in (self.applications, self.pipelines, self.queues))


@dataclass(frozen=True)
class KeepFree:
    """Lanes that some work leaves to the rest, so that what is short and due soon never waits behind long
    runs on every lane: a run can't be interrupted. At least one lane is left to that work."""

    lanes: int = 1
    queues: tuple[str, ...] = ()
    """All runs of these, by model or by the name of another step that has a queue."""
    longer_ms: float | None = None
    """And all runs that are expected to take longer."""


@dataclass(frozen=True)
class Decisions:
    """All that a policy decides. What it says nothing about is as the documents say."""

    order: Order | None = None
    admit: Mapping[str, float] = field(default_factory=dict)
    """By pipeline or application: share of the frames that are due, 0 to 1."""
    batch: Mapping[str, int] = field(default_factory=dict)
    """By model: executions run as one, at most."""
    place: Mapping[str, str] = field(default_factory=dict)
    """By model: a device, or SOONEST."""
    keep_free: KeepFree | None = None
    """Lanes that some work leaves to the rest."""
    note: str = ""
    """A few words on why, which metrics and `edgert run` show."""
