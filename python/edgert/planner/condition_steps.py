"""Steps that open and close others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from edgert.documents import ConditionStep, Refused
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import split

from .detection_steps import index_of
from .given import Gate, Given, merged
from .native import Params, Value
from .sensible import check_bound
from .shapes import as_float
from .step_planner import StepPlanner

SCORE = 4  # the column of a detection
NOW = 3  # of zones: how many there are; of lines: how many went forward


def plan_condition(planner: StepPlanner, step: ConditionStep) -> Given:
    """Plans such a step. Raises Refused."""
    condition = step.condition
    route: Route = ("condition", "from")
    source = planner.given.get(split(condition.from_)[0])
    value, index = planner.numbers(condition.from_, route), condition.index
    if condition.label is not None and source is None:
        index = _column(planner.frame, condition.label)
    elif condition.label is not None:
        assert source
        value, index = _of_label(planner, source, condition.label), 0
    elif index is None:
        index = score_column(source, condition.from_) or 0
    check_bound(condition, source, value.spec)
    options: dict[str, Any] = {
        "index": index,
        "reduce": condition.reduce,
        "hold_ms": float(condition.hold) * 1000,
    }
    options["above" if condition.above is not None else "below"] = (
        condition.above if condition.above is not None else condition.below
    )
    gate = Gate(
        step.name, as_float(planner.builder, value) if value.spec["dtype"] != "uint8" else value, options
    )
    return Given(step, "condition", None, gates=merged(planner.gates(step), (gate,)))


def _column(frame: Value, label: str) -> int:
    columns = list(frame.spec["columns"])
    if label not in columns:
        remedy = did_you_mean(label, columns, "the columns are")
        raise Refused(f"the sensor's rows have no column {label!r}", remedy, ("condition", "label"))
    return columns.index(label)


def _of_label(planner: StepPlanner, source: Given, label: str) -> Value:
    route: Route = ("condition", "label")
    index = index_of(label, source, route)
    if source.scores is None:
        what = f"step {source.step.name!r} gives {source.kind}, not classes"
        raise Refused(what, "for detections, put a filter step with that class between", route)
    scores = as_float(planner.builder, source.scores, _output_of(source, source.scores))
    params: Params = {"index": index, "activation": source.activation}
    return cast(Value, planner.builder.transform("answer.probability", params, [scores]))


def _output_of(source: Given, value: Value) -> Mapping[str, Any] | None:
    return next(
        (source.model_outputs[name] for name, tensor in source.tensors.items() if tensor is value), None
    )


def score_column(source: Given | None, reference: str) -> int | None:
    """The column that is meant where a step's rows are compared with a number: scores, or how many there are.
    None: what it gives has no such column, so all of it is meant."""
    if source is None or split(reference)[1] is not None:
        return None
    columns = {"detections": SCORE, "tracks": SCORE, "classes": 1, "keypoints": 3}
    return {**columns, "zones": NOW, "count": NOW, "lines": NOW}.get(source.kind)
