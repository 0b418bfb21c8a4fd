"""What a transform is expected to take: a constant and the bytes that it reads and writes.

The constants were measured with `edgert explain --measure` (one thread of an AVX2 server core, medians of the
demo's chains; see docs/adding-a-transform.md). They rank chains; they promise nothing. Costs are whole
picoseconds, so that sums don't depend on their order and equal chains cost exactly the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ELEMENT = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "int16": 2}
PIXEL = {
    "gray": 1.0, "rgb24": 3.0, "bgr24": 3.0, "yuv420p": 1.5, "nv12": 1.5, "yuyv422": 2.0, "yuv420p10le": 3.0,
    "p010le": 3.0,
}  # fmt: skip
PICTURE = 1280 * 720
"""Pixels of a picture whose size isn't known before it comes."""
SOME = 100
"""The extent that is assumed where a shape leaves it open: rows, or samples of a chunk."""


@dataclass(frozen=True)
class Cost:
    """The cost model of one operation, in nanoseconds: a run, and each byte read and written."""

    run: float = 500.0
    read: float = 0.1
    written: float = 0.25

    def of(self, read: float, written: float) -> int:
        """Picoseconds for so many bytes."""
        return round(1000 * (self.run + self.read * read + self.written * written))


FREE = Cost(0, 0, 0)
VIEW = Cost(100, 0, 0)
"""Shares its input's memory."""

_COSTS: dict[str, Cost] = {}


def declare(op: str, cost: Cost) -> None:
    """States what an operation costs. One that has none stated is taken to cost Cost()."""
    _COSTS[op] = cost


def stated(op: str) -> Cost:
    """What the operation was stated to cost."""
    return _COSTS.get(op, Cost())


def size(spec: Mapping[str, Any]) -> float:
    """Bytes of a frame or a tensor, as far as its spec tells them."""
    match spec.get("kind"):
        case "image":
            pixels = (spec.get("width") or 0) * (spec.get("height") or 0) or PICTURE
            return float(pixels * PIXEL.get(spec.get("pixel") or "", 3.0))
        case "audio":
            samples = spec.get("max_chunk") or SOME
            return float(samples * (spec.get("channels") or 1) * _element(spec))
        case "table":
            return float((spec.get("max_rows") or 1) * len(spec.get("columns") or ()) * 4)
    if spec.get("max_bytes") and min(spec.get("shape") or (0,)) < 0:
        return float(spec["max_bytes"])
    extents = [SOME if extent < 0 else extent for extent in spec.get("shape") or ()]
    return float(math.prod(extents) * _element(spec))


def _element(spec: Mapping[str, Any]) -> int:
    return ELEMENT.get(str(spec.get("dtype")), 1)
