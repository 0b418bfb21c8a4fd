"""Scheduler: how the box shares its time among everything that runs."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Document
from .units import Duration, Time

Order = Literal["fifo", "edf", "slack", "priority", "fair"]


class Scheduler(Document):
    """What runs first when there is more to do than can be done at once. One for all documents."""

    KIND: ClassVar[str] = "Scheduler"

    kind: Literal["Scheduler"] = "Scheduler"
    order: Order = "edf"
    """fifo: what came first; edf: the earliest deadline; slack: what must begin soonest to keep its deadline;
    priority: the applications' priorities, which waiting makes up for; fair: device time by the applications'
    weights."""
    ageing: Time = Field(default_factory=lambda: Duration("100ms"))
    """With order: priority, the waiting that makes up for one step of priority."""
