"""What all steps of a pipeline share."""

from __future__ import annotations

from typing import ClassVar

from .base import Name, Part


class Step(Part):
    """What all steps share."""

    KEY: ClassVar[str] = ""

    name: Name
    when: Name | None = None
    """A condition: the step runs only while it is open."""
    sensor: Name | None = None
    """Whose frames it works on; left out, those of the steps that it reads, else of the pipeline's sensor.
    What works on another sensor's frames is read through a join."""
