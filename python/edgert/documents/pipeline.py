"""Pipeline: steps on one sensor, what is given out, how often, and by when."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .base import Document, Name, Reference
from .care import Trigger
from .network import MqttSink
from .record import RecordSink
from .steps import AnyStep
from .units import Duration, Rate, Time

DEFAULT_APPLICATION = "default"
"""Who owns a pipeline that doesn't say it."""


class Pipeline(Document):
    """What is wanted of a sensor's frames."""

    KIND: ClassVar[str] = "Pipeline"

    kind: Literal["Pipeline"] = "Pipeline"
    application: Name | None = None
    """Who owns it; left out, an application called default."""
    sensor: Name
    steps: Annotated[list[AnyStep], Field(min_length=1)]
    outputs: Annotated[list[Reference], Field(min_length=1)] | None = None
    """Steps (or STEP.TENSOR) whose answers are results; left out, those that no other step reads."""
    rate: Rate | None = None
    """Frames a second that it wants, at most; left out, all."""
    every: int = Field(default=1, ge=1, le=1_000_000)
    """It wants each second (third, ...) frame."""
    max_age: Duration | None = None
    """It takes the last result of each model that is not older; a step's own max_age or while comes first."""
    trigger: Trigger | None = None
    """When its steps run; left out, with each frame that it wants."""
    overload: Literal["drop", "skip"] = "drop"
    """When there is more to do than can be done in time: frames are dropped as it comes, or skip: passed over
    evenly, so that results keep a steady pace."""
    latency: Time | None = None
    """From the frame's capture to the result, at most."""
    on_miss: Literal["drop", "late", "last"] = "drop"
    """What a result that misses it becomes: an error, a late result, or the last one again, with its age."""
    queue: int = Field(default=16, ge=1, le=65536)
    """Results that may wait for their reader."""
    when_full: Literal["block", "drop_oldest"] = "block"
    share: Literal["all", "private"] = "all"
    """private: what it computes is merged only with private work of its own application, and not cached."""
    sinks: list[Annotated[MqttSink | RecordSink, Field(discriminator="type")]] = Field(default_factory=list)
    """Where results go besides who reads them."""

    @property
    def owner(self) -> str:
        """Its application, said or not."""
        return self.application or DEFAULT_APPLICATION

    @property
    def key(self) -> str:
        """ "application/name": two applications may each have a pipeline of one name."""
        return f"{self.owner}/{self.name}"

    @property
    def title(self) -> str:
        """ "Pipeline/application/name", or "Pipeline/name" where it says no application."""
        return f"{self.KIND}/{self.key if self.application else self.name}"
