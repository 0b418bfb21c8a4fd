"""Application: a tenant that owns pipelines."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .base import Document


class Application(Document):
    """Who owns pipelines, and its share of the box."""

    KIND: ClassVar[str] = "Application"

    kind: Literal["Application"] = "Application"
    weight: float = Field(default=1.0, gt=0, le=1_000_000)
    """Its share when work is more than the box can do, over the others'."""
