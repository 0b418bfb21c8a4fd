"""Steps after detection: who is who, who is where, who crossed what, and how many."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AliasChoices, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Name, Pair, Part, Reference
from .shapes import check_ends, check_outline
from .step import Step
from .units import Duration

_FROM = AliasChoices("from", "from_")
Share = Annotated[float, Field(ge=0, le=1)]
Outline = Annotated[list[Pair], Field(min_length=3, max_length=1000), AfterValidator(check_outline)]
Ends = Annotated[list[Pair], Field(min_length=2, max_length=2), AfterValidator(check_ends)]
Classes = Annotated[list[str | int], Field(min_length=1)]
FAR = 0.5  # of the frame, by which a relative place may lie outside of it


class Track(Part):
    """How boxes become tracks (ByteTrack, aware of the time between frames)."""

    from_: Reference = Field(validation_alias=_FROM)
    high: Share = 0.5
    """Sure boxes have more."""
    low: Share = 0.1
    """Boxes with no more are not looked at; give the Model document a min_score that lets them through."""
    new: Share | None = None
    """The least score of a box that begins a track; left out 0.6, or `high` where that is more."""
    match_iou: Share = 0.2
    """Overlap times score above which a sure box belongs to a track."""
    match_iou_low: Share = 0.5
    """Overlap above which an unsure box does."""
    match_iou_new: Share = 0.3
    """Overlap times score above which a sure box confirms a tentative track."""
    grow: float = Field(default=0.0, ge=0, le=2)
    """Boxes are grown by this share of their size before they overlap: for fast objects or few frames."""
    confirm: int = Field(default=2, ge=1, le=1000)
    """Sightings until a track is confirmed."""
    keep: Duration = Duration(1.0)
    """For how long a track that isn't seen may be found again."""
    class_aware: bool = True
    """A track has boxes of one class only."""
    max_tracks: int = Field(default=256, ge=1, le=1024)
    show: Literal["confirmed", "lost", "all"] = "confirmed"
    """What is given out: confirmed tracks that are seen, also lost ones where they should be, also
    tentative ones."""

    @model_validator(mode="after")
    def _ordered(self) -> Track:
        if self.low > self.high:
            raise PydanticCustomError("order", "low must not be above high")
        if self.new is not None and self.new < self.high:
            raise PydanticCustomError("order", "new must not be below high")
        return self

    def params(self) -> dict[str, Any]:
        """The parameters of track.boxes."""
        said = self.model_dump(exclude={"from_", "keep"}, exclude_none=True)
        return {**said, "keep_ms": float(self.keep) * 1000}


class TrackStep(Step):
    """Follows detections from frame to frame."""

    KEY: ClassVar[str] = "track"
    track: Track


class Placed(Part):
    """What has places in the frame."""

    from_: Reference = Field(validation_alias=_FROM)
    units: Literal["relative", "pixels"] = "relative"
    """Places are in 0..1 of the frame's width and height, or in its pixels."""

    @abstractmethod
    def outlines(self) -> list[list[Pair]]:
        """The places, in order."""

    @model_validator(mode="after")
    def _near(self) -> Placed:
        numbers = [number for outline in self.outlines() for spot in outline for number in spot]
        if self.units == "relative" and any(not -FAR <= number <= 1 + FAR for number in numbers):
            raise PydanticCustomError(
                "far", "a place lies outside of the frame; are these pixels? say units: pixels"
            )
        return self

    def place_params(self) -> dict[str, Any]:
        """The parameters that say where."""
        outlines = self.outlines()
        return {
            "points": [float(number) for outline in outlines for spot in outline for number in spot],
            "sizes": [len(outline) for outline in outlines],
            "relative": self.units == "relative",
        }


class Zones(Placed):
    """Polygons, and who counts as inside."""

    zones: Annotated[dict[Name, Outline], Field(min_length=1, max_length=32)]
    by: Literal["foot", "centre", "overlap"] = "foot"
    """Inside is whose lower middle, or whose centre is; or of whose box at least `share` is."""
    share: Share = 0.5
    enter_after: Duration = Duration(0.0)
    """Who stays shorter has not entered."""
    leave_after: Duration = Duration(1.0)
    """Who is back (or found again) within this time has not left."""
    classes: Classes | None = None
    """Classes that are counted apart, too."""
    window: Duration | None = None
    """Entered and left are counted over so much time; left out, since the start."""

    def outlines(self) -> list[list[Pair]]:
        """The zones' outlines."""
        return list(self.zones.values())


class ZonesStep(Step):
    """Who is in which zone, since when, and how many came and went."""

    KEY: ClassVar[str] = "zones"
    zones: Zones


class Lines(Placed):
    """Lines that are crossed."""

    lines: Annotated[dict[Name, Ends], Field(min_length=1, max_length=32)]
    """From a point to another. Forward leads to the right of who looks along it: downwards, where it is drawn
    from left to right."""
    by: Literal["foot", "centre"] = "foot"
    margin: float = Field(default=0.05, ge=0, le=10)
    """How far beyond the line, in heights of its box, a track must get to have crossed."""
    classes: Classes | None = None
    """Classes that are counted apart, too."""
    window: Duration | None = None
    """Crossings are counted over so much time; left out, since the start."""

    def outlines(self) -> list[list[Pair]]:
        """The lines' ends."""
        return list(self.lines.values())


class LinesStep(Step):
    """Who crossed which line, which way."""

    KEY: ClassVar[str] = "lines"
    lines: Lines


class Count(Part):
    """How many are in the frame."""

    from_: Reference = Field(validation_alias=_FROM)
    leave_after: Duration = Duration(1.0)
    """Who is found again within this time has not left."""
    classes: Classes | None = None
    """Classes that are counted apart, too."""
    window: Duration | None = None
    """Those who came and went are counted over so much time; left out, since the start."""


class CountStep(Step):
    """Counts the tracks of a step."""

    KEY: ClassVar[str] = "count"
    count: Count


class Mask(Placed):
    """Areas whose detections are dropped, or kept."""

    areas: Annotated[list[Outline], Field(min_length=1, max_length=256)]
    by: Literal["foot", "centre", "overlap"] = "foot"
    """Inside is whose lower middle, or whose centre is; or of whose box at least `share` is."""
    share: Share = 0.5
    keep: Literal["outside", "inside"] = "outside"

    def outlines(self) -> list[list[Pair]]:
        """The areas' outlines."""
        return self.areas


class MaskStep(Step):
    """Drops the detections in some areas, or keeps only those."""

    KEY: ClassVar[str] = "mask"
    mask: Mask


class Tiles(Part):
    """A frame looked at in overlapping tiles, each at the model's full resolution."""

    columns: int = Field(default=2, ge=1, le=64)
    rows: int = Field(default=2, ge=1, le=64)
    overlap: float = Field(default=0.2, ge=0, le=0.95)
    """Of neighbours, in sizes of a tile; as large as the objects that the whole frame would miss."""
    whole: bool = True
    """The whole frame, too: for what is larger than a tile."""
    iou: Share = 0.5
    """Boxes that overlap more are one object."""
    inside: Share = 0.6
    """A box that a tile's edge cuts, and of which more lies in another box, is a piece of that object."""

    def grid(self) -> dict[str, Any]:
        """The parameters of regions.grid."""
        return self.model_dump(include={"columns", "rows", "overlap", "whole"})
