"""A tensor of the right meaning in the shape and the dtype that the model's input has.

Shapes come before dtypes: views of float32 are more likely to be shared than views of what one model wants.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..algebra.conversion import Move, conversion
from ..algebra.cost import VIEW, Cost, declare
from ..algebra.formats import TENSOR, Format, Goal
from ..shapes import matches, target

SHAPE, DTYPE = 1, 2  # ranks

declare("tensor.reshape", VIEW)
declare("tensor.cast", Cost(run=200, read=0.1, written=0.25))


@conversion("tensor.shape")
def shape(given: Format, goal: Goal) -> Iterator[Move]:
    """A view: first in the shape that the document says, then in the model's."""
    declared = goal["declared"]
    if given.kind != TENSOR or any(fact != "declared" for fact in goal.unmet(given)):
        return
    if declared and not given["declared"]:
        yield Move("tensor.reshape", {"shape": list(declared)}, {"declared": declared}, rank=SHAPE)
    elif not matches(given.shape, goal.shape):
        wanted = target(given.shape, goal.shape)
        if wanted is not None:
            yield Move("tensor.reshape", {"shape": wanted}, rank=SHAPE)


@conversion("tensor.numbers")
def numbers(given: Format, goal: Goal) -> Iterator[Move]:
    """Whatever it is as float32."""
    dtype = given.spec["dtype"]
    if given.kind == TENSOR and dtype != "float32" and (dtype != goal.dtype or not goal.meant(given)):
        yield Move("tensor.cast", {"dtype": "float32"}, rank=DTYPE)


@conversion("tensor.dtype")
def dtype(given: Format, goal: Goal) -> Iterator[Move]:
    """float32 in the model's dtype, quantised where that is an integer with a scale."""
    if goal.meant(given) and given.spec["dtype"] == "float32" != goal.dtype:
        yield Move("tensor.cast", {"dtype": goal.dtype, **goal.encoding.thawed()}, rank=DTYPE)
