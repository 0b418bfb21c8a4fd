"""Steps that run a model."""

from __future__ import annotations

from edgert.documents import ModelStep, Refused, answer
from edgert.documents.answer import Labelled
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import FRAME
from edgert.documents.labels import of_model

from .given import Fitted, Given
from .inputs import Feed, feed
from .native import Value, blamed_on
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
    given = Feed(planner.sensor, planner.frame, region, _sources(planner, step, list(opened.fed)))
    chains, geometry = feed(planner.builder, opened, given)
    with blamed_on(document, ("file",)):
        run = planner.builder.run_model(
            opened.index,
            {name: built.value for name, built in chains.items()},
            constants=opened.constants,
            state=dict(document.state),
            name=step.name,
            carry_over_gaps=document.on_gap == "carry",
        )
    outputs = {name: run.out(index) for index, name in enumerate(opened.outputs)}
    spec = document.answer
    classes = spec if isinstance(spec, answer.Classes) else None
    value = read(planner.builder, opened, run, geometry)
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
    )


def _sources(planner: StepPlanner, step: ModelStep, inputs: list[str]) -> dict[str, Value]:
    if step.from_ is None or step.from_ == FRAME:
        return {}
    if isinstance(step.from_, str):
        if len(inputs) != 1:
            what = f"the model has the inputs {', '.join(inputs)}"
            raise Refused(what, "say from: {INPUT: STEP.TENSOR} for each that another step feeds", ("from",))
        return {inputs[0]: planner.value(step.from_, ("from",))}
    for name in step.from_:
        if name not in inputs:
            raise Refused(
                f"the model has no input {name!r} to feed",
                did_you_mean(name, inputs, "it has"),
                ("from", name),
            )
    return {name: planner.value(reference, ("from", name)) for name, reference in step.from_.items()}
