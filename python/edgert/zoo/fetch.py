"""Brings artifacts into the cache: from a package, by a client or over HTTP, or by a recipe."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from . import archive, cache, catalogue, clients
from .entry import Entry, Package
from .errors import ZooError
from .progress import Progress, Silent


def get(name: str, progress: Progress | None = None) -> Path:
    """The path of that artifact, fetched or made first when the cache doesn't hold it intact."""
    return _obtain(catalogue.find(name), progress or Silent())


def get_many(names: Iterable[str], progress: Progress | None = None) -> dict[str, Path]:
    """The paths of these artifacts. Each package is fetched once."""
    chosen = [catalogue.find(name) for name in dict.fromkeys(names)]
    progress = progress or Silent()
    needed = _with_sources(chosen)
    for package in dict.fromkeys(entry.package for entry in needed if entry.package):
        fetch_package(package, [entry for entry in needed if entry.package == package], progress)
    return {entry.name: _obtain(entry, progress) for entry in chosen}


def fetch_package(package: Package, entries: Iterable[Entry], progress: Progress) -> None:
    """Puts these artifacts of one package in the cache; what is there already is left alone."""
    entries = list(entries)
    if not _missing(entries):
        return
    with cache.lock(package.key):
        if missing := _missing(entries):
            _fetch(package, missing, progress)


def _obtain(entry: Entry, progress: Progress) -> Path:
    if found := cache.lookup(entry):
        return found
    if entry.recipe:
        from .kitchen import make

        return make(
            entry, [_obtain(catalogue.find(name), progress) for name in entry.recipe.sources], progress
        )
    assert entry.package
    fetch_package(entry.package, [entry], progress)
    return cache.path(entry)


def _with_sources(entries: list[Entry]) -> list[Entry]:
    """These artifacts, and those that the recipes of what isn't made yet need, down to what is fetched."""
    unmade = [entry for entry in entries if entry.recipe and not cache.lookup(entry)]
    names = [name for entry in unmade if entry.recipe for name in entry.recipe.sources]
    sources = _with_sources([catalogue.find(name) for name in names]) if names else []
    return list(dict.fromkeys(entries + sources))


def _missing(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if not cache.lookup(entry)]


def _fetch(package: Package, entries: list[Entry], progress: Progress) -> None:
    if _by_client(package):
        with cache.staging() as folder:
            whole = clients.download(package, folder, progress)
            # Another version than the catalogue's may differ in what nobody asked for.
            along = catalogue.siblings(package) if whole.name == package.file else ()
            _unpack(whole, _missing({*entries, *along}))
    else:
        from . import direct

        direct.fetch(package, entries, progress)
    _require(package, entries)


def _by_client(package: Package) -> bool:
    way = os.environ.get("EDGERT_ZOO_FETCH", "auto")
    if way not in ("auto", "client", "http"):
        raise ZooError("EDGERT_ZOO_FETCH", f"is {way!r}", "set it to auto, client or http")
    if way == "auto" and package.registry == "debian" and os.environ.get("EDGERT_DEBIAN_MIRROR"):
        return False  # a mirror is named: apt-get would need lists of packages, which only root can fetch
    return way == "client" or (way == "auto" and clients.available(package.registry))


def _unpack(whole: Path, entries: list[Entry]) -> None:
    """Stores all that the whole package holds of these: what came along costs nothing."""
    for inner, content in archive.members(whole, {entry.inner for entry in entries}):
        cache.store_inner(entries, inner, content)


def _require(package: Package, entries: list[Entry]) -> None:
    for entry in entries:
        if not cache.path(entry).exists():
            raise ZooError(
                f"zoo: {entry.name}", f"{entry.inner} isn't in {package.title}", "report this as a bug"
            )
