"""Each kind of step, and who plans it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeVar, cast

from edgert.documents import (
    ConditionStep,
    CountStep,
    FilterStep,
    JoinStep,
    LinesStep,
    MaskStep,
    ModelStep,
    RegionsStep,
    SensorJoinStep,
    Step,
    ThresholdStep,
    TrackStep,
    TransformStep,
    ZonesStep,
)
from edgert.documents.graph import split
from edgert.documents.steps import PluginCode

from .condition_steps import plan_condition, score_column
from .detection_steps import plan_filter, plan_join, plan_regions
from .given import Given
from .joining import plan_sensor_join
from .model_steps import plan_model
from .native import Builder, OfStep, blamed_on
from .shapes import as_float
from .step_planner import StepPlanner
from .track_steps import plan_count, plan_lines, plan_mask, plan_track, plan_zones

S = TypeVar("S", bound=Step)


def plan_step(planner: StepPlanner, step: Step) -> Given:
    """Plans a step. Raises Refused; its route, when it names no document, is inside the step."""
    at = copy.copy(planner.on(planner.sensors.get(step.name, planner.sensor.name)))
    apart = planner.apart_of(step)
    at.builder = cast(Builder, OfStep(planner.builder, step.name, apart))
    at.apart = apart
    with blamed_on(None, (step.KEY,), f"step {step.name!r}"):
        planner.given[step.name] = _PLANNERS[type(step)](at, step)
    return planner.given[step.name]


def plan_threshold(planner: StepPlanner, step: ThresholdStep) -> Given:
    """Plans such a step. Raises Refused."""
    reference = step.threshold.from_
    value = as_float(planner.builder, planner.numbers(reference, ("threshold", "from")))
    column = score_column(planner.given.get(split(reference)[0]), reference)
    if column is not None:  # of detections and their like the scores, as in conditions
        part = {"axis": len(value.spec["shape"]) - 1, "start": column, "stop": column + 1}
        value = planner.builder.transform("tensor.slice", part, [value])
    result = planner.builder.transform("tensor.threshold", {"above": step.threshold.above}, [value])
    return Given(step, "raw", result, gates=planner.gates(step))


def plan_transform(planner: StepPlanner, step: TransformStep) -> Given:
    """Plans such a step. Raises Refused."""
    values = [planner.value(reference, ("from", index)) for index, reference in enumerate(step.from_)]
    rows = planner.regions(step.for_each, None, ("for_each",)) if step.for_each else None
    if rows is not None:
        values.append(planner.builder.region(rows))
    result = planner.builder.transform(*_operation(planner, step), values)
    return Given(step, "raw", result, gates=planner.gates(step), rows=rows)


def _operation(planner: StepPlanner, step: TransformStep) -> tuple[str, dict[str, Any]]:
    """The operation's name and parameters; a class in Python is an argument of one."""
    from edgert import transforms
    from edgert.plugins import load_plugin
    from edgert.transforms.reference import located

    said = step.transform
    if isinstance(said, str):
        known = transforms.registered()
        if said not in known:
            return said, dict(step.params)
        return transforms.OPERATION, transforms.params(known[said], step.params)
    if isinstance(said, PluginCode):
        load_plugin(planner.pipeline.base / said.plugin)
        return said.operation, dict(step.params)
    reference = located(said.python, planner.pipeline.base)
    made = transforms.params(reference, step.params, limit=float(said.limit), isolate=said.isolate)
    return transforms.OPERATION, made


def _planner(
    kind: type[S], function: Callable[[StepPlanner, S], Given]
) -> tuple[type[Step], Callable[[StepPlanner, Step], Given]]:
    return kind, cast(Callable[[StepPlanner, Step], Given], function)


_PLANNERS: dict[type[Step], Callable[[StepPlanner, Step], Given]] = dict(
    [
        _planner(ModelStep, plan_model),
        _planner(FilterStep, plan_filter),
        _planner(RegionsStep, plan_regions),
        _planner(ConditionStep, plan_condition),
        _planner(JoinStep, plan_join),
        _planner(SensorJoinStep, plan_sensor_join),
        _planner(ThresholdStep, plan_threshold),
        _planner(TransformStep, plan_transform),
        _planner(TrackStep, plan_track),
        _planner(ZonesStep, plan_zones),
        _planner(LinesStep, plan_lines),
        _planner(CountStep, plan_count),
        _planner(MaskStep, plan_mask),
    ]
)
