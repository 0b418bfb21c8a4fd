"""What is due first runs first."""

from __future__ import annotations

from edgert.policy import Order, Policy, Snapshot


class Edf(Policy):
    """Earliest deadline first: keeps every deadline that can be kept while the box isn't overloaded (Liu and
    Layland, JACM 1973, of one lane whose work can be interrupted; runs of models can't be, which costs up to
    the longest run). Overloaded, it is late with everything: see `adaptive`."""

    def order(self, now: Snapshot) -> Order:
        return Order("edf")
