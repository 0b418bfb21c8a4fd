"""The choice whose predicted effect on all queues is best."""

from __future__ import annotations

import math

from edgert.policy import Decisions, Order, Policy, Queue, Snapshot

STEEPEST = 4.0
"""Waiting counts up to this many bounds: what is lost is lost."""
UNBOUNDED_MS = 1000.0
"""Stands for the bound of work that has none."""


class Stability(Policy):
    """After EdgeServing (2026, arXiv 2605.05527), whose stability score rates each choice of model, exit and
    batch by its predicted effect on all queues.

    What is theirs: the idea, as the abstract tells it. What is an adaptation: the paper chooses anew at each
    dispatch; a policy here is asked ten times a second, so the scores become offsets of the rank that each
    queue's work gets until the next call, and deadlines (edf) order the rest. The formula is this project's:
    choosing queue i keeps a lane for its run time r; meanwhile queue j grows by rate * r, less what was
    done if j is i, and its oldest work waits r longer. A queue costs what waits in it times
    exp(wait / bound). A choice's score is by how much the cost of all queues grows, divided by r; the wait
    now is by Little's law, waiting / rate. Exits are not chosen, since models with several aren't run yet.
    Batches are the largest that a model takes once something waits.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength  # the worst choice runs so many (median) bounds later

    def decide(self, now: Snapshot) -> Decisions:
        bounds = {name: _bound(queue, now) for name, queue in now.queues.items()}
        choices = [queue for queue in now.queues.values() if queue.rate > 0 or queue.waiting]
        scores = {choice.name: _score(choice, choices, bounds) for choice in choices}
        best, worst = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
        span = self.strength * sorted(bounds.values())[len(bounds) // 2] if bounds else 0.0
        offsets = {
            name: round(span * (score - best) / (worst - best), 2) if worst > best else 0.0
            for name, score in scores.items()
        }
        chosen = min(scores, key=lambda name: scores[name], default="")
        batch = {name: model.most_batch if model.waiting else 1 for name, model in now.models.items()}
        return Decisions(order=Order("edf", queues=offsets), batch=batch, note=f"first {chosen}")


def _bound(queue: Queue, now: Snapshot) -> float:
    bounds = [now.pipelines[name].bound_ms for name in queue.pipelines if name in now.pipelines]
    return min((bound for bound in bounds if bound), default=UNBOUNDED_MS)


def _score(choice: Queue, queues: list[Queue], bounds: dict[str, float]) -> float:
    """The cost of all queues when the choice has run; lower is better. Divided by its run time, choices of
    different lengths compare: a long one keeps the lane from several short ones."""
    taken_s = max(choice.run_ms, 0.01) / 1e3
    before = sum(_cost(queue, 0.0, 0.0, bounds[queue.name]) for queue in queues)
    after = sum(
        _cost(queue, queue.rate * taken_s - (queue is choice), taken_s, bounds[queue.name])
        for queue in queues
    )
    return (after - before) / taken_s


def _cost(queue: Queue, more: float, later_s: float, bound_ms: float) -> float:
    waiting = max(0.0, queue.waiting + more)
    waited_s = queue.waiting / queue.rate if queue.rate > 0 else queue.wait_p50_ms / 1e3
    return waiting * math.exp(min(STEEPEST, (waited_s + later_s) * 1e3 / bound_ms))
