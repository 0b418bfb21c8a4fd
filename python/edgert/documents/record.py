"""Record: clips and snapshots of what a pipeline found."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .base import Part, Reference
from .units import Duration, Size

FREE = 256 << 20


class KeepRecords(Part):
    """Which clips and snapshots stay; the oldest go first."""

    age: Duration | None = None
    """None older than this ("168h"); left out, of any age."""
    size: Size | None = None
    """Not more than this in all ("2GB"); left out, any."""
    free: Size = FREE
    """What of the disk always stays free; older records go, and then no new ones are made."""


class RecordSink(Part):
    """Clips of the camera's own encoded stream, and pictures, of the frames in which something was found."""

    type: Literal["record"] = "record"

    folder: str = Field(min_length=1)
    """Where they go, relative to the document; made if it isn't there."""
    when: Reference | None = None
    """The output whose answer begins a clip, by not being empty; left out, that of any output."""
    before: Duration = Duration(5.0)
    after: Duration = Duration(5.0)
    """Time that a clip has before the first, and after the last of such frames."""
    longest: Duration = Duration(300.0)
    """A clip ends at the first key frame after this; what goes on begins the next one there."""
    snapshot: bool = False
    """Also an annotated picture (JPEG) of the first such frame."""
    clips: bool = True
    """false: snapshots alone."""
    keep: KeepRecords = Field(default_factory=KeepRecords)

    @model_validator(mode="after")
    def _something(self) -> RecordSink:
        if not (self.clips or self.snapshot):
            raise PydanticCustomError("nothing", "it would record nothing; leave clips on, or take snapshots")
        return self

    @field_validator("longest")
    @classmethod
    def _not_nothing(cls, value: Duration) -> Duration:
        if value <= 0:
            raise ValueError("a clip takes some time: give more than 0 s")
        return value
