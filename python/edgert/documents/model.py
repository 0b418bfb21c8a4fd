"""Model: a file, what its input must be, and how its outputs are read."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from .answer import AnyAnswer, Raw
from .base import Devices, Document
from .cutting import Pieces
from .device import PROCESSOR
from .features import Input
from .region import Region

Option = str | int | float | bool
Constant = int | float | bool | list[Any]


class Model(Document):
    """A neural network and its contract."""

    KIND: ClassVar[str] = "Model"

    kind: Literal["Model"] = "Model"
    file: str = Field(min_length=1)
    """zoo:NAME, or a file; a relative one starts at this document's folder."""
    backend: str = ""
    """The engine; left out, by the file's type."""
    threads: int = Field(default=1, ge=1, le=1024)
    """That one run may use."""
    instances: int = Field(default=0, ge=0, le=1024)
    """Runs at once; 0: as many as there are lanes."""
    batch: int = Field(default=1, ge=1, le=64)
    """Works of several sensors, applications and regions that may run as one, at most."""
    device: Devices | None = None
    """The Device document on whose streams it runs; left out, or cpu: the processor. A list: it is loaded on
    each of them and runs on any, on the first unless the Scheduler document or a policy says otherwise."""
    engine: dict[str, Option] = Field(default_factory=dict)
    """Options for the engine, by its own names."""
    input: Input | None = None
    """Of a model with one input to feed."""
    inputs: dict[str, Input] = Field(default_factory=dict)
    """Of a model with several, by the tensors' names."""
    constants: dict[str, Constant] = Field(default_factory=dict)
    """Inputs that never change, by name."""
    state: dict[str, str] = Field(default_factory=dict)
    """Inputs that are an output of the run before: {input: output}. They start as zeros."""
    on_gap: Literal["reset", "carry"] = "reset"
    """What its state does where sound or rows were lost, or a source says that its stream broke."""
    features_from: str | None = Field(default=None, min_length=1)
    """MODEL/OUTPUT: whose output its features input reads, where a step doesn't say `from`. That model runs
    on the step's frame, once for all who read it."""
    trunks: bool = True
    """Whether it may be cut where it begins as other models do, so that what is common runs once."""
    pieces: Pieces | None = None
    """Cut into so many pieces, or into ones of so long at most, between which more urgent work runs; 1: stays
    whole. Left out: as the Scheduler document says."""
    answer: AnyAnswer = Field(default_factory=Raw)
    _batch_tuned: bool = PrivateAttr(default=False)  # a profile chose the batch, the document says none
    region: Region | None = None
    """The region that it wants of a box or of key points, when it runs once for each."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Where it may run; the processor is called cpu."""
        return (PROCESSOR,) if self.device is None else tuple(self.device)

    @property
    def on_lanes(self) -> bool:
        """Whether it runs on the processor's lanes alone."""
        return self.devices == (PROCESSOR,)

    @property
    def batch_tuned(self) -> bool:
        """Whether a Profile document chose the batch: where the model can't, it is left out."""
        return self._batch_tuned

    @model_validator(mode="after")
    def _one_way(self) -> Model:
        if self.input and self.inputs:
            raise PydanticCustomError("one_of", "say input (one tensor) or inputs (by name), not both")
        if not self.input and not self.inputs:
            raise PydanticCustomError("one_of", "say what feeds it: input, or inputs by the tensors' names")
        twice = sorted(
            (set(self.inputs) & set(self.constants)) | (set(self.state) & {*self.inputs, *self.constants})
        )
        if twice:
            text = "input {name} is fed twice: keep it in one of inputs, constants and state"
            raise PydanticCustomError("twice", text, {"name": repr(twice[0])})
        if self.batch > 1 and self.state:
            text = "a model with state runs once a frame, in order: leave batch out"
            raise PydanticCustomError("batch", text)
        return self
