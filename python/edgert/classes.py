"""Classes of programs, named by text: `module:Class`, or `file.py:Class`."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any


class ClassError(ValueError):
    """A reference that leads to no class: what is wrong, and what to do."""


def find_class(reference: str, prefix: str) -> Any:
    """What the reference names. Raises ClassError; what an import raises.

    A file becomes a module of its own, whose name begins with `prefix`.
    """
    module, _, name = reference.rpartition(":")
    if not module or not name:
        raise ClassError(f"{reference!r} names no class; write module:Class, or file.py:Class")
    found: Any = _load(module, prefix)
    for part in name.split("."):
        if not hasattr(found, part):
            raise ClassError(f"{module} has no {name!r}; correct the name after the colon")
        found = getattr(found, part)
    return found


def located(reference: str, base: Path) -> str:
    """The same reference, with a file's path made absolute from a folder."""
    module, colon, name = reference.rpartition(":")
    if module.endswith(".py"):
        return f"{(base / module).resolve()}{colon}{name}"
    return reference


def _load(module: str, prefix: str) -> Any:
    if not module.endswith(".py"):
        return sys.modules.get(module) or importlib.import_module(module)
    path = Path(module)
    if not path.is_file():
        raise ClassError(f"there is no file {path}; correct the path before the colon")
    name = f"{prefix}{path.stem}_{abs(hash(str(path.resolve())))}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec and spec.loader
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[name] = loaded
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
