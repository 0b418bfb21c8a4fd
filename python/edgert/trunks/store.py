"""Where pieces are kept between deployments: files named by their content, and what was found about each set.

Any process may read at any time: a file appears whole, by one rename, and is checked by its content's hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from edgert.contents import sha256_of

from .errors import Uncut

UNUSED = 90 * 24 * 3600
"""Seconds after which a file that nobody read is removed."""


def folder() -> Path:
    """The cache folder of pieces."""
    from edgert.zoo import cache

    return cache.root() / "trunks"


def keep(data: bytes, ending: str) -> Path:
    """Writes a piece, unless it is there and intact. Raises Uncut when it can't be written."""
    file = folder() / f"{hashlib.sha256(data).hexdigest()}{ending}"
    if not intact(file):
        _write(file, data)
        _sweep()
    return file


def intact(file: Path) -> bool:
    """Whether a piece is there, with the content that its name says."""
    try:
        if sha256_of(file) != file.stem:
            return False
        os.utime(file)
    except OSError:
        return file.exists() and sha256_of(file) == file.stem
    return True


def remember(key: str, found: Mapping[str, Any]) -> None:
    """Keeps what was found about a set of models."""
    _write(folder() / f"{key}.json", json.dumps(found, indent=1).encode())


def recall(key: str) -> dict[str, Any] | None:
    """What was found; None when nothing was, or it can't be read any more."""
    file = folder() / f"{key}.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        os.utime(file)
    return found if isinstance(found, dict) else None


def content_of(file: Path) -> str:
    """SHA-256 of a model file and of the files of weights beside it, in hexadecimal digits."""
    about = file.stat()
    return _content(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=1024)
def _content(file: Path, changed: int, size: int) -> str:
    found = [sha256_of(file), *(sha256_of(each) for each in _beside(file))]
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


def _beside(file: Path) -> list[Path]:
    if file.suffix != ".onnx" or b"location" not in file.read_bytes():
        return []
    try:
        import onnx

        from .onnx_weights import outside_files

        model = onnx.load(str(file), load_external_data=False)
    except Exception:  # without onnx nothing is cut; what isn't ONNX is said where it is loaded
        return []
    return sorted(each for each in outside_files(model, file.parent) if each.is_file())


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            os.replace(name, file)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        why = error.strerror or str(error)
        remedy = "set EDGERT_CACHE to a folder that you can write"
        raise Uncut(f"the cache {file.parent} can't be written ({why}); {remedy}") from error


def _sweep() -> None:
    """Removes what nobody has used for long, and what a killed process left."""
    for each in folder().iterdir():
        with suppress(OSError):
            if time.time() - each.stat().st_mtime > UNUSED:
                each.unlink()
