"""What all documents share: strict parts, names, and where in which file each value was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    Strict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from ..hiding import HIDDEN, can_be_read, without_credentials

Key = str | int
Route = tuple[Key, ...]
"""The keys and indices that lead from a document's top to a value."""

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=100)]
Reference = Annotated[str, StringConstraints(min_length=1)]


def _listed(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


References = Annotated[
    list[Reference], BeforeValidator(_listed, json_schema_input_type=Reference | list[Reference])
]
"""One reference, or a list of them."""


def _distinct(value: list[str]) -> list[str]:
    for index, word in enumerate(value):
        if word in value[:index]:
            raise PydanticCustomError("twice", "{word} is there twice; name each once", {"word": repr(word)})
    return value


Devices = Annotated[
    list[Reference],
    BeforeValidator(_listed, json_schema_input_type=Reference | list[Reference]),
    Field(min_length=1, max_length=16),
    AfterValidator(_distinct),
]
"""The name of a device, or of several, each once."""
Columns = Annotated[list[Reference], Field(min_length=1), AfterValidator(_distinct)]
"""Names of columns, each once."""


def readable(value: str) -> str:
    """Raises PydanticCustomError for an address that has no host, or a port that is none."""
    if not can_be_read(value):
        text = (
            "the address can't be read; write SCHEME://HOST:PORT/PATH, and in a password %2F for /, "
            "%40 for @ and %3A for :"
        )
        raise PydanticCustomError("address", "{text}", {"text": text})
    return value


Pair = Annotated[tuple[float, float], Strict(False)]


@dataclass(frozen=True)
class Origin:
    """Where a document was written: its file and, for each value, its line (from 1)."""

    file: Path
    lines: Mapping[Route, int] = field(default_factory=dict)

    def line(self, route: Route) -> int:
        """The line of that value, or of the nearest one around it."""
        while route not in self.lines and route:
            route = route[:-1]
        return self.lines.get(route, 1)


class Part(BaseModel):
    """A part of a document: unknown keys are refused, and text isn't taken for a number."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            if isinstance(value, str):
                value = HIDDEN if name == "user" else without_credentials(value)
            yield name, value


class Document(Part):
    """A document of one kind."""

    KIND: ClassVar[str] = ""

    name: Name
    """How other documents call it: letters, digits, - and _."""

    _origin: Origin | None = PrivateAttr(default=None)

    @property
    def origin(self) -> Origin | None:
        """Where it was written; None when it was made in Python."""
        return self._origin

    @property
    def key(self) -> str:
        """What tells it from the others of its kind."""
        return self.name

    @property
    def title(self) -> str:
        """ "Kind/name", as messages say it."""
        return f"{self.KIND}/{self.name}"

    @property
    def base(self) -> Path:
        """The folder that relative paths start from: the document's own, or the current one."""
        return self._origin.file.parent if self._origin else Path()
