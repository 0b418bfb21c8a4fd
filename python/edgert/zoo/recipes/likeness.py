"""How alike two models of the same thing answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ZooError

LIKENESS = 0.95


def cosine(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Of the angle between two answers: 1 when they point the same way."""
    return float(np.vdot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


def require_likeness(made: Path, likenesses: Iterable[float]) -> str:
    """The mean likeness in words. Raises ZooError when it is below LIKENESS."""
    likeness = float(np.mean(list(likenesses)))
    if not likeness >= LIKENESS:
        what = f"its logits are too far from the float model's (cosine {likeness:.3f}, below {LIKENESS})"
        raise ZooError(f"zoo: {made.name}", what, "report this with the versions of numpy and onnx")
    return f"cosine to the float model's logits {likeness:.3f}"
