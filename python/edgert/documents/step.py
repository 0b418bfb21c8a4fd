"""What all steps of a pipeline share."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, Field, model_validator

from .base import Name, Part
from .reuse import Unchanged, no_two
from .units import Duration


class Step(Part):
    """What all steps share."""

    KEY: ClassVar[str] = ""

    name: Name
    when: Name | None = None
    """A condition: the step runs only while it is open."""
    sensor: Name | None = None
    """Whose frames it works on; left out, those of the steps that it reads, else of the pipeline's sensor.
    What works on another sensor's frames is read through a join."""
    max_age: Duration | None = None
    """This pipeline takes the step's last result if it is not older; left out, or 0: it is computed anew."""
    while_: Unchanged | None = Field(default=None, validation_alias=AliasChoices("while", "while_"))
    """It takes the last result as long as the scene looks as it did."""

    @model_validator(mode="after")
    def _served_in_one_way(self) -> Step:
        no_two(self.max_age, self.while_)
        return self
