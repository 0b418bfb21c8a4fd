"""When a step's earlier result serves: by its age, or while the scene looks as it did."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part, Reference
from .units import Duration, Time

Share = Annotated[float, Field(ge=0, le=1)]


class Unchanged(Part):
    """As long as the picture looks as it did in the frame that the result was computed from."""

    unchanged: Reference
    """`frame`, or the sensor's name."""
    threshold: float = Field(ge=0, le=255)
    """Levels (of 255) by which the brightness of a cell may differ from what it was then; what all cells have
    in common (a lamp, an exposure) is taken off. `edgert calibrate` finds it."""
    at_most: Time = Duration("5s")
    """How old it may be all the same."""
    columns: int = Field(default=64, ge=1, le=1024)
    """The picture is compared by cells of a grid; the cell that differs most decides."""
    rows: int = Field(default=36, ge=1, le=1024)
    region: Annotated[list[Share], Field(min_length=4, max_length=4)] | None = None
    """The part that counts: left, top, right and bottom, in shares of the picture; left out, all of it."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Unchanged:
        if self.region is not None:
            left, top, right, bottom = self.region
            if left >= right or top >= bottom:
                raise PydanticCustomError(
                    "region", "the region is empty; write [left, top, right, bottom], as [0, 0.5, 1, 1]"
                )
        return self

    def cells(self) -> list[int]:
        """The cells that count: left, top, right and bottom in cells, the latter two exclusive."""
        if self.region is None:
            return [0, 0, self.columns, self.rows]
        left, top, right, bottom = self.region
        first = [int(left * self.columns), int(top * self.rows)]
        last = [-int(-right * self.columns // 1), -int(-bottom * self.rows // 1)]
        return [*first, *last]


def no_two(max_age: Any, unchanged: Any) -> None:
    """Refuses both at once. Raises PydanticCustomError."""
    if max_age and unchanged:
        raise PydanticCustomError("one_of", "say max_age or while, not both; while has at_most")
