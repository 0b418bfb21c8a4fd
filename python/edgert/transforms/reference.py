"""How a transform in Python is named: `module:Class`, `file.py:Class`, or a name that was registered."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from .base import Transform

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


def located(reference: str, base: Path) -> str:
    """The same reference, with a file's path made absolute from the document's folder."""
    module, colon, name = reference.rpartition(":")
    if module.endswith(".py"):
        return f"{(base / module).resolve()}{colon}{name}"
    return reference


def find(reference: str) -> type[Transform]:
    """The class. Raises ValueError that says what is wrong with the reference; what an import raises."""
    module, _, name = reference.rpartition(":")
    if not module or not name:
        raise ValueError(f"{reference!r} names no class; write module:Class, or file.py:Class")
    found: Any = _load(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise ValueError(f"{module} has no {name!r}; correct the name after the colon")
        found = getattr(found, part)
    if not callable(getattr(found, "format", None)) or not callable(getattr(found, "run", None)):
        raise ValueError(f"{reference} has no format() and run(); derive it from edgert.transforms.Transform")
    made: type[Transform] = found
    return made


def _load(module: str) -> Any:
    if not module.endswith(".py"):
        return sys.modules.get(module) or importlib.import_module(module)
    path = Path(module)
    if not path.is_file():
        raise ValueError(f"there is no file {path}; correct the path before the colon")
    name = f"_edgert_transform_{path.stem}_{abs(hash(str(path.resolve())))}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[name] = loaded
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
