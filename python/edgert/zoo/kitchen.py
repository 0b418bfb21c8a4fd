"""Runs recipes: makes an artifact aside, checked by its recipe, and moves it into the cache."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from . import cache
from .entry import Entry
from .errors import ZooError
from .progress import Progress

Cook = Callable[[Sequence[Path], Path], str | None]


def make(entry: Entry, sources: Sequence[Path], progress: Progress) -> Path:
    """The artifact's path, made now unless another process was faster. A recipe may return a line to tell."""
    cook = _cook(entry)
    with cache.lock(entry.name):
        if found := cache.lookup(entry):
            return found
        progress.note(f"{entry.name}: {entry.origin}")
        with cache.staging() as folder:
            made = folder / entry.file
            if told := cook(sources, made):
                progress.note(f"{entry.name}: {told}")
            return cache.adopt(entry, made)


def _cook(entry: Entry) -> Cook:
    assert entry.recipe
    for module in ("numpy", "onnx"):
        if importlib.util.find_spec(module) is None:
            raise ZooError(
                f"zoo: {entry.name}",
                f"making it needs {module}, which isn't installed",
                "pip install 'edgert[zoo]'",
            )
    module_name, function = entry.recipe.target.split(":")
    return cast(Cook, getattr(importlib.import_module(f".recipes.{module_name}", __package__), function))
