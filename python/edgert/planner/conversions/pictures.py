"""Pictures to tensors."""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.conversion import Move, conversion
from ..algebra.cost import Cost, declare
from ..algebra.formats import Format, Goal

MADE = ("float32", "float16", "uint8", "int8")
"""The dtypes that image.to_tensor writes."""
AXES = {"nhwc": [0, 2, 3, 1], "nchw": [0, 3, 1, 2]}  # to that layout, from the other

declare("image.to_tensor", Cost(run=4000, read=0.01, written=0.15))
declare("tensor.transpose", Cost(run=500, read=0.1, written=0.8))


@conversion("picture.tensor")
def to_tensor(given: Format, goal: Goal) -> Iterator[Move]:
    """A frame, or a region of one, in one pass: in the wanted dtype, or as float32 for others to convert."""
    if given.kind != "image" or not goal["picture"] or given["stepwise"]:
        return
    for dtype in dict.fromkeys([goal.dtype, "float32"]):
        if dtype in MADE:
            encoding = goal.encoding.thawed() if dtype == goal.dtype else {}
            params = {**goal["picture"].thawed(), "layout": goal["layout"], "dtype": dtype, **encoding}
            means = {"picture": goal["picture"], "layout": goal["layout"], "part": None}
            yield Move("image.to_tensor", params, means, ("region",) if given["part"] else ())


@conversion("picture.layout")
def layout(given: Format, goal: Goal) -> Iterator[Move]:
    """Channels last to channels first, and back."""
    wanted = goal["layout"]
    if wanted and given["layout"] and given["layout"] != wanted:
        yield Move("tensor.transpose", {"axes": AXES[wanted]}, {"layout": wanted})
