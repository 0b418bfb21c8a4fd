"""The part of a frame that a model looks at, from another step's boxes or key points."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Part
from .features import Numbers

ONLY_DETECTIONS = ("centre_on", "size_to", "max_regions")
ONLY_KEYPOINTS = ("points",)


class Region(Part):
    """How a box, or the box around key points, becomes a region."""

    scale: Numbers | None = Field(default=None, max_length=2)
    """The region's side over the box's: one number, or one for x and one for y."""
    square: bool = False
    rotate_from: int | None = Field(default=None, ge=0)
    """The line from this key point to `rotate_to` is turned to `target_angle`."""
    rotate_to: int | None = Field(default=None, ge=0)
    target_angle: float | None = None
    """Degrees."""
    shift_x: float | None = None
    """In sizes of the box, along the turned axes."""
    shift_y: float | None = None
    centre_on: int | None = Field(default=None, ge=0)
    """A circle around this key point, through `size_to`, instead of the box."""
    size_to: int | None = Field(default=None, ge=0)
    max_regions: int | None = Field(default=None, ge=1)
    min_score: float | None = Field(default=None, ge=0, le=1)
    points: list[int] | None = Field(default=None, min_length=1)
    """Key points around which the box is taken; left out, all."""

    def params(self) -> dict[str, Any]:
        """The parameters of regions.from_detections or regions.from_keypoints: what was said."""
        names = Region.model_fields
        said = {name: getattr(self, name) for name in names}
        return {name: value for name, value in said.items() if value is not None}
