"""The steps of a pipeline. Each has a name, and one key that says what it does."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from .base import Name, Part, Reference, References
from .joining import SensorJoin, SensorJoinStep
from .region import Region
from .step import Step
from .tracking import CountStep, LinesStep, MaskStep, Tiles, TrackStep, ZonesStep
from .units import Duration, Time

_FROM = AliasChoices("from", "from_")
Param = bool | int | float | str | list[int] | list[float] | list[str]


class ModelStep(Step):
    """Runs a model: on the frame, on another step's output, or once for each region."""

    KEY: ClassVar[str] = "model"
    model: Reference
    """A Model document's name, or zoo:NAME."""
    for_each: Name | None = None
    """Once for each box, key points or region of this step."""
    from_: Reference | dict[str, Reference] | None = Field(default=None, validation_alias=_FROM)
    """What a features input takes: STEP or STEP.TENSOR; for several inputs, {tensor: STEP.TENSOR}."""
    tiles: Tiles | None = None
    """Of a model that finds objects: looks at the frame tile by tile, for small objects in large frames."""


class Filter(Part):
    """Which detections stay."""

    from_: Reference = Field(validation_alias=_FROM)
    classes: Annotated[list[str | int], Field(min_length=1)] | None = None
    """Labels, or indices."""
    above: float | None = Field(default=None, ge=0, le=1)
    """The least score."""
    max_detections: int | None = Field(default=None, ge=1)
    min_size: float | None = Field(default=None, ge=0)
    """The least side, in pixels."""

    @model_validator(mode="after")
    def _of_something(self) -> Filter:
        if (
            self.classes is None
            and self.above is None
            and self.max_detections is None
            and self.min_size is None
        ):
            raise PydanticCustomError(
                "empty", "the filter keeps everything; say one of classes, above, max_detections and min_size"
            )
        return self


class FilterStep(Step):
    """Keeps some detections."""

    KEY: ClassVar[str] = "filter"
    filter: Filter


class Grid(Part):
    """The frame cut into a grid of regions."""

    rows: int = Field(default=1, ge=1)
    columns: int = Field(default=1, ge=1)
    overlap: float = Field(default=0.0, ge=0, lt=1)
    """Of neighbours, in sizes of a region."""


class Regions(Region):
    """Regions from detections or key points, or a grid."""

    from_: Reference | None = Field(default=None, validation_alias=_FROM)
    grid: Grid | None = None

    @model_validator(mode="after")
    def _one(self) -> Regions:
        if (self.from_ is None) == (self.grid is None):
            raise PydanticCustomError("one_of", "say one of from and grid")
        return self


class RegionsStep(Step):
    """Finds the parts of the frame that other steps look at."""

    KEY: ClassVar[str] = "regions"
    regions: Regions


class Condition(Part):
    """When a gate is open."""

    from_: Reference = Field(validation_alias=_FROM)
    above: float | None = None
    """Open above it. Say above or below."""
    below: float | None = None
    label: str | None = None
    """Of classes: the probability of this one is meant. Of a table's frame: this column."""
    index: int | None = Field(default=None, ge=0)
    """Which number of a row; left out, the score."""
    reduce: Literal["any", "all", "first"] = "any"
    """Which rows must satisfy it."""
    hold: Duration = Duration(0)
    """How long it stays open afterwards."""

    @model_validator(mode="after")
    def _one(self) -> Condition:
        if (self.above is None) == (self.below is None):
            raise PydanticCustomError("one_of", "say one of above and below")
        if self.label is not None and self.index is not None:
            raise PydanticCustomError("one_of", "say label or index, not both")
        return self


class ConditionStep(Step):
    """Opens and closes other steps."""

    KEY: ClassVar[str] = "condition"
    condition: Condition


class JoinStep(Step):
    """Merges the detections of several steps, and of all regions of each."""

    KEY: ClassVar[str] = "join"
    join: Annotated[list[Reference], Field(min_length=1)]
    iou: float = Field(default=0.5, ge=0, le=1)
    """Boxes that overlap more are one; the higher score wins."""
    class_aware: bool = True
    """Only boxes of the same class are."""


