"""Profile: what was measured of models on a box, and what was chosen for it."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Document, Part, Reference
from .chosen import Chosen, Count
from .units import Time

Share = Annotated[float, Field(ge=0)]


class BoxDevice(Part):
    """A device beside the processor, on which models were measured."""

    name: str = Field(min_length=1)
    """As its Device document calls it."""
    type: str = Field(min_length=1)
    """As that says: sim, cuda."""
    what: str | None = None
    """Of a GPU: its name, memory and compute capability, as edgert doctor has them."""
    driver: str | None = None
    """Its driver's version, where that can be told."""


class Box(Part):
    """Where it was measured."""

    cpu: str = Field(min_length=1)
    """The processor's name."""
    cores: Count
    """Processor cores that the measuring process could use."""
    machine: str = Field(min_length=1)
    """x86_64, aarch64."""
    devices: list[BoxDevice] = Field(default_factory=list)


class Times(Part):
    """How long a run took: half, 90 % and 99 % of the runs took no longer."""

    p50: Time
    p90: Time
    p99: Time
    mean: Time
    spread: Share = 0.0
    """The middle half of the runs lies within this part of the median."""
    runs: Count
    """How many runs were timed."""

    @model_validator(mode="after")
    def _ascending(self) -> Times:
        if not self.p50 <= self.p90 <= self.p99:
            raise PydanticCustomError("order", "p50, p90 and p99 don't ascend; measure again")
        return self


class Point(Times):
    """Runs of one model, so many at once, each of them on so many threads and of so many items."""

    instances: Count
    """Of a device: its streams, each of which had a run all the time."""
    threads: Count
    batch: Count
    in_flight: Count | None = None
    """Of a device: the runs that each stream had at once, one that ran and those enqueued behind it."""
    throughput: float = Field(gt=0)
    """Items a second, of all instances together."""
    busy_cores: Share = 0.0
    """Processor time that it got, over time."""
    other_cores: Share = 0.0
    """Processor time that other processes got meanwhile, over time."""

    @property
    def place(self) -> tuple[int, int, int]:
        """(instances, threads, batch)."""
        return self.instances, self.threads, self.batch

    @property
    def taken(self) -> float:
        """What a run takes of its stream, over its mean: on a device it waits to be begun and to be told of,
        unless enough are enqueued behind each other."""
        if self.in_flight is None:
            return 1.0
        return max(1.0, self.instances * self.batch / (self.throughput * float(self.mean)))


class Together(Times):
    """Runs of one model on one thread while another ran on one, too; of a device, on one stream while another
    ran on a second one, or on the processor."""

    beside: Reference
    """The other model."""
    slowdown: float = Field(gt=0)
    """The median, over that of the model alone."""


SHARES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
"""Of the runs: those of a Spread."""


class Spread(Part):
    """How times are spread: `quantiles` are at 1, 10, 25, 50, 75, 90, 95, 99 and 99.9 % of the runs."""

    mean: Time
    runs: Count
    """How many were timed."""
    quantiles: Annotated[list[Time], Field(min_length=len(SHARES), max_length=len(SHARES))]

    @model_validator(mode="after")
    def _ascending(self) -> Spread:
        if any(later < sooner for sooner, later in pairwise(self.quantiles)):
            raise PydanticCustomError("order", "the quantiles don't ascend; measure again")
        return self

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return float(self.quantiles[SHARES.index(0.5)])


class Among(Spread):
    """Runs of one model among other work: between two of them its lane did something else, and so many lanes
    were at work, each with another model."""

    lanes: Count
    threads: Count
    other_cores: Share = 0.0
    """Processor time that other processes got meanwhile, over time."""
    again: Spread | None = None
    """Of runs that followed one of the same model; the others followed another one."""


class Spells(Part):
    """That slow runs come together, measured among other work. Slow are the slowest `share` of each model's
    runs."""

    lanes: Count
    """At work meanwhile."""
    runs: Count
    """Of all models; so many were looked at."""
    share: Share
    same: Annotated[float, Field(ge=0, le=1)]
    """Of the runs just after a slow one on its lane, so many are slow, too."""
    others: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The same on other lanes."""
    lasting: Time
    """After which time that is over but for 1/e."""


class TransformProfile(Spread):
    """Runs of one transform on synthetic data, or what one window takes of a stream's."""

    op: str = Field(min_length=1)
    key: str = Field(pattern="^[0-9a-f]{16}$")
    """Stands for the operation, its parameters and its inputs' formats."""


class SourceProfile(Part):
    """Frames of one sensor that replays files."""

    sensor: str = Field(min_length=1)
    key: str = Field(pattern="^[0-9a-f]{16}$")
    """Stands for what is read."""
    decode: Spread
    """From beginning with a frame until it was there."""
    work: Spread
    """Processor time of a frame."""


