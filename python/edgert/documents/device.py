"""Device: streams beside the processor's lanes, on which models run."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Document, Reference

MOST_RUNS = 64  # at once, of one device
PROCESSOR = "cpu"  # what stands for it where devices are named
SOONEST = "soonest"  # in place of one: where each run is expected to end first


class Device(Document):
    """Streams of a GPU; or a simulated device, whose runs take the times of a Profile and give zeros."""

    KIND: ClassVar[str] = "Device"

    kind: Literal["Device"] = "Device"
    type: Literal["sim", "cuda"]
    gpu: int = Field(default=0, ge=0, le=255)
    """Of type cuda: which GPU, as edgert doctor numbers them."""
    profile: Reference | None = None
    """The Profile document with the run times of the models that are placed here: what a simulated device
    takes."""
    streams: int = Field(default=1, ge=1, le=MOST_RUNS)
    """In-order streams of work, which run beside each other."""
    in_flight: int = Field(default=2, ge=1, le=MOST_RUNS)
    """Runs that a stream takes: one that runs, and those enqueued behind it."""

    @model_validator(mode="after")
    def _of_its_type(self) -> Device:
        if self.type == "sim" and self.profile is None:
            text = "a simulated device needs a profile; name a Profile document"
            raise PydanticCustomError("no_profile", text)
        if self.type == "sim" and "gpu" in self.model_fields_set:
            raise PydanticCustomError(
                "no_gpu", "a simulated device is no GPU; leave gpu out, or set type: cuda"
            )
        return self

    @model_validator(mode="after")
    def _not_the_processor(self) -> Device:
        if self.name == PROCESSOR:
            text = "cpu is what the processor is called; give it another name"
            raise PydanticCustomError("name_taken", text)
        if self.name == SOONEST:
            text = "soonest is the word for wherever a run ends first; give it another name"
            raise PydanticCustomError("name_taken", text)
        return self

    @model_validator(mode="after")
    def _few(self) -> Device:
        if self.streams * self.in_flight > MOST_RUNS:
            text = (
                "streams times in_flight is {runs}, and at most {most} runs are enqueued; lower one of them"
            )
            runs = {"runs": self.streams * self.in_flight, "most": MOST_RUNS}
            raise PydanticCustomError("too_many", text, runs)
        return self
