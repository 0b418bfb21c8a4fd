"""What a Sensor document says of the sensor's life: reconnecting, and how many frames may be held."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part
from .units import Duration


class Reconnect(Part):
    """How a sensor that was lost is opened again."""

    enabled: bool | None = None
    """Left out: cameras, microphones and streams are, recordings aren't."""
    first: Duration = Duration(0.5)
    """Before the first try; doubled each time."""
    most: Duration = Duration(30)
    """Between two tries, at most."""
    jitter: float = Field(default=0.2, ge=0, le=1)
    """The part of each wait by which it is made longer or shorter, at random."""
    attempts: int | None = Field(default=None, ge=1)
    """In a row; then the sensor has failed. Left out, without end."""

    @model_validator(mode="after")
    def _ordered(self) -> Reconnect:
        if not 0 < self.first <= self.most:
            raise PydanticCustomError("order", "first must be above 0 and at most as long as most")
        return self


def _reconnect(value: Any) -> Any:
    return {"enabled": value} if isinstance(value, bool) else value


Reconnecting = Annotated[Reconnect, BeforeValidator(_reconnect, json_schema_input_type=bool | Reconnect)]
"""true, false, or its keys."""


class Frames(Part):
    """How many frames of the driver's or decoder's memory may be in use, and what happens beyond that."""

    budget: int | None = Field(default=None, ge=1, le=4096)
    """Left out: as many as the source can lend; most can lend any number."""
    when_short: Literal["drop", "copy"] = "drop"
    """Frames that come then are dropped, or copied; both are counted."""


class MotionTrigger(Part):
    """Runs a pipeline's steps only while something moves in the picture."""

    above: float = Field(default=0.01, ge=0, lt=1)
    """The share of the picture that must have changed."""
    hold: Duration = Duration(1)
    """How long it goes on afterwards, in media time."""
    columns: int = Field(default=64, ge=1, le=1024)
    """The picture is compared by cells of a grid."""
    rows: int = Field(default=36, ge=1, le=1024)
    threshold: float = Field(default=12.0, gt=0, lt=256)
    """Levels (of 255) by which a cell must differ from what was there."""
    memory: Duration = Duration(1)
    """After how long what stays still counts as what was there."""

    @model_validator(mode="after")
    def _remembers(self) -> MotionTrigger:
        if not self.memory > 0:
            raise PydanticCustomError("memory", "memory must be above 0")
        return self


class Trigger(Part):
    """When a pipeline's steps run, besides its rate."""

    motion: MotionTrigger
