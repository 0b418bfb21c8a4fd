"""Application: a tenant that owns pipelines."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Document, Part
from .units import Rate, Size


def _word(value: object) -> object:
    return "off" if value is False else value  # YAML's other way to say it


# Of a device, at most.
DeviceTime = Annotated[float, Field(gt=0, le=1)]


class RequestCache(Part):
    """Of results of equal frames, on sensors that keep them."""

    share: Annotated[Literal["own", "others", "off"], BeforeValidator(_word)] = "own"
    """Who gets this application's: itself alone; all applications that say `others`, too; or nobody, and then
    it gets none either."""


class Application(Document):
    """Who owns pipelines, its share of the box, and what it may use. Limits hold for all its pipelines
    together; left out, there is none."""

    KIND: ClassVar[str] = "Application"

    kind: Literal["Application"] = "Application"
    weight: float = Field(default=1.0, gt=0, le=1_000_000)
    """With order: fair, its share of device time over the others' when work is more than the box can do."""
    priority: int = Field(default=0, ge=-1000, le=1000)
    """With order: priority; larger is more urgent."""
    rate_limit: Rate | None = None
    """Frames a second, at most; a tenth of a second's may come at once."""
    queue_limit: int | None = Field(default=None, ge=1)
    """Frames that may be worked on or wait at once, each counted once for every pipeline that wants it."""
    memory_limit: Annotated[Size, Field(gt=0)] | None = None
    """Bytes of models, by the sizes of their files; shared ones count in full."""
    share: DeviceTime | dict[str, DeviceTime] | Literal["private"] | None = None
    """A number: of each device's time, at most, even while there is time to spare; or one for each of some
    devices, of which cpu is the processor. private: what its pipelines compute is neither merged with equal
    work of other applications nor cached."""

    cache: RequestCache = Field(default_factory=RequestCache)

    @model_validator(mode="after")
    def _of_some_device(self) -> Application:
        if self.share == {}:
            raise PydanticCustomError(
                "no_share", "share names no device; write DEVICE: NUMBER, or leave it out"
            )
        return self

    def told(self) -> str:
        """Its weight and what it may use, in words, as `edgert check` shows them."""
        parts = [f"weight {self.weight:g}"]
        if self.priority:
            parts.append(f"priority {self.priority}")
        if self.rate_limit:
            parts.append(f"{self.rate_limit:g} frames a second")
        if self.queue_limit:
            parts.append(f"{self.queue_limit} frames at once")
        if self.memory_limit:
            parts.append(f"{self.memory_limit / 1e6:.3g} MB of models")
        if isinstance(self.share, float):
            parts.append(f"{self.share:.0%} of each device's time")
        elif isinstance(self.share, dict):
            parts += [f"{share:.0%} of the time of {device}" for device, share in self.share.items()]
        elif self.share:
            parts.append(self.share)
        if self.cache.share != "own":
            parts.append(f"cache {self.cache.share}")
        return ", ".join(parts)

    def limits(self) -> dict[str, Any]:
        """The native builder's arguments."""
        return {
            "priority": self.priority,
            "rate_limit": self.rate_limit or 0.0,
            "queue_limit": self.queue_limit or 0,
            "memory_limit": self.memory_limit or 0,
            "share": self.share if isinstance(self.share, float) else 0.0,
            "shares": self.share if isinstance(self.share, dict) else {},
            "cache": self.cache.share,
        }
