"""What must happen in the picture before a pipeline's steps run."""

from __future__ import annotations

from edgert.documents import Pipeline
from edgert.documents.base import Route

from .given import Gate
from .native import Builder, Params, Value, blamed_on

ROUTE: Route = ("trigger", "motion")


def trigger_gates(builder: Builder, pipeline: Pipeline, frame: Value) -> tuple[Gate, ...]:
    """The gates that are above all steps. Pipelines that say the same grid share its node. Raises Refused."""
    if pipeline.trigger is None:
        return ()
    motion = pipeline.trigger.motion
    params: Params = {
        "columns": motion.columns,
        "rows": motion.rows,
        "threshold": motion.threshold,
        "memory_ms": float(motion.memory) * 1000,
    }
    with blamed_on(pipeline, ROUTE):
        value: Value = builder.transform("image.motion", params, [frame], "motion (trigger)")
    options = {"index": 0, "reduce": "any", "hold_ms": float(motion.hold) * 1000, "above": motion.above}
    return (Gate("motion (trigger)", value, options),)
