"""How far edgert's tensors and those of all other ways are from the float64 reference, in levels of 255."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .native import Native
from .reference import resized, rgb
from .ways import ENCODING, all_ways

Array = npt.NDArray[Any]
Pictures = Callable[[int, int, int], list[list[Any]]]
Case = tuple[int, int, str, str, str]  # width, side, layout, type, filter
Levels = tuple[float, float]  # of all values: the 99.9th percentile, and the most
GOAL: Levels = (1.0, 4.0)
"""What counts as the same answer."""


def within(levels: Levels) -> bool:
    return all(value <= most for value, most in zip(levels, GOAL, strict=True))


def measure(
    library: Any,
    pictures: Pictures,
    sizes: Iterable[tuple[int, int]],
    sides: Iterable[int],
    filters: Iterable[str],
    kinds: Iterable[tuple[str, str]],
) -> tuple[dict[str, float], dict[Case, dict[str, Levels]]]:
    """The figures of edgert's own errors, and those of each other way by case."""
    ours: dict[str, list[Array]] = {"float32": [], "int8": []}
    others: dict[Case, dict[str, Levels]] = {}
    for width, height in sizes:
        frames = pictures(width, height, 2)
        whole = [rgb(planes) for planes in frames]
        for side in sides:
            for filter_ in filters:
                wanted = [resized(picture, side, filter_) for picture in whole]
                for kind in kinds:
                    for planes, right in zip(frames, wanted, strict=True):
                        got = _of_edgert(library, planes, side, kind, filter_)
                        ours[kind[1]].append(_levels(got, kind, right).reshape(-1))
                    found = _of_others(frames[:-1], side, kind, filter_, wanted[:-1])  # the last is noise
                    others[(width, side, *kind, filter_)] = found
    return _figures(ours), others


def by_family(others: Mapping[Case, Mapping[str, Levels]], filter_: str) -> dict[str, list[float]]:
    """The worst case of each way, whatever it ends with, as [p999, most]. Of float32."""
    found: dict[str, list[float]] = {}
    for case, ways in others.items():
        for name, levels in ways.items() if case[3:] == ("float32", filter_) else ():
            family = name.partition(",")[0]
            before = found.get(family, [0.0, 0.0])
            found[family] = [round(max(pair), 3) for pair in zip(before, levels, strict=True)]
    return found


def _of_edgert(library: Any, planes: list[Any], side: int, kind: tuple[str, str], filter_: str) -> Array:
    layout, dtype = kind
    native = Native(library, planes, side, layout, filter_, dtype, *ENCODING[dtype])
    native.run(1)
    got: Array = native.output().copy()
    native.close()
    return got


def _of_others(
    frames: list[list[Any]], side: int, kind: tuple[str, str], filter_: str, wanted: list[Array]
) -> dict[str, Levels]:
    layout, dtype = kind
    found: dict[str, list[Array]] = {}
    for planes, right in zip(frames, wanted, strict=True):
        for name, way in all_ways(planes, side, layout, filter_, dtype).items():
            found.setdefault(name, []).append(_levels(way(), kind, right))
    return {name: _summed_up(levels) for name, levels in found.items()}


def _levels(tensor: Array, kind: tuple[str, str], wanted: Array) -> Array:
    """|tensor - reference| of a tensor with a batch of 1."""
    layout, dtype = kind
    scale, offset = ENCODING[dtype]
    got = tensor[0].astype(np.float64)
    got = got if layout == "nhwc" else got.transpose(1, 2, 0)
    found: Array = np.abs((got - offset) / scale - wanted)
    return found


def _summed_up(levels: list[Array]) -> Levels:
    joined = np.concatenate([each.reshape(-1) for each in levels])
    return float(np.quantile(joined, 0.999)), float(joined.max())


def _figures(ours: Mapping[str, list[Array]]) -> dict[str, float]:
    figures = {}
    for dtype, suffix in (("float32", ""), ("int8", "_int8")):
        most, top = _summed_up(ours[dtype])
        figures[f"error_levels_p999{suffix}"], figures[f"error_levels_max{suffix}"] = most, top
    return figures
