"""How a policy is named: a shipped or installed one's name, `module:Class`, or `file.py:Class`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..classes import ClassError, find_class, located
from ..policies import SHIPPED
from .base import Policy

GROUP = "edgert.policies"
"""Packages offer policies as entry points of this group."""


class Unknown(ValueError):
    """No policy is called so. `known` lists those that have names."""

    def __init__(self, what: str, known: list[str]) -> None:
        super().__init__(what)
        self.known = known


def known() -> dict[str, str]:
    """Classes by name: installed packages' and the shipped ones."""
    from importlib.metadata import entry_points

    return {**{entry.name: entry.value for entry in entry_points(group=GROUP)}, **SHIPPED}


def reference_of(named: str | type, base: Path = Path()) -> str:
    """`module:Class` or `/path/file.py:Class`. Raises Unknown, or ValueError for a class that another
    process couldn't find."""
    if isinstance(named, type):
        return _of_class(named)
    if named.endswith(".py"):
        raise ValueError(f"{named!r} names no class; write {named}:Class")
    if ":" not in named:
        offered = known()
        if named not in offered:
            raise Unknown(f"there is no policy {named!r}", sorted(offered))
        return offered[named]
    found = located(named, base)
    module = found.rpartition(":")[0]
    if module.endswith(".py") and not Path(module).is_file():
        raise ValueError(f"there is no file {module}; correct the path before the colon")
    return found


def _of_class(made: type) -> str:
    """The main program of a process is another one's file."""
    if "<locals>" in made.__qualname__:
        raise ValueError(f"{made.__qualname__} is made inside a function; put it at the top of a module")
    if made.__module__ != "__main__":
        return f"{made.__module__}:{made.__qualname__}"
    file = getattr(sys.modules["__main__"], "__file__", None)
    if file is None:
        raise ValueError(f"{made.__qualname__} is in no file; write it into one")
    return f"{Path(file).resolve()}:{made.__qualname__}"


def make(reference: str, params: dict[str, Any]) -> Policy:
    """An object of the class. Raises ValueError for what is no policy, and what the class itself raises."""
    module = reference.rpartition(":")[0]
    if module.endswith(".py"):
        sys.path.insert(0, str(Path(module).parent))
    found = find_class(reference, "_edgert_policy_")
    if not (isinstance(found, type) and issubclass(found, Policy)):
        what = "is no class derived from edgert.Policy"
        raise ClassError(f"{reference} {what}; derive it, or name another one")
    return found(**params)
