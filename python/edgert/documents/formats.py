"""What pushed frames look like, said in a document. A dumped format is what the native module takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Columns, Part
from .units import Rate

MOST_CHANNELS = 64
LARGEST = 16384  # pixels of a side

Speed = Literal["original", "max"]
Pixel = Literal["yuv420p", "nv12", "yuyv422", "rgb24", "bgr24", "gray", "yuv420p10le", "p010le"]


class ImageFormat(Part):
    """Pictures."""

    kind: Literal["image"] = "image"
    pixel: Pixel = "rgb24"
    width: int = Field(default=0, ge=0, le=LARGEST)
    """Pixels; left out: known only when a frame comes."""
    height: int = Field(default=0, ge=0, le=LARGEST)
    range: Literal["video", "full"] = "video"
    """Of YUV: luma in 16..235, or 0..255."""
    matrix: Literal["bt601", "bt709"] = "bt601"
    siting: Literal["left", "centre", "top_left"] = "left"

    @model_validator(mode="after")
    def _both(self) -> ImageFormat:
        if bool(self.width) != bool(self.height) or (not self.width and "width" in self.model_fields_set):
            raise PydanticCustomError(
                "pair", "say width and height, at least 1 each, or leave both out where only frames say them"
            )
        return self


class AudioFormat(Part):
    """Chunks of samples."""

    kind: Literal["audio"] = "audio"
    rate: int = Field(default=16000, ge=1)
    """Hz."""
    channels: int = Field(default=1, ge=1, le=MOST_CHANNELS)
    dtype: Literal["float32", "int16"] = "float32"
    max_chunk: int = Field(default=1600, ge=1)
    """Samples a channel, at most, in one chunk."""


class TableFormat(Part):
    """Rows of numbers."""

    kind: Literal["table"] = "table"
    columns: Columns
    rate: Rate
    max_rows: int = Field(default=1, ge=1)
    """Rows, at most, in one chunk."""


FrameFormat = Annotated[ImageFormat | AudioFormat | TableFormat, Field(discriminator="kind")]
