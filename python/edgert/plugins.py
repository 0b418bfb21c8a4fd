"""Transforms in shared libraries of C++: plug-ins. docs/adding-a-transform.md says how one is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

VARIABLE = "EDGERT_PLUGINS"
"""Libraries to load before anything is planned or run, with os.pathsep between them."""

_named_were_loaded = False


def load_plugin(path: str | Path) -> dict[str, Any]:
    """Loads a plug-in for the rest of the process: name, version, path and its operations' names.

    Its transforms can be named in documents from then on. Loading one again changes nothing. Raises
    InvalidError for what is no plug-in, was built for another edgert, or brings a name that is taken.
    """
    from . import _native

    return dict(_native.load_plugin(str(Path(path).resolve())))


def load_named() -> None:
    """Loads those that EDGERT_PLUGINS names, once. Raises InvalidError."""
    global _named_were_loaded
    if _named_were_loaded:
        return
    for path in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        load_plugin(path)
    _named_were_loaded = True
