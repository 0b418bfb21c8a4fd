"""Sensors whose sources are in C++."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Part
from .formats import FrameFormat, ImageFormat, Speed
from .units import Duration, Time


class GstreamerSource(Part):
    """A GStreamer pipeline."""

    type: Literal["gstreamer"] = "gstreamer"
    pipeline: str = Field(min_length=1)
    """As gst-launch-1.0 takes it; its last element gives raw video, in I420, NV12, YUY2, RGB, BGR,
    GRAY8, I420_10LE or P010_10LE."""
    format: ImageFormat | None = None
    """What the pictures are, as far as plans want to know it; each says it itself when it comes."""
    timeout: Time = Duration(10)
    """The longest silence."""
    speed: Speed = "original"
    """Of recordings. A live pipeline has its own pace."""
    wait: int = Field(default=2, ge=1, le=64)
    """Pictures that may wait to be taken; of a live pipeline the oldest go."""
    budget: int = Field(default=32, ge=1, le=4096)
    """Pictures that may be held at once; more are left out and counted. A camera has few buffers."""


class LibrarySource(Part):
    """A source of one's own in a shared library."""

    type: Literal["library"] = "library"
    library: str = Field(min_length=1)
    """A file; a relative one starts at this document's folder."""
    format: FrameFormat
    """What its frames are."""
    params: dict[str, bool | int | float | str | list[int] | list[float] | list[str]] = Field(
        default_factory=dict
    )
    """What the library wants to know."""
