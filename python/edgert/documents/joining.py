"""A step that joins another sensor's stream to the frame, by time."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AliasChoices, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part, Reference
from .step import Step
from .units import Duration, Time


class SensorJoin(Part):
    """What of another sensor belongs to a frame's time."""

    from_: Reference = Field(validation_alias=AliasChoices("from", "from_"))
    """A step on another sensor's frames (STEP or STEP.TENSOR), or that sensor."""
    by: Literal["nearest", "latest", "interpolate"] = "nearest"
    """nearest: the sample nearest in time. latest: the last one at or before it. interpolate: of numbers, on
    the straight line between the one before and the one after."""
    tolerance: Time | None = None
    """How far from the frame's time a sample may lie (of interpolate: both). Only latest does without."""
    wait: Duration | None = None
    """How long a frame waits for the other sensor to come to its time. Left out: the tolerance and 100 ms; of
    recordings 10s without any progress of the other one."""
    clock: Literal["capture", "media"] | None = None
    """Whose times are compared. Left out: media (positions in the recordings) where both are recordings, else
    capture."""

    @model_validator(mode="after")
    def _bounded(self) -> SensorJoin:
        if self.tolerance is None and self.by != "latest":
            raise PydanticCustomError(
                "tolerance", "it says no tolerance; add how far apart in time the two may be: tolerance: 40ms"
            )
        return self


class SensorJoinStep(Step):
    """Joins another sensor's stream to the frame, by time."""

    KEY: ClassVar[str] = "join"
    TAG: ClassVar[str] = "join of sensors"
    join: SensorJoin
