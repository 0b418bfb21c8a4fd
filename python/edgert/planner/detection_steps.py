"""Steps on detections and regions."""

from __future__ import annotations

from edgert.documents import FilterStep, JoinStep, Refused, RegionsStep
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import split

from .given import Given
from .native import Params, Value
from .step_planner import StepPlanner


def plan_filter(planner: StepPlanner, step: FilterStep) -> Given:
    """Plans such a step. Raises Refused."""
    source = planner.given[split(step.filter.from_)[0]]
    params: Params = {"min_score": step.filter.above or 0.0}
    if step.filter.classes is not None:
        params["classes"] = [
            index_of(label, source, ("filter", "classes", position))
            for position, label in enumerate(step.filter.classes)
        ]
    for key in ("max_detections", "min_size"):
        if (said := getattr(step.filter, key)) is not None:
            params[key] = said
    value = planner.builder.transform(
        "detections.filter", params, [planner.value(step.filter.from_, ("filter", "from"))]
    )
    return Given(step, source.kind, value, source.labels, gates=planner.gates(step), rows=source.rows)


def index_of(label: str | int, source: Given, route: Route) -> int:
    """The index of a class of that step. Raises Refused, with near names."""
    if isinstance(label, int):
        if label < 0 or (source.labels and label >= len(source.labels)):
            raise Refused(f"there is no class {label}", f"there are {len(source.labels or [])}", route)
        return label
    if source.labels is None:
        what = f"step {source.step.name!r} has no labels, so {label!r} has no meaning"
        raise Refused(what, "give its Model document answer.labels, or write an index", route)
    if label not in source.labels:
        shown = source.labels if len(source.labels) <= 30 else []
        raise Refused(
            f"{label!r} isn't among the labels of step {source.step.name!r}",
            _near(label, source.labels, shown),
            route,
        )
    return source.labels.index(label)


def _near(label: str, labels: list[str], shown: list[str]) -> str:
    folded = {name.lower(): name for name in labels}
    if label.lower() in folded:
        return f"did you mean {folded[label.lower()]!r}?"
    near = did_you_mean(label, labels, "they are")
    return near if near.startswith("did") or shown else "its labels file lists them"


def plan_regions(planner: StepPlanner, step: RegionsStep) -> Given:
    """Plans such a step. Raises Refused."""
    gates = planner.gates(step)
    if step.regions.grid is not None:
        grid = step.regions.grid
        value = planner.builder.transform("regions.grid", grid.model_dump(), [planner.frame])
        return Given(step, "regions", value, gates=gates)
    assert step.regions.from_ is not None
    value = planner.regions(split(step.regions.from_)[0], step.regions, ("regions",))
    return Given(step, "regions", value, gates=gates)


def plan_join(planner: StepPlanner, step: JoinStep) -> Given:
    """Plans such a step. Raises Refused."""
    sources = [planner.given[split(reference)[0]] for reference in step.join]
    if any(source.labels != sources[0].labels for source in sources):
        what = f"{' and '.join(step.join)} have different classes"
        raise Refused(what, "join detections of the same labels", ("join",))
    values = [planner.value(reference, ("join", index)) for index, reference in enumerate(step.join)]
    values = [of_all_regions(planner, value) for value in values]
    params: Params = {"iou": step.iou, "class_aware": step.class_aware}
    value = planner.builder.transform("detections.join", params, values)
    return Given(step, "detections", value, sources[0].labels, gates=planner.gates(step))


def of_all_regions(planner: StepPlanner, value: Value) -> Value:
    """Detections of the frame: those of regions are gathered."""
    while value.scope != planner.frame.scope:
        value = planner.builder.gather(value, stack=False)
    return value
