"""Policy: who decides what runs first and how much is admitted."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from .base import Document, Reference
from .units import Duration, Time

LEAST, MOST = 0.001, 3600.0  # s


class Policy(Document):
    """A Python class that is asked for decisions while everything runs."""

    KIND: ClassVar[str] = "Policy"

    kind: Literal["Policy"] = "Policy"
    policy: Reference
    """A shipped or installed one's name, or a class: module:Class, or file.py:Class."""
    params: dict[str, Any] = Field(default_factory=dict)
    """What the class is made with."""
    period: Annotated[Time, Field(ge=LEAST, le=MOST)] = Duration(0.1)
    """How often it is asked."""
    limit: Annotated[Time, Field(ge=LEAST, le=MOST)] | None = None
    """What a call may take before its process is killed; left out, two periods."""
