"""What is left of a document that isn't valid: enough of it to find what else is wrong with it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from .base import NAME, Document, Origin, Route

LOST = "-"
"""The operation of a step that stands for one that isn't valid. What it would give isn't known."""
ANY_INPUT: dict[str, Any] = {"features": {}}
ANY_SINK = {"type": "record", "folder": ".", "clips": False, "snapshot": True}


def salvage(kind: type[Document], data: Any, wrong: Iterable[Route], origin: Origin) -> Document | None:
    """The document without what is wrong with it, to be checked and not to be run; None when too little of
    it is left. Steps and sinks that are wrong leave something in their place: the others keep theirs."""
    routes = list(wrong)
    for made in (_without_keys(data, routes), _without_parts(data, routes)):
        if kind.KIND == "Model" and "inputs" not in made:
            made.setdefault("input", ANY_INPUT)
        try:
            document = kind.model_validate(made)
        except ValidationError:
            continue
        document._origin = origin
        return document
    return None


def _without_keys(data: Any, wrong: Iterable[Route]) -> dict[str, Any]:
    """Each wrong key is left out, and nothing else."""
    rest: dict[str, Any] = copy.deepcopy(data)
    for route in wrong:
        holder: Any = rest
        for key in route[:-1]:
            holder = holder[key] if isinstance(holder, (dict, list)) else None  # type: ignore[index]
        if route and isinstance(holder, dict):
            holder.pop(route[-1], None)
    return rest


def _without_parts(data: Any, wrong: Iterable[Route]) -> dict[str, Any]:
    """The keys of the document, and the steps and sinks, in which something is wrong are left out."""
    rest: dict[str, Any] = copy.deepcopy(data)
    for route in wrong:
        key = str(route[0]) if route else ""
        if key in ("steps", "sinks") and len(route) > 1:
            index = int(route[1])
            rest[key][index] = _step(rest[key][index], index) if key == "steps" else ANY_SINK
        else:
            rest.pop(key, None)
    return rest


def _step(said: Any, index: int) -> dict[str, Any]:
    name = said.get("name") if isinstance(said, dict) else None
    kept = name if isinstance(name, str) and re.match(NAME, name) else f"step-{index + 1}"
    return {"name": kept, "transform": LOST, "from": "frame"}
