"""What data is on its way from a sensor to a model, and what it must be at the end.

A format has a `spec`, what the core knows of it (a frame's format, or a tensor's dtype and shape), and a
`meaning`: what was done to it so far. Both are plain facts, so that a source or a transform can bring words
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..native import described, frame_described
from ..shapes import matches
from .frozen import Frozen

TENSOR = "tensor"


@dataclass(frozen=True)
class Format:
    """A place of the search."""

    spec: Frozen
    meaning: Frozen = field(default_factory=Frozen)

    @classmethod
    def of(cls, spec: Mapping[str, Any], **meaning: Any) -> Format:
        """The format of a value with that spec."""
        return cls(Frozen(spec), Frozen(meaning))

    @property
    def kind(self) -> str:
        """The kind of a sensor's frames (image, audio, table, or another word), else tensor."""
        return str(self.spec["kind"] or TENSOR)

    @property
    def shape(self) -> list[int]:
        """A tensor's; -1 is known at run time."""
        return list(self.spec["shape"] or ())

    def __getitem__(self, fact: str) -> Any:
        return self.meaning[fact]

    def __str__(self) -> str:
        return described(self.spec) if self.kind == TENSOR else frame_described(self.spec)


@dataclass(frozen=True)
class Goal:
    """What a model's input must be."""

    tensor: Frozen
    """name, dtype and shape, as the model file says."""
    meaning: Frozen
    """What must hold of the data. A value is None or the parameters of the transform that makes it hold, so
    that conversions find there what to aim at."""
    encoding: Frozen = field(default_factory=Frozen)
    """quant_scale and quant_zero, where values are stored as integers."""

    @classmethod
    def of(cls, tensor: Mapping[str, Any], meaning: Mapping[str, Any], **encoding: Any) -> Goal:
        """The goal of this tensor."""
        return cls(Frozen(tensor), Frozen(meaning), Frozen(encoding))

    @property
    def dtype(self) -> str:
        return str(self.tensor["dtype"])

    @property
    def shape(self) -> list[int]:
        return list(self.tensor["shape"])

    def __getitem__(self, fact: str) -> Any:
        return self.meaning[fact]

    def __str__(self) -> str:
        return f"input {self.tensor['name']!r} of the model wants {described(self.tensor)}"

    def unmet(self, given: Format) -> list[str]:
        """The facts that don't hold yet; "rows" when there are several where the model takes one."""
        lacking = [key for key, value in self.meaning.items() if given[key] != value]
        return [*lacking, "rows"] if given["rows"] else lacking

    def meant(self, given: Format) -> bool:
        """Whether the data is right, whatever its shape and type."""
        return given.kind == TENSOR and not self.unmet(given)

    def met_by(self, given: Format) -> bool:
        """Whether the model can take it."""
        return self.meant(given) and given.spec["dtype"] == self.dtype and matches(given.shape, self.shape)

    def far(self, given: Format) -> tuple[int, int, int]:
        """How far a format is from it: for saying which ones come nearest."""
        if given.kind != TENSOR:
            return len(self.meaning) + 1, 1, 1
        return (
            len(self.unmet(given)),
            int(not matches(given.shape, self.shape)),
            int(given.spec["dtype"] != self.dtype),
        )
