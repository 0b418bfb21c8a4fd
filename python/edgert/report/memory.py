"""What sharing saves in memory: models that are there once, tensors that take each other's place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..explain.saved import size_said


class ModelBytes(NamedTuple):
    """Of model files: each content once, and a copy for each application that runs it."""

    once: int = 0
    each: int = 0


def memory_tiles(metrics: Mapping[str, Any], models: ModelBytes) -> Iterator[tuple[str, str]]:
    """A figure and what it is, of what is saved."""
    if models.each > models.once:
        yield size_said(models.once), f"of models in memory, not {size_said(models.each)}"
    there, apart = int(metrics.get("buffer_bytes", 0)), int(metrics.get("buffer_bytes_apart", 0))
    if apart > there > 0:
        yield size_said(there), f"for tensors of frames, not {size_said(apart)}"
