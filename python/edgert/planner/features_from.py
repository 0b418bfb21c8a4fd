"""Models that a Model document brings along: whose features it reads, by `features_from: MODEL/OUTPUT`.

The other model runs on the frame of the step, as a step of its own would; equal work being one node, it runs
once for all who read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from edgert.documents import Model, ModelStep, Refused
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean

from .given import Given
from .models import Opened
from .native import Value
from .step_planner import StepPlanner

ROUTE: Route = ("features_from",)
WITHIN = ">"
"""Between a step's name and that of a model that it brings along."""

Plan = Callable[[StepPlanner, ModelStep], Given]


def bring(
    planner: StepPlanner, step: ModelStep, opened: Opened, said: Iterable[str], plan: Plan
) -> Mapping[str, tuple[Value, Given]]:
    """The features that a model reads, by its input; nothing where the step says what feeds it. `plan` plans
    the other model's step. Raises Refused."""
    document = opened.document
    free = [name for name, wanted in opened.fed.items() if wanted.features is not None and name not in said]
    if document.features_from is None or not free:
        return {}
    if len(free) > 1:
        what = f"the model reads several features: {', '.join(free)}"
        raise Refused(what, "feed them by the step: from: {INPUT: STEP.TENSOR}", ROUTE, document)
    reference, output = split(document.features_from)
    _check_circle(planner, step, document, reference)
    try:
        planner.documents.model(reference)
    except Refused as refused:
        raise Refused(refused.what, refused.remedy, ROUTE, document) from None
    name = f"{step.name}{WITHIN}{reference.removeprefix('zoo:')}"
    more = {"name": name, "model": reference, "tiles": None, "from_": None}
    given = plan(planner, step.model_copy(update=more))
    return {free[0]: (_output(given, output, document), given)}


def split(reference: str) -> tuple[str, str | None]:
    """MODEL/OUTPUT as (model, output); MODEL as (model, None)."""
    model, slash, output = reference.partition("/")
    return model, output if slash else None


def asked_by(name: str) -> str:
    """The document's step for which a step of that name runs."""
    return name.split(WITHIN, 1)[0]


def with_brought(given: Iterable[Given]) -> Iterator[Given]:
    """These, each after what it brings along."""
    for one in given:
        yield from with_brought(one.brought)
        yield one


def _output(given: Given, output: str | None, document: Model) -> Value:
    tensors = given.tensors
    if output is None and len(tensors) == 1:
        return next(iter(tensors.values()))
    if output is None or output not in tensors:
        said = "doesn't say which output" if output is None else f"names an output {output!r}"
        what = f"features_from {said} of {getattr(given.step, 'model', '')}"
        raise Refused(what, did_you_mean(output or "", tensors, "it has"), ROUTE, document)
    return tensors[output]


def _check_circle(planner: StepPlanner, step: ModelStep, document: Model, reference: str) -> None:
    seen = [document.name]
    while reference:
        try:
            other = planner.documents.model(reference)
        except Refused:
            return  # said where it is planned
        seen.append(other.name)
        if other.name in seen[:-1]:
            what = f"the models wait for each other's features: {' → '.join(seen)}"
            raise Refused(what, "let one of them read the frame", ROUTE, document)
        reference = split(other.features_from)[0] if other.features_from else ""
