"""Between latency and throughput, by load."""

from __future__ import annotations

from edgert.policy import Decisions, Order, Policy, Snapshot

STRAINED = 0.1
"""From here on what can't be in time together with the rest is left out, if it may be dropped."""


class Adaptive(Policy):
    """Balances latency and throughput by how busy the box is, after the adaptive scheduler of SensiX++ (Min
    et al., 2021, arXiv 2109.03947), of which the abstract says just that; the rules here are this project's.

    Below `calm` (lanes' load, 0 to 1) deadlines alone count, and models run one by one. From `calm` to
    `busy`, short work is preferred more and more, and batches grow: a box that can't do all in time does more
    when it does the short work first, and leaves out the longest of what can't all be in time, as the order
    moore-hodgson does. Above `busy`, while bounds are missed, applications that use more of
    the lanes than their weight entitles them to get fewer frames; nobody else does.
    """

    def __init__(self, calm: float = 0.7, busy: float = 0.95, patience: float = 4.0) -> None:
        if not 0 <= calm < busy <= 1:
            raise ValueError(f"calm is {calm} and busy {busy}; write 0 <= calm < busy <= 1")
        self.calm, self.busy, self.patience = calm, busy, patience
        self.strain = 0.0
        self.shares: dict[str, float] = {}

    def decide(self, now: Snapshot) -> Decisions:
        wanted = min(1.0, max(0.0, (now.load - self.calm) / (self.busy - self.calm)))
        self.strain += 0.3 * (wanted - self.strain)  # a burst of a moment changes little
        penalty = self.strain * self.patience
        return Decisions(
            order=Order(
                "moore-hodgson" if self.strain > STRAINED else "edf",
                queues={name: round(penalty * queue.run_ms, 2) for name, queue in now.queues.items()},
            ),
            batch={name: max(1, round(self.strain * model.most_batch)) for name, model in now.models.items()},
            admit=self._admitted(now),
            note=f"load {now.load:.2f}, strain {self.strain:.2f}",
        )

    def _admitted(self, now: Snapshot) -> dict[str, float]:
        """Additive increase, multiplicative decrease; only of those who use more than is theirs."""
        overloaded = now.load >= self.busy and any(
            pipeline.missed > 0.05 for pipeline in now.pipelines.values()
        )
        weights = sum(application.weight for application in now.applications.values())
        used = sum(application.device for application in now.applications.values())
        for name, application in now.applications.items():
            share = self.shares.get(name, 1.0)
            entitled = used * application.weight / weights if weights else used
            greedy = application.device > 1.05 * entitled
            self.shares[name] = max(0.05, share * 0.9) if overloaded and greedy else min(1.0, share + 0.02)
        return {name: share for name, share in self.shares.items() if share < 1}
