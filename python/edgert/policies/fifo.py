"""What became ready first runs first."""

from __future__ import annotations

from edgert.policy import Order, Policy, Snapshot


class Fifo(Policy):
    """First come, first served: no deadlines, no tenants. The yardstick for the others."""

    def order(self, now: Snapshot) -> Order:
        return Order("fifo")
