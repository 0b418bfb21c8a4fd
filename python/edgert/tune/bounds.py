"""Latency bounds of pipelines, and what of them each model may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgert.documents import DocumentSet
from edgert.documents.steps import ModelStep


@dataclass(frozen=True)
class Bound:
    """A pipeline that must answer in time, and the models that it runs one after the other at worst."""

    pipeline: str
    seconds: float
    models: tuple[str, ...]

    def taken(self, runs: Mapping[str, float]) -> float:
        """Seconds that its models take, of those whose run time is known."""
        return sum(runs.get(model, 0.0) for model in self.models)


def bounds_of(documents: DocumentSet) -> list[Bound]:
    """One for each pipeline that has a latency and runs models; each model counts once."""
    found = []
    for pipeline in documents.pipelines.values():
        models = tuple(dict.fromkeys(step.model for step in pipeline.steps if isinstance(step, ModelStep)))
        if pipeline.latency is not None and models:
            found.append(Bound(pipeline.key, float(pipeline.latency), models))
    return found


def share(bounds: list[Bound], model: str, alone: Mapping[str, float]) -> float | None:
    """What one run of the model may take, in seconds: the tightest bound's part, split as the models'
    run times alone are. None: no pipeline bounds it."""
    parts = [
        bound.seconds * alone[model] / bound.taken(alone)
        for bound in bounds
        if model in bound.models and model in alone
    ]
    return min(parts, default=None)
