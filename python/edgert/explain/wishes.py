"""What each pipeline wants besides models: when it runs, what its conditions open, its other steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..documents import ConditionStep, ModelStep, Pipeline, Step
from ..documents.graph import FRAME, reads, split
from ..planner import Planned, PlannedPipeline
from ..planner.algebra.cost import size, stated

EVERY = "every frame"
PICOSECONDS = 1_000_000  # in a microsecond


@dataclass
class Other:
    """A step that runs no model."""

    step: str
    op: str
    reads: list[str]
    gives: str
    node: int
    estimated_us: float
    """A run, by the stated cost; see docs/adding-a-transform.md."""


@dataclass
class Opening:
    """A condition: when it is open, and the steps that run only then."""

    step: str
    said: str
    opens: list[str]


@dataclass
class Wish:
    """One pipeline. `when` says how often it runs, and by when it answers; `joined` are other sensors that it
    reads."""

    pipeline: str
    sensor: str
    when: list[str]
    conditions: list[Opening] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)


def wishes(planned: Planned, nodes: list[dict[str, Any]]) -> list[Wish]:
    """Of all pipelines, in their order. `nodes` are those of the native plan's describe()."""
    return [_wish(planned, pipeline, nodes) for pipeline in planned.pipelines.values()]


def _wish(planned: Planned, pipeline: PlannedPipeline, nodes: list[dict[str, Any]]) -> Wish:
    document = pipeline.document
    wish = Wish(pipeline.title, pipeline.sensor, list(_when(document)))
    wish.joined = [name for name in pipeline.sensors if name != pipeline.sensor]
    wish.conditions = [
        Opening(step.name, _open(step), _opened(pipeline, step.name))
        for step in document.steps
        if isinstance(step, ConditionStep)
    ]
    frame = planned.sensors[pipeline.sensor].format
    for step in document.steps:
        given = pipeline.steps[step.name]
        if not isinstance(step, (ModelStep, ConditionStep)) and given.value is not None:
            node = int(given.value.node)
            names = [reference for _, reference in reads(step)]
            cost = stated(nodes[node]["op"]).of(_bytes(names, pipeline, frame), size(given.value.spec))
            gives = _described(given.value.spec)
            wish.others.append(Other(step.name, nodes[node]["op"], names, gives, node, cost / PICOSECONDS))
    return wish


def _when(document: Pipeline) -> Iterator[str]:
    often = f"at most {document.rate:g} a second" if document.rate else ""
    some = {1: "", 2: "every second frame", 3: "every third frame"}.get(
        document.every, f"every {document.every}th frame"
    )
    yield ", ".join(said for said in (some, often) if said) or EVERY
    if document.trigger is not None:
        motion = document.trigger.motion
        yield f"only while more than {motion.above:.3g} of the picture moves, and {motion.hold:g} s longer"
    if document.latency is not None:
        late = {"drop": "dropped", "late": "marked late", "last": "answered with the last answer"}[
            document.on_miss
        ]
        yield f"answers within {float(document.latency) * 1000:g} ms; what is over that is {late}"
    if document.overload == "skip":
        yield "passes over frames evenly when there is too much to do"
    yield from _reused(document)


def _reused(document: Pipeline) -> Iterator[str]:
    for step in document.steps:
        if (scene := step.while_) is not None:
            grid = f"{scene.columns}x{scene.rows}"
            alike = f"while no cell of {grid} differs by more than {scene.threshold:g} levels"
            yield f"{step.name}: its last result serves {alike}, up to {float(scene.at_most):g} s"
        elif step.max_age:
            yield f"{step.name}: its last result serves up to {float(step.max_age) * 1000:g} ms"
    if document.max_age:
        yield f"the last result of each other model serves up to {float(document.max_age) * 1000:g} ms"


def _open(step: ConditionStep) -> str:
    condition = step.condition
    of = f" ({condition.label})" if condition.label is not None else ""
    of = f" (number {condition.index})" if condition.index is not None else of
    bound = f"above {condition.above:g}" if condition.above is not None else f"below {condition.below:g}"
    rows = {"any": "", "all": " in all rows", "first": " in the first row"}[condition.reduce]
    held = f", and {condition.hold:g} s longer" if condition.hold else ""
    return f"open while {condition.from_}{of} is {bound}{rows}{held}"


def _opened(pipeline: PlannedPipeline, condition: str) -> list[str]:
    """The steps that wait for it: their own condition, or that of what they read."""
    waiting = (
        name
        for name, given in pipeline.steps.items()
        if any(gate.step == condition for gate in given.gates) and name != condition
    )
    return [name for name in waiting if not isinstance(_step(pipeline, name), ConditionStep)]


def _step(pipeline: PlannedPipeline, name: str) -> Step:
    return next(step for step in pipeline.document.steps if step.name == name)


def _bytes(names: list[str], pipeline: PlannedPipeline, frame: Mapping[str, Any]) -> float:
    """Of all that a step reads."""
    total = 0.0
    for name in names:
        given = pipeline.steps.get(split(name)[0])
        if name == FRAME or given is None:
            total += size(frame)
        elif given.value is not None or given.tensors:
            total += size(given.read(name, ()).spec)
    return total


def _described(spec: Mapping[str, Any]) -> str:
    from ..planner.native import described

    return described(spec) if "shape" in spec else str(spec.get("kind", ""))
