"""Pictures to tensors step by step, as most programs do it: all pixels become colours of a byte each, then
the picture is resized, made numbers (tensor.numbers), scaled, laid out (picture.layout) and stored
(tensor.dtype).

For comparisons with the one pass of picture.tensor, where the plan is made without fusing. Pictures are
rounded to bytes between the steps, so values differ from the one pass's by about a level of 255.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..algebra.conversion import Move, conversion
from ..algebra.cost import Cost, declare
from ..algebra.formats import TENSOR, Format, Goal

RESIZED = ("width", "height", "fit", "filter", "pad")

declare("image.resize", Cost(run=4000, read=0.01, written=0.3))


@conversion("stepwise.colours")
def colours(given: Format, goal: Goal) -> Iterator[Move]:
    """The whole frame in the colours that the model wants."""
    wanted = goal["picture"]
    if given.kind == "image" and given["stepwise"] and wanted:
        params = {
            "width": given.spec["width"], "height": given.spec["height"], "colour": wanted["colour"],
            "filter": "nearest", "dtype": "uint8",
        }  # fmt: skip
        yield Move("image.to_tensor", params, {"colours": wanted["colour"]})


@conversion("stepwise.resize")
def resize(given: Format, goal: Goal) -> Iterator[Move]:
    """Such a picture, or a region of it, in the model's size."""
    wanted = goal["picture"]
    ready = wanted and given["colours"] == wanted["colour"] and not given["resized"]
    if given.kind == TENSOR and given.spec["dtype"] == "uint8" and ready:
        params = {key: wanted[key] for key in RESIZED if wanted[key] is not None}
        means = {"resized": True, "layout": "nhwc", "part": None}
        yield Move("image.resize", params, means, ("region",) if given["part"] else ())


@conversion("stepwise.scale")
def scale(given: Format, goal: Goal) -> Iterator[Move]:
    """Its pixels, once they are numbers (tensor.numbers), in the values that the model wants."""
    if not given["resized"] or given["picture"] or given["layout"] != "nhwc" or not goal["picture"]:
        return
    if given.spec["dtype"] != "float32":
        return
    scales, offsets = _alike(goal["picture"]["scale"], goal["picture"]["offset"])
    params = {
        "mean": [-offset / scale for scale, offset in zip(scales, offsets, strict=True)],
        "deviation": [1 / scale for scale in scales],
    }
    yield Move("table.scale", params, {"picture": goal["picture"]})


def _alike(*numbers: Sequence[float]) -> list[list[float]]:
    """All as long as the longest; one number stands for all channels."""
    count = max(len(row) for row in numbers)
    return [list(row) * (count if len(row) == 1 else 1) for row in numbers]
