"""As many results as can be."""

from __future__ import annotations

from collections.abc import Mapping

from edgert.policy import Order, Policy, Snapshot


class ThroughputFirst(Policy):
    """Short work first, in batches as large as models take: the most results a second, and the shortest mean
    wait (Smith, 1956). Long work isn't starved: each millisecond that a run takes makes it wait as if it had
    come `patience` milliseconds later, no longer. Deadlines don't count."""

    def __init__(self, patience: float = 10.0) -> None:
        self.patience = patience

    def order(self, now: Snapshot) -> Order:
        return Order(
            "fifo", queues={name: self.patience * queue.run_ms for name, queue in now.queues.items()}
        )

    def batch(self, now: Snapshot) -> Mapping[str, int]:
        return {name: model.most_batch for name, model in now.models.items()}
