"""The part of a frame that a model looks at, from another step's boxes or key points."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Part
from .features import as_list

Scale = Annotated[
    list[Annotated[float, Field(gt=0, le=1000)]],
    BeforeValidator(as_list, json_schema_input_type=float | list[float]),
    Field(min_length=1),
]

ONLY_DETECTIONS = ("centre_on", "size_to", "max_regions")
ONLY_KEYPOINTS = ("points",)


class Region(Part):
    """How a box, or the box around key points, becomes a region."""

    scale: Scale | None = Field(default=None, max_length=2)
    """The region's side over the box's: one number, or one for x and one for y."""
    square: bool = False
    rotate_from: int | None = Field(default=None, ge=0)
    """The line from this key point to `rotate_to` is turned to `target_angle`."""
    rotate_to: int | None = Field(default=None, ge=0)
    target_angle: float | None = Field(default=None, ge=-360, le=360)
    """Degrees."""
    shift_x: float | None = None
    """In sizes of the box, along the turned axes."""
    shift_y: float | None = None
    centre_on: int | None = Field(default=None, ge=0)
    """A circle around this key point, through `size_to`, instead of the box."""
    size_to: int | None = Field(default=None, ge=0)
    max_regions: int | None = Field(default=None, ge=1)
    min_score: float | None = Field(default=None, ge=0, le=1)
    points: list[Annotated[int, Field(ge=0)]] | None = Field(default=None, min_length=1)
    """Key points around which the box is taken; left out, all."""

    @model_validator(mode="after")
    def _in_pairs(self) -> Region:
        for one, other in (("rotate_from", "rotate_to"), ("centre_on", "size_to")):
            if (getattr(self, one) is None) != (getattr(self, other) is None):
                text = f"{one} and {other} belong together: a line from one key point to another; say both"
                raise PydanticCustomError("pair", "{text}", {"text": text})
        return self

    def params(self) -> dict[str, Any]:
        """The parameters of regions.from_detections or regions.from_keypoints: what was said."""
        names = Region.model_fields
        said = {name: getattr(self, name) for name in names}
        return {name: value for name, value in said.items() if value is not None}