class Threshold(Part):
    """1 where a number is above; of detections, tracks, classes and key points where their score is."""

    from_: Reference = Field(validation_alias=_FROM)
    above: float


class ThresholdStep(Step):
    """Turns numbers to 0 and 1."""

    KEY: ClassVar[str] = "threshold"
    threshold: Threshold


class PythonCode(Part):
    """A transform that is a Python class; see docs/adding-a-transform.md."""

    TAG: ClassVar[str] = "<python>"
    python: Reference
    """module:Class, or file.py:Class beside the document."""
    limit: Time = Duration("1s")
    """How long a run may take; a longer one fails."""
    isolate: Literal["thread", "process"] = "thread"
    """Where it runs: a thread of its own, or a process of its own that is killed when it is late."""


class PluginCode(Part):
    """A transform of a shared library; see docs/adding-a-transform.md."""

    TAG: ClassVar[str] = "<plugin>"
    plugin: Reference
    """The library's path, from the document's folder."""
    operation: Reference
    """The name of its operation."""


def _code(value: object) -> str:
    if isinstance(value, (PythonCode, PluginCode)):
        return value.TAG
    if not isinstance(value, dict):
        return "<operation>"
    return PluginCode.TAG if "plugin" in value or "operation" in value else PythonCode.TAG


class TransformStep(Step):
    """Any operation of docs/operations.md, a Python class, or a plug-in's operation."""

    KEY: ClassVar[str] = "transform"
    transform: Annotated[
        Annotated[Reference, Tag("<operation>")]
        | Annotated[PythonCode, Tag(PythonCode.TAG)]
        | Annotated[PluginCode, Tag(PluginCode.TAG)],
        Discriminator(_code),
    ]
    """The operation's name, {python: "module:Class"}, or {plugin: library.so, operation: name}."""
    params: dict[str, Param] = Field(default_factory=dict)
    from_: References = Field(validation_alias=_FROM)
    """Its inputs in order: STEP, STEP.TENSOR, or frame."""
    for_each: Name | None = None
    """Once for each box, key points or region of this step; the region becomes its last input."""


KINDS: tuple[type[Step], ...] = (
    ModelStep,
    FilterStep,
    RegionsStep,
    ConditionStep,
    JoinStep,
    SensorJoinStep,
    ThresholdStep,
    TransformStep,
    TrackStep,
    ZonesStep,
    LinesStep,
    CountStep,
    MaskStep,
)


def tag(kind: type[Step]) -> str:
    """The tag by which pydantic tells the kinds apart; no document key looks so."""
    return f"<{getattr(kind, 'TAG', kind.KEY)}>"


def _choose(value: Any) -> str | None:
    if isinstance(value, Step):
        return tag(type(value))
    found = {kind.KEY: kind for kind in reversed(KINDS) if isinstance(value, dict) and kind.KEY in value}
    if len(found) != 1:
        return None
    if isinstance(value.get("join"), (dict, SensorJoin)):
        return tag(SensorJoinStep)
    return tag(next(iter(found.values())))


AnyStep = Annotated[
    Annotated[ModelStep, Tag("<model>")]
    | Annotated[FilterStep, Tag("<filter>")]
    | Annotated[RegionsStep, Tag("<regions>")]
    | Annotated[ConditionStep, Tag("<condition>")]
    | Annotated[JoinStep, Tag("<join>")]
    | Annotated[SensorJoinStep, Tag("<join of sensors>")]
    | Annotated[ThresholdStep, Tag("<threshold>")]
    | Annotated[TransformStep, Tag("<transform>")]
    | Annotated[TrackStep, Tag("<track>")]
    | Annotated[ZonesStep, Tag("<zones>")]
    | Annotated[LinesStep, Tag("<lines>")]
    | Annotated[CountStep, Tag("<count>")]
    | Annotated[MaskStep, Tag("<mask>")],
    Discriminator(
        _choose, custom_error_type="step_kind", custom_error_message="a step says what it does by one key"
    ),
]
