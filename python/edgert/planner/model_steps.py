"""Steps that run a model."""

from __future__ import annotations

from collections.abc import Mapping

from edgert.documents import ModelStep, Refused, answer
from edgert.documents.answer import Labelled
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import FRAME
from edgert.documents.labels import of_model

from .features_from import bring
from .given import Fitted, Given
from .inputs import Feed, feed
from .joining import Joined, join
from .models import Opened
from .native import blamed_on
from .reading import read, tensors
from .sensible import check_labels
from .step_planner import StepPlanner
from .tiling import joined, tiles


def plan_model(planner: StepPlanner, step: ModelStep) -> Given:
    """Plans such a step. Raises Refused."""
    document = planner.documents.model(step.model)
    opened = planner.models.open(document)
    labels = of_model(document)
    if isinstance(document.answer, Labelled):
        check_labels(opened, labels, tensors(opened))
    rows = planner.regions(step.for_each, document.region, ("for_each",)) if step.for_each else None
    if step.tiles is not None:
        rows = tiles(planner, step, document)
    region = planner.builder.region(rows) if rows is not None else None
    references = _references(step, list(opened.fed))
    asked = _joined(planner, opened, references)
    sources = {name: planner.value(*said) for name, said in references.items() if name not in asked}
    brought = bring(planner, step, opened, references, plan_model)
    sources.update((name, value) for name, (value, _) in brought.items())
    others = {name: Feed(one.sensor, one.frame, None, {}) for name, one in asked.items()}
    given = Feed(planner.sensor, planner.frame, region, sources, others)
    fed = None if sources or others else ("feed", id(opened), planner.frame, region)
    chains, geometry = planner.once(fed, lambda: feed(planner.builder, opened, given))
    values = {
        name: join(planner, asked[name], built.value) if name in asked else built.value
        for name, built in chains.items()
    }
    with blamed_on(document, ("file",)):
        run = planner.run(step.name, opened, chains, values)
    outputs = {name: run.out(index) for index, name in enumerate(opened.outputs)}
    spec = document.answer
    classes = spec if isinstance(spec, answer.Classes) else None
    given_out = tuple(outputs.values())
    answered = ("read", id(opened), given_out, geometry and (geometry.fit, geometry.frame, geometry.region))
    value = planner.once(answered, lambda: read(planner.builder, opened, run, geometry))
    if step.tiles is not None and value is not None and region is not None:
        value, rows = joined(planner, step.tiles, value, region, document), None
    return Given(
        step,
        spec.READING,
        value,
        labels,
        outputs,
        opened.outputs,
        planner.gates(step),
        outputs[tensors(opened)[0]] if classes else None,
        classes.activation if classes else "none",
        rows,
        Fitted(geometry.fit, geometry.width, geometry.height) if geometry else None,
        chains,
        run,
        opened.constants,
        brought=tuple(given for _, given in brought.values()),
        joins={name: one.step.name for name, one in asked.items()},
    )


def _references(step: ModelStep, inputs: list[str]) -> dict[str, tuple[str, Route]]:
    """What feeds each input that another step feeds, and where the step says so. Raises Refused."""
    if step.from_ is None or step.from_ == FRAME:
        return {}
    if isinstance(step.from_, str):
        if len(inputs) != 1:
            what = f"the model has the inputs {', '.join(inputs)}"
            raise Refused(what, "say from: {INPUT: STEP.TENSOR} for each that another step feeds", ("from",))
        return {inputs[0]: (step.from_, ("from",))}
    for name in step.from_:
        if name not in inputs:
            raise Refused(
                f"the model has no input {name!r} to feed",
                did_you_mean(name, inputs, "it has"),
                ("from", name),
            )
    return {name: (reference, ("from", name)) for name, reference in step.from_.items()}


def _joined(
    planner: StepPlanner, opened: Opened, references: Mapping[str, tuple[str, Route]]
) -> dict[str, Joined]:
    """The inputs that are made from another sensor's frames: those that a join of that sensor feeds."""
    found: dict[str, Joined] = {}
    for name, (reference, _) in references.items():
        given = planner.given.get(reference)
        if given is not None and given.joined is not None and opened.fed[name].features is None:
            found[name] = given.joined
    return found