class FoundRows(Part):
    """How many regions a step found in a frame, of those for which something runs."""

    step: str = Field(min_length=1)
    """APPLICATION/PIPELINE/STEP."""
    frames: Count
    """In which it looked."""
    mean: float = Field(ge=0)
    most: int = Field(ge=0)
    scene: str = ""
    """What stood for the sensor's frames; empty: its own."""


class ModelProfile(Part):
    """What was measured of one model."""

    model: Reference
    """As steps call it."""
    file: str = Field(min_length=1)
    content: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the file."""
    backend: str = Field(min_length=1)
    device: str = "cpu:0"
    batch: Literal["free"] | Count = "free"
    """Items a run: as many as one likes, or this many, always."""
    points: list[Point] = Field(min_length=1)
    together: list[Together] = Field(default_factory=list)
    paced: Spread | None = None
    """Of a device: from being ready until the outputs were there, where nothing else was there and runs were
    far apart."""
    among: list[Among] = Field(default_factory=list)
    """Among other work: what simulations and the scheduler expect of runs."""
    notes: list[str] = Field(default_factory=list)
    """What could not be measured, and why."""

    @model_validator(mode="after")
    def _once(self) -> ModelProfile:
        seen = set()
        for point in self.points:
            if (point.place, point.in_flight) in seen:
                text = "two points have {place} instances, threads and items{in_flight}; keep one"
                flight = "" if point.in_flight is None else f", and {point.in_flight} in flight"
                said = {"place": ", ".join(map(str, point.place)), "in_flight": flight}
                raise PydanticCustomError("twice", text, said)
            seen.add((point.place, point.in_flight))
        counts = [(one.lanes, one.threads) for one in self.among]
        if len(set(counts)) < len(counts):
            raise PydanticCustomError("twice", "`among` has a number of lanes twice; keep one")
        return self


class PieceTimes(Part):
    """A piece of models that begin alike."""

    title: str = Field(min_length=1)
    """trunk of A and B; rest of A."""
    content: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of its file."""
    took: Time
    """A run of it."""


class TrunkTimes(Part):
    """CPU time of a run of each of some models that begin alike: whole, and in the pieces that they share."""

    models: list[str] = Field(min_length=2)
    """Their documents' names."""
    contents: list[str] = Field(min_length=2)
    """SHA-256 of their files."""
    threads: Count = 1
    whole: Time
    together: Time
    """In pieces."""
    pieces: list[PieceTimes] = Field(min_length=2)


class CutTimes(Part):
    """CPU time of a run of one model that was asked to run in pieces: whole, and in pieces, one after
    another. Without `cuts` it stays whole: a run is short enough."""

    model: str = Field(min_length=1)
    """Its document's name."""
    content: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of its file."""
    threads: Count = 1
    count: int | None = Field(default=None, ge=2)
    """The pieces that were asked for; or:"""
    longest: Time | None = None
    """What a piece was to take at most."""
    whole: Time
    together: Time | None = None
    """In pieces."""
    cuts: list[Annotated[int, Field(ge=1)]] = Field(default_factory=list)
    """Before these operators, in the file's order, counted from 0."""
    pieces: list[PieceTimes] = Field(default_factory=list)


class Profile(Document):
    """What `edgert profile` measured, or `edgert tune` measured and chose."""

    KIND: ClassVar[str] = "Profile"

    kind: Literal["Profile"] = "Profile"
    box: Box
    edgert: str = Field(min_length=1)
    """The version that measured it."""
    engines: dict[str, str]
    """Versions, by backend."""
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
    """When, in UTC; in quotes."""
    models: list[ModelProfile] = Field(default_factory=list)
    transforms: list[TransformProfile] = Field(default_factory=list)
    """Of the documents' ways to models."""
    rows: list[FoundRows] = Field(default_factory=list)
    """Regions that the documents' steps find."""
    sources: list[SourceProfile] = Field(default_factory=list)
    """Of the documents' recordings."""
    spells: Spells | None = None
    """In which slow runs come."""
    wake: Spread | None = None
    """From a frame's arrival to the first run of a lane that slept."""
    push: Spread | None = None
    """Processor time that a Python thread takes to wake and push a frame."""
    chosen: Chosen | None = None
    trunks: list[TrunkTimes] = Field(default_factory=list)
    """What sharing layers saves."""
    pieces: list[CutTimes] = Field(default_factory=list)
    """How long models are cut."""

    @model_validator(mode="after")
    def _once(self) -> Profile:
        names = [(model.model, model.device) for model in self.models]
        if twice := [name for index, name in enumerate(names) if name in names[:index]]:
            text = "{name} is there twice; keep one of them"
            raise PydanticCustomError("twice", text, {"name": twice[0][0]})
        return self
