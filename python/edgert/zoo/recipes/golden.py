"""Checks what a recipe made by what it computes: a fixed input must give known numbers.

The bytes of the file can't be compared, since versions of onnx write the same model differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from ..errors import ZooError

TOLERANCE = 2e-3


@dataclass(frozen=True)
class Golden:
    """A known result: of `output`, flat, where the largest values are, in order, and some values by place."""

    output: str
    largest: Sequence[int] = ()
    values: Mapping[int, float] = field(default_factory=dict)


def wave(*shape: int) -> NDArray[Any]:
    """A fixed input: a sine over the flat index, in [-1, 1]."""
    return np.sin(np.arange(np.prod(shape), dtype=np.float64) * 0.37).reshape(shape).astype(np.float32)


def check(file: Path, feeds: Mapping[str, NDArray[Any]], expected: Sequence[Golden]) -> None:
    """Runs the model with onnx's own reference. Raises ZooError when a result isn't the known one."""
    results = ReferenceEvaluator(str(file)).run([golden.output for golden in expected], dict(feeds))
    for golden, result in zip(expected, results, strict=True):
        _compare(file, golden, np.asarray(result))


def _compare(file: Path, golden: Golden, result: NDArray[Any]) -> None:
    flat = result.ravel()
    largest = [int(index) for index in np.argsort(-flat)[: len(golden.largest)]]
    if largest != list(golden.largest):
        _refuse(file, f"the largest of {golden.output} are {largest} instead of {list(golden.largest)}")
    for index, value in golden.values.items():
        if not abs(float(flat[index]) - value) <= TOLERANCE * max(1.0, abs(value)):
            _refuse(file, f"{golden.output}[{index}] is {float(flat[index]):.6g} instead of {value:.6g}")


def _refuse(file: Path, what: str) -> None:
    raise ZooError(
        f"zoo: {file.name}", what, "nothing was kept; report this with the versions of numpy and onnx"
    )
