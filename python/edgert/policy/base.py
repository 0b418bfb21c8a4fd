"""The class that policies derive from."""

from __future__ import annotations

from collections.abc import Mapping

from .decisions import Decisions, Order
from .snapshot import Snapshot


class Policy:
    """Decides, from a snapshot of what goes on, how to go on. Each method decides nothing unless overridden.

    An object is made once, with the document's `params` as keyword arguments, in a process of its own; it may
    keep what it likes between calls. Its methods are called in turn, ten times a second by default, and
    together have twice that period. What they return stays in force until something else is returned: an
    exception, a call that takes too long, or a table that can't be meant leaves the last good one.
    """

    def order(self, now: Snapshot) -> Order | None:
        """What runs first. None: as the runtime was told (edf, unless it was told otherwise)."""
        return None

    def admit(self, now: Snapshot) -> Mapping[str, float] | None:
        """By pipeline or application, the share of the frames that are due which is worked on: 0 to 1.

        A pipeline's own share times its application's counts. Not named: all of them.
        """
        return None

    def batch(self, now: Snapshot) -> Mapping[str, int] | None:
        """By model, how many executions may be run as one, at most: 1 to the model's `Queue.most_batch`."""
        return None

    def place(self, now: Snapshot) -> Mapping[str, str] | None:
        """By model, the device that runs it: one of `Queue.devices`; of several, also "soonest": each run
        where it is expected to end first. Not named: as the documents say."""
        return None

    def decide(self, now: Snapshot) -> Decisions:
        """All decisions at once. Override this one where they depend on each other."""
        return Decisions(
            order=self.order(now),
            admit=self.admit(now) or {},
            batch=self.batch(now) or {},
            place=self.place(now) or {},
        )
