"""How the steps of a pipeline hang together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from .base import Route
from .joining import SensorJoinStep
from .pipeline import Pipeline
from .step import Step
from .steps import (
    ConditionStep,
    FilterStep,
    JoinStep,
    ModelStep,
    RegionsStep,
    ThresholdStep,
    TransformStep,
)
from .tracking import CountStep, LinesStep, MaskStep, TrackStep, ZonesStep

FRAME = "frame"
"""What a reference calls the sensor's frame."""


def split(reference: str) -> tuple[str, str | None]:
    """STEP.TENSOR as (step, tensor); STEP as (step, None)."""
    step, dot, tensor = reference.partition(".")
    return step, tensor if dot else None


def reads(step: Step) -> Iterator[tuple[Route, str]]:
    """The references of a step, its condition apart: where in the step each stands, and what it says."""
    match step:
        case ModelStep():
            if step.for_each is not None:
                yield ("for_each",), step.for_each
            if isinstance(step.from_, dict):
                yield from (((("from", tensor)), reference) for tensor, reference in step.from_.items())
            elif step.from_ is not None:
                yield ("from",), step.from_
        case FilterStep():
            yield ("filter", "from"), step.filter.from_
        case RegionsStep():
            if step.regions.from_ is not None:
                yield ("regions", "from"), step.regions.from_
        case ConditionStep():
            yield ("condition", "from"), step.condition.from_
        case ThresholdStep():
            yield ("threshold", "from"), step.threshold.from_
        case SensorJoinStep():
            yield ("join", "from"), step.join.from_
        case JoinStep():
            yield from ((("join", index), reference) for index, reference in enumerate(step.join))
        case TrackStep() | ZonesStep() | LinesStep() | CountStep() | MaskStep():
            yield (step.KEY, "from"), getattr(step, step.KEY).from_
        case TransformStep():
            if step.for_each is not None:
                yield ("for_each",), step.for_each
            yield from ((("from", index), reference) for index, reference in enumerate(step.from_))


def may_read_frame(step: Step, route: Route) -> bool:
    """Whether `frame` may stand there: models and transforms read it, conditions and thresholds where it is
    rows of numbers; the others read answers."""
    if isinstance(step, (ConditionStep, ThresholdStep)):
        return route == (step.KEY, "from")
    return isinstance(step, (ModelStep, TransformStep)) and route[0] == "from"


def needs(step: Step) -> Iterator[tuple[Route, str]]:
    """The steps that must come before it: what it reads, and its condition."""
    yield from ((route, split(reference)[0]) for route, reference in reads(step))
    if step.when is not None:
        yield ("when",), step.when


def order(pipeline: Pipeline) -> list[Step]:
    """The steps, each after what it needs. Raises CycleError. Names that no step has are passed over."""
    steps = {step.name: step for step in pipeline.steps}
    needed = [(step.name, [name for _, name in needs(step) if name in steps]) for step in pipeline.steps]
    if not any(names for _, names in needed):
        return list(steps.values())
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for step_name, names in needed:
        sorter.add(step_name, *names)
    return [steps[name] for name in sorter.static_order()]


def cycle(pipeline: Pipeline) -> list[str]:
    """The names of steps that wait for each other, in a circle; empty when there are none."""
    try:
        order(pipeline)
    except CycleError as error:
        circle: list[str] = list(reversed(error.args[1]))
        return circle
    return []


def sensors_read(step: Step, sensors: Mapping[str, str]) -> dict[str, Route]:
    """The sensors of the steps that a step reads or waits for, by `sensors` of each, and where it says so.

    What a join asks for is another sensor's.
    """
    found: dict[str, Route] = {}
    for route, name in needs(step):
        if name in sensors and not (isinstance(step, SensorJoinStep) and route == ("join", "from")):
            found.setdefault(sensors[name], route)
    return found


def sensors_of(pipeline: Pipeline) -> dict[str, str]:
    """Of each step the sensor whose frames it works on: what it says, else that of what it reads, else the
    pipeline's. Raises CycleError."""
    sensors: dict[str, str] = {}
    for step in order(pipeline):
        read = (other for other, route in sensors_read(step, sensors).items() if route != ("when",))
        sensors[step.name] = step.sensor or next(read, pipeline.sensor)
    return sensors


def mixes_sensors(step: Step, sensors: Mapping[str, str]) -> bool:
    """Whether it reads or waits for what works on another sensor's frames, or joins what doesn't."""
    own = sensors[step.name]
    if isinstance(step, SensorJoinStep):
        joined = split(step.join.from_)[0]
        if sensors.get(joined, joined) == own:
            return True
    return not sensors_read(step, sensors).keys() <= {own}


def joined_sensors(pipeline: Pipeline) -> list[str]:
    """The names of all sensors that a pipeline reads, its own first. Raises CycleError."""
    sensors = sensors_of(pipeline)
    joined = [split(step.join.from_)[0] for step in pipeline.steps if isinstance(step, SensorJoinStep)]
    return list(dict.fromkeys([pipeline.sensor, *(sensors.get(name, name) for name in joined)]))


def leaves(pipeline: Pipeline) -> list[Step]:
    """The steps that give results when the document doesn't say: those on the pipeline's own sensor that
    nobody reads. Raises CycleError."""
    read = {name for step in pipeline.steps for _, name in needs(step)}
    sensors = sensors_of(pipeline)
    return [
        step
        for step in pipeline.steps
        if step.name not in read
        and not isinstance(step, ConditionStep)
        and sensors[step.name] == pipeline.sensor
    ]
