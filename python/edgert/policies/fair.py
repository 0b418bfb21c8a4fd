"""Device time by weight."""

from __future__ import annotations

from edgert.policy import Order, Policy, Snapshot


class Fair(Policy):
    """Applications share the lanes' time by their weights, whatever they submit; what one doesn't use, the
    others get. Deadlines count inside an application only."""

    def order(self, now: Snapshot) -> Order:
        return Order("fair")
