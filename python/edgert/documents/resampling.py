"""How rows of a table come to a regular grid of times."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Name, Part
from .units import Duration


class TableResampling(Part):
    """Rows of a sensor whose rate is another one, or whose rows come when they like, at the model's rate."""

    method: Literal["linear", "nearest", "previous"] = "linear"
    """What is taken between two rows: the straight line, the nearer one (the later, halfway), the earlier."""
    longest_gap: Annotated[Duration, Field(gt=0)] | None = None
    """Nothing is made up between rows that lie further apart: the grid and its windows begin anew. Left out,
    any gap is bridged."""
    time: Name | None = None
    """The column of the rows' times in seconds, which the model doesn't see. Left out, the sensor's rate and
    the frames' own times say them."""
