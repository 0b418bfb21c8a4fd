"""What the catalogue says of one artifact."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A pinned package of a registry. `size`: its file's, in bytes. `pool`: its folder on a Debian mirror."""

    key: str
    registry: str
    name: str
    version: str
    file: str
    size: int
    pool: str = ""

    @property
    def title(self) -> str:
        return f"{self.name} {self.version} ({self.registry})"


@dataclass(frozen=True)
class Recipe:
    """How an artifact is made: `module:function` of edgert.zoo.recipes and the artifacts that it needs."""

    target: str
    version: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One artifact: a file inside a package, or what a recipe makes.

    `size` (bytes) and `sha256` are of the artifact itself, and None for what a recipe makes.
    `span` is the byte range [begin, end) of the inner file, or None for all of it.
    """

    name: str
    kind: str
    task: str
    about: str
    licence: str
    file: str
    package: Package | None = None
    inner: str = ""
    span: tuple[int, int] | None = None
    size: int | None = None
    sha256: str | None = None
    recipe: Recipe | None = None

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        if self.package:
            return self.package.title
        return "made from " + ", ".join(self.recipe.sources if self.recipe else ())
