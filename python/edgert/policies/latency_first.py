"""Bounds first; what has none gives way."""

from __future__ import annotations

from edgert.policy import Decisions, Order, Policy, Snapshot


class LatencyFirst(Policy):
    """Work runs by the latest moment at which it must begin. While some pipeline misses more than `tolerated`
    of its bounds, pipelines without a bound get fewer frames: their share falls by a third a call, not below
    `least`, and rises by 0.02 a call when all is well again. So several of them come to equal shares (the
    additive increase and multiplicative decrease of Chiu and Jain, 1989)."""

    def __init__(self, tolerated: float = 0.01, least: float = 0.05) -> None:
        self.tolerated, self.least = tolerated, least
        self.share = 1.0

    def decide(self, now: Snapshot) -> Decisions:
        missing = [
            pipeline.name
            for pipeline in now.pipelines.values()
            if pipeline.bound_ms is not None and pipeline.missed > self.tolerated
        ]
        self.share = max(self.least, self.share * 2 / 3) if missing else min(1.0, self.share + 0.02)
        unbounded = [pipeline.name for pipeline in now.pipelines.values() if pipeline.bound_ms is None]
        return Decisions(
            order=Order("slack"),
            admit={name: self.share for name in unbounded},
            note=f"{', '.join(missing[:3])} miss{'es' if len(missing) == 1 else ''}" if missing else "",
        )
