"""Pipelines that said nothing yet because the first window of sound or rows isn't full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..documents import DocumentSet, Model
    from ..planner import PlannedPipeline
    from ..runtime import Runtime


def unfilled(runtime: Runtime, metrics: Mapping[str, Any]) -> dict[str, float]:
    """Of each such pipeline ("application/name") the length of its longest window, in seconds."""
    ran = {node["id"] for node in metrics["nodes"] if node["executed"] or node["skipped"] or node["failed"]}
    silent: dict[str, set[str]] = {}  # pipeline -> its steps whose model never ran
    for node in runtime.nodes():
        if node["op"] == "model" and node["id"] not in ran:
            for title in node["pipelines"]:
                silent.setdefault(title, set()).add(node["name"])
    found = {}
    for planned in runtime.plan.pipelines.values():
        steps = silent.get(planned.title, set())
        if metrics["pipelines"][planned.title]["results"] and steps:
            rate = float(runtime.plan.sensors[planned.sensor].format.get("rate") or 0)
            found[planned.title] = max(_windows(planned, steps, runtime.documents, rate), default=0.0)
    return {title: seconds for title, seconds in found.items() if seconds}


def said(seconds: float) -> str:
    """Why nothing came."""
    return f"its first window of {seconds:g} s was not full; run longer"


def _windows(
    planned: PlannedPipeline, steps: set[str], documents: DocumentSet, rate: float
) -> Iterator[float]:
    for step in planned.document.steps:
        reference = getattr(step, "model", None)
        if step.name in steps and reference:
            yield from _of_model(documents.model(reference), rate)


def _of_model(model: Model, rate: float) -> Iterator[float]:
    from ..documents.units import Duration

    for each in [model.input, *model.inputs.values()]:
        signal = each and (each.audio or each.table)
        if not signal:
            continue
        its_rate = signal.rate or rate
        if isinstance(signal.window, Duration):
            yield float(signal.window)
        elif its_rate:
            yield signal.window / its_rate
