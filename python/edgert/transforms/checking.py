"""Whether run() returned what format() said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .base import Array


class Broken(Exception):
    """run() kept no promise: what it did, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what}; {hint}")
        self.what, self.hint = what, hint


HINT = "correct run(), or what format() says"


def checked(returned: Any, specs: Sequence[Mapping[str, Any]]) -> list[Array]:
    """The outputs as C-contiguous arrays, without a copy where they are. Raises Broken."""
    outputs = [returned] if isinstance(returned, np.ndarray) else returned
    if not isinstance(outputs, (list, tuple)):
        raise Broken(f"run() returned {type(returned).__name__}", "return an array, or a tuple of arrays")
    if len(outputs) != len(specs):
        raise Broken(f"run() returned {len(outputs)} arrays, and format() said {len(specs)}", HINT)
    return [_checked(output, spec) for output, spec in zip(outputs, specs, strict=True)]


def _checked(output: Any, spec: Mapping[str, Any]) -> Array:
    if not isinstance(output, np.ndarray):
        raise Broken(f"{spec['name']} is {type(output).__name__}", "return NumPy arrays")
    said = f"{spec['dtype']} {list(spec['shape'])}"
    fits = output.ndim == len(spec["shape"]) and all(
        wanted in (-1, extent) for wanted, extent in zip(spec["shape"], output.shape, strict=True)
    )
    if not fits or output.dtype.name != spec["dtype"]:
        what = f"{spec['name']} is {output.dtype} {list(output.shape)}, and format() said {said}"
        raise Broken(what, HINT)
    if "max_bytes" in spec and output.nbytes > spec["max_bytes"]:
        raise Broken(f"{spec['name']} has {output.nbytes} bytes, over the {spec['max_bytes']} of most", HINT)
    return np.ascontiguousarray(output) if output.ndim else output
