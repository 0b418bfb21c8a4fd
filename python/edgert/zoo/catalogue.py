"""Reads catalogue.yaml: the names of the zoo and what stands behind each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from .entry import Entry, Package, Recipe
from .errors import ZooError

FILE = Path(__file__).with_name("catalogue.yaml")


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """All artifacts by name, in the catalogue's order."""
    import yaml

    return parse(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parse(document: Mapping[str, Any]) -> dict[str, Entry]:
    """The artifacts of a loaded catalogue document."""
    packages = {key: Package(key=key, **fields) for key, fields in document["packages"].items()}
    return {name: _entry(name, fields, packages) for name, fields in document["artifacts"].items()}


def find(name: str) -> Entry:
    """The entry of that name. Raises ZooError, with the nearest names, when there is none."""
    known = entries()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "run `edgert zoo list` for all names"
    raise ZooError("zoo", f"unknown name {name!r}", hint)


def siblings(package: Package) -> list[Entry]:
    """All artifacts that come out of this package."""
    return [entry for entry in entries().values() if entry.package == package]


def _entry(name: str, fields: Mapping[str, Any], packages: Mapping[str, Package]) -> Entry:
    fields = dict(fields)
    package = fields.pop("package", None)
    span = fields.pop("span", None)
    return Entry(
        name=name,
        package=packages[package] if package else None,
        span=(int(span[0]), int(span[1])) if span else None,
        recipe=_recipe(fields),
        **fields,
    )


def _recipe(fields: dict[str, Any]) -> Recipe | None:
    target = fields.pop("recipe", None)
    version = fields.pop("version", 0)
    sources = tuple(fields.pop("sources", ()))
    return Recipe(target, version, sources) if target else None
