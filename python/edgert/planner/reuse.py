"""Where a pipeline takes an earlier result: what its documents say, as rules of the native builder."""

from __future__ import annotations

from typing import cast

from edgert.documents import ModelStep, Pipeline, Refused, Step
from edgert.documents.base import Route
from edgert.documents.graph import FRAME
from edgert.documents.reuse import Unchanged

from .given import Given
from .native import Params, Value, frame_described
from .step_planner import StepPlanner

Rule = tuple[Value, float, Value | None, float, list[int]]
"""A value, its greatest age in ms; for a scene the cells, the threshold and the range of cells that count."""


def rules(pipeline: Pipeline, planner: StepPlanner) -> tuple[list[Rule], Route]:
    """All rules of a pipeline, and where the document says the only one of them, or (). Raises Refused."""
    found: list[Rule] = []
    places: list[Route] = []
    for index, step in enumerate(pipeline.steps):
        own = _rules_of(pipeline, step, index, planner)
        found.extend(own)
        places.extend(_place(pipeline, step, index) for _ in own[:1])
    return found, places[0] if len(places) == 1 else ()


def _place(pipeline: Pipeline, step: Step, index: int) -> Route:
    if step.while_ is not None:
        return ("steps", index, "while")
    return ("steps", index, "max_age") if step.max_age is not None else ("max_age",)


def _rules_of(pipeline: Pipeline, step: Step, index: int, planner: StepPlanner) -> list[Rule]:
    wide = pipeline.max_age if isinstance(step, ModelStep) and step.for_each is None else None
    max_age = step.max_age if step.max_age is not None else wide
    if step.while_ is None and not max_age:
        return []
    place = _place(pipeline, step, index)
    sensor = planner.sensors.get(step.name, pipeline.sensor)
    if sensor != pipeline.sensor:
        what = f"step {step.name!r} works on frames of {sensor!r}, which have a time of their own"
        raise Refused(what, "a join takes what is nearest in time; leave this out", place)
    values = _values(planner.given[step.name], planner.frame.scope)
    if not values:
        what = f"step {step.name!r} runs once a region (or window), and these change from frame to frame"
        raise Refused(what, "say it of the step that finds regions; of windows, give a longer hop", place)
    if step.while_ is None:
        return [(value, float(max_age or 0) * 1000, None, 0.0, []) for value in values]
    cells = _cells(step.while_, planner, index)
    at_most = float(step.while_.at_most) * 1000
    return [(value, at_most, cells, step.while_.threshold, step.while_.cells()) for value in values]


def _values(given: Given, scope: int) -> list[Value]:
    """What the step gives, one value of each node, the last in its way first."""
    nodes: dict[int, Value] = {}
    for value in (given.value, given.run, *given.tensors.values()):
        if value is not None and value.scope == scope and given.kind != "condition":
            nodes.setdefault(value.node, value)
    return list(nodes.values())


def _cells(said: Unchanged, planner: StepPlanner, index: int) -> Value:
    """The grid that pictures are compared by; all that say the same grid share its node."""
    route: Route = ("steps", index, "while", "unchanged")
    if said.unchanged not in (FRAME, planner.sensor.name):
        what = f"{said.unchanged!r} is not what this pipeline works on"
        raise Refused(what, f"say unchanged: {FRAME}, the frame of {planner.sensor.name}", route)
    spec = planner.frame.spec
    if spec["kind"] != "image":
        what = f"frames of {planner.sensor.name} are {frame_described(spec)}, not pictures"
        raise Refused(what, "say max_age instead", route)
    params: Params = {"columns": said.columns, "rows": said.rows}
    return cast(Value, planner.builder.transform("image.cells", params, [planner.frame], "cells"))
