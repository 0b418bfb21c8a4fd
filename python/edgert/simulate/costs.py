"""What transforms take: measured here on synthetic data, or as their operations state."""

from __future__ import annotations

from collections.abc import Mapping

from edgert.explain import Explanation, measure
from edgert.explain.ways import Way

from .assumptions import Costs

MICRO = 1e-3  # ms of a microsecond


def costs(explanation: Explanation, windows: Mapping[int, float], kind: Costs) -> dict[int, float]:
    """Milliseconds a frame, by node, of the transforms before models. What comes after them isn't measured
    by itself, and takes nothing here: it is small."""
    if kind == "measured":
        measure(explanation, models=False)
    found: dict[int, float] = {}
    for run in explanation.runs:
        for way in run.ways:
            share = _windows_of(way, windows)
            for step, link in zip(way.steps, way.built.chain.links, strict=True):
                taken = step.estimated_us if step.measured_us is None else step.measured_us
                found[step.node] = taken * MICRO * (share if link.move.per_window else 1.0)
    return found


def _windows_of(way: Way, windows: Mapping[int, float]) -> float:
    """A stream's costs are a window's: so many come a frame."""
    return next((windows[step.node] for step in way.steps if step.node in windows), 1.0)
