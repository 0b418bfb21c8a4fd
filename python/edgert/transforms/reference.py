"""How a transform in Python is named: `module:Class`, `file.py:Class`, or a name that was registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

from ..classes import find_class, located
from .base import Transform

__all__ = ["GROUP", "OPERATION", "find", "located", "params", "register", "registered"]

OPERATION = "python"
"""The operation that runs them."""
GROUP = "edgert.transforms"
"""Packages offer transforms as entry points of this group."""

T = TypeVar("T", bound=type[Transform])
_registered: dict[str, str] = {}


def register(name: str) -> Callable[[T], T]:
    """Registers a class under a name, which documents say as `transform: NAME`. Raises ValueError."""

    def add(made: T) -> T:
        reference = f"{made.__module__}:{made.__qualname__}"
        if _registered.setdefault(name, reference) != reference:
            raise ValueError(f"transform {name!r}: is there already ({_registered[name]}); use another name")
        return made

    return add


def registered() -> dict[str, str]:
    """References by name: those that were registered, and installed packages' entry points."""
    offered = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    return {**offered, **_registered}


def params(
    reference: str | type[Transform],
    arguments: Mapping[str, Any] | None = None,
    *,
    limit: float = 1.0,
    isolate: str = "thread",
) -> dict[str, Any]:
    """The parameters of the operation OPERATION, for a Move of a conversion. `limit` is in seconds."""
    if isinstance(reference, type):
        reference = f"{reference.__module__}:{reference.__qualname__}"
    said = json.dumps(dict(arguments or {}), sort_keys=True)
    return {"class": reference, "arguments": said, "limit": float(limit), "isolate": isolate}


def find(reference: str) -> type[Transform]:
    """The class. Raises ValueError that says what is wrong with the reference; what an import raises."""
    found = find_class(reference, "_edgert_transform_")
    if not callable(getattr(found, "format", None)) or not callable(getattr(found, "run", None)):
        raise ValueError(f"{reference} has no format() and run(); derive it from edgert.transforms.Transform")
    made: type[Transform] = found
    return made
