"""Chosen: what a Profile says of how the box is run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part, Reference
from .device import MOST_RUNS

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Choice(Part):
    """How one model is run."""

    model: Reference
    """As steps call it."""
    threads: int = Field(ge=1, le=1024)
    instances: int = Field(ge=1, le=1024)
    batch: Count = 1
    """Items a run."""


class DeviceChoice(Part):
    """How one device is run."""

    device: str = Field(min_length=1)
    """Its document's name."""
    streams: int = Field(ge=1, le=64)
    in_flight: int = Field(ge=1, le=64)


class Chosen(Part):
    """How the box is run. It holds over what Model and Device documents say."""

    lanes: int = Field(ge=1, le=1024)
    """Workers that run models."""
    models: list[Choice] = Field(default_factory=list)
    devices: list[DeviceChoice] = Field(default_factory=list)

    @model_validator(mode="after")
    def _once(self) -> Chosen:
        for names in ([one.model for one in self.models], [one.device for one in self.devices]):
            if twice := [name for index, name in enumerate(names) if name in names[:index]]:
                raise PydanticCustomError("twice", "{name} is chosen for twice; keep one", {"name": twice[0]})
        return self

    @model_validator(mode="after")
    def _few(self) -> Chosen:
        for one in self.devices:
            if (runs := one.streams * one.in_flight) > MOST_RUNS:
                text = "{name} has {runs} runs (streams times in_flight), and at most {most} are enqueued"
                said = {"name": one.device, "runs": runs, "most": MOST_RUNS}
                raise PydanticCustomError("too_many", text + "; lower one of them", said)
        return self
