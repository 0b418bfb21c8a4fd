"""How messages call a value of a document: by its whole path of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Route


def named(route: Route, data: Any = None) -> str:
    """ "'source.url'", "item 2 of 'input.image.mean'", "'zones.leave_after' of step 'doors'". `data` is the
    document's, for the names of its steps."""
    said, path = "", ""
    for depth, key in enumerate(route):
        if isinstance(key, str):
            path = f"{path}.{key}" if path else key
            continue
        said = _step(route[: depth + 1], data) or _of(
            f"item {key + 1}", _of(f"'{path}'" if path else "", said)
        )
        path = ""
    return _of(f"'{path}'" if path else "", said) or "the document"


def within(route: Route, data: Any = None) -> str:
    """ " in 'source'", where the last key of the route stands; empty at the top of the document."""
    return f" in {named(route[:-1], data)}" if len(route) > 1 else ""


def _of(what: str, whole: str) -> str:
    return f"{what} of {whole}" if what and whole else what or whole


def _step(route: Route, data: Any) -> str:
    """A step by its name, or by its number where it has none; empty where it isn't one."""
    if len(route) != 2 or route[0] != "steps":
        return ""
    steps = data.get("steps") if isinstance(data, Mapping) else None
    index = int(route[1])
    step = steps[index] if isinstance(steps, list) and index < len(steps) else None
    name = step.get("name") if isinstance(step, Mapping) else None
    return f"step {name!r}" if isinstance(name, str) else f"step {index + 1}"
