"""The cache folder: where artifacts lie, how they get in whole, and who may write.

Thread and process rules: readers need no lock, since a file appears by one rename, complete and verified.
Writers hold the lock of the package or recipe that they fetch or make.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from edgert.contents import sha256_of

from .entry import Entry
from .errors import ZooError

_STALE_SECONDS = 24 * 3600
_MOVE = "set EDGERT_CACHE to a folder that you can write"


def root() -> Path:
    """The cache folder's path: EDGERT_CACHE, else XDG_CACHE_HOME/edgert, else ~/.cache/edgert."""
    if chosen := os.environ.get("EDGERT_CACHE"):
        return Path(chosen).expanduser()
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg).expanduser() / "edgert"
    return Path.home() / ".cache" / "edgert"


def path(entry: Entry) -> Path:
    """Where that artifact lies, or will lie."""
    return root() / "zoo" / entry.file


def lookup(entry: Entry) -> Path | None:
    """The artifact's path when it is in the cache and intact, else None. A damaged file is removed."""
    file = path(entry)
    expected = entry.sha256 or _made_sha256(entry)
    try:
        if expected and sha256_of(file) == expected:
            return file
        if entry.sha256:
            file.unlink()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise ZooError(str(file), f"can't be used ({error.strerror})", _MOVE) from error
    return None


def store(entry: Entry, data: bytes) -> Path:
    """Puts the verified bytes in the cache. Raises ZooError when they aren't what the catalogue promises."""
    found = hashlib.sha256(data).hexdigest()
    if found != entry.sha256:
        raise ZooError(
            f"zoo: {entry.name}",
            f"checksum differs: expected sha256 {entry.sha256}, found {found} in {entry.origin}",
            "nothing was kept; try again, and if it stays so, check the registry that you use",
        )
    file = path(entry)
    with staging() as folder:
        temporary = folder / entry.file
        temporary.write_bytes(data)
        os.replace(temporary, file)
    return file


def store_inner(entries: Iterable[Entry], inner: str, content: bytes) -> None:
    """Stores those entries that are this inner file of a package, or a span of it."""
    for entry in entries:
        if entry.inner == inner:
            begin, end = entry.span or (0, len(content))
            store(entry, content[begin:end])


def adopt(entry: Entry, made: Path) -> Path:
    """Moves what a recipe made into the cache, with a stamp by which later reads are verified."""
    assert entry.recipe
    stamp = {"recipe": entry.recipe.target, "version": entry.recipe.version, "sha256": sha256_of(made)}
    written = made.with_name("stamp.json")
    written.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
    file = path(entry)
    os.replace(made, file)
    _stamp(entry).parent.mkdir(parents=True, exist_ok=True)
    os.replace(written, _stamp(entry))
    return file


@contextmanager
def lock(key: str) -> Iterator[None]:
    """Holds the lock of that key, between threads and between processes. Blocks until it is free."""
    folder = _folder(".locks")
    with (folder / f"{key}.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def staging() -> Iterator[Path]:
    """A temporary folder on the cache's own file system, so that a rename out of it is atomic."""
    _sweep(_folder(".staging"))
    with tempfile.TemporaryDirectory(dir=_folder(".staging"), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _sweep(folder: Path) -> None:
    """Removes what a killed process left there long ago."""
    for leftover in folder.iterdir():
        with suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(leftover)


def partial(file: str) -> Path:
    """Where a download that was cut off is kept, to be resumed."""
    return _folder(".parts") / f"{file}.part"


def _folder(name: str) -> Path:
    folder = root() / "zoo" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ZooError(str(root()), f"the cache can't be written ({error.strerror})", _MOVE) from error
    if not os.access(folder, os.W_OK):
        raise ZooError(str(root()), "the cache can't be written (no permission)", _MOVE)
    return folder


def _stamp(entry: Entry) -> Path:
    return root() / "zoo" / ".made" / f"{entry.name}.json"


def _made_sha256(entry: Entry) -> str | None:
    stamp = _read_stamp(entry)
    if not entry.recipe or stamp.get("recipe") != entry.recipe.target:
        return None
    return stamp.get("sha256") if stamp.get("version") == entry.recipe.version else None


def _read_stamp(entry: Entry) -> dict[str, Any]:
    try:
        stamp = json.loads(_stamp(entry).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}
