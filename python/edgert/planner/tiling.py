"""A model that looks at the frame tile by tile."""

from __future__ import annotations

from typing import cast

from edgert.documents import Model, ModelStep, Refused, Tiles

from .native import Value
from .step_planner import StepPlanner


def tiles(planner: StepPlanner, step: ModelStep, document: Model) -> Value:
    """The tiles of the frame as regions [N, 5]. Raises Refused where they have no meaning."""
    assert step.tiles is not None
    if step.for_each is not None:
        raise Refused("tiles and for_each both say where the model looks", "say one of them", ("tiles",))
    if document.answer.READING != "detections":
        what = f"the model {document.name} gives {document.answer.READING}, which can't be joined over tiles"
        raise Refused(what, "use for_each with a step of regions: {grid: …}", ("tiles",))
    return cast(Value, planner.builder.transform("regions.grid", step.tiles.grid(), [planner.frame]))


def joined(planner: StepPlanner, how: Tiles, found: Value, tile: Value, document: Model) -> Value:
    """The detections of all tiles as those of the frame, each object once."""
    builder = planner.builder
    marked = builder.transform("detections.of_tile", {}, [found, planner.frame, tile])
    params = {
        "iou": how.iou,
        "inside": how.inside,
        "class_aware": bool(getattr(document.answer, "class_aware", True)),
    }
    return cast(
        Value, builder.transform("detections.join_tiles", params, [builder.gather(marked, stack=False)])
    )
