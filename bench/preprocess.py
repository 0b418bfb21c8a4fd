"""From a decoder's planes to a model's tensor, against OpenCV, swscale and NumPy.

    python bench/preprocess.py [--rounds 15] [--quick]

One thread. 720p and 1080p yuv420p to 224², 300² and 640², float32 in -1..1 as NCHW and NHWC, and int8.
worst_ratio_vs_best: edgert's time over the best time of all other ways, at the worst of these cases, each
the least of many short rounds taken in turn; area apart. of_bandwidth: the bytes that must be touched (the
rows and columns that outputs take, and the tensor) at the speed of a memcpy in the same run, over the time.
error_levels: |edgert - float64 reference of the stated definition| in levels of 255, over frames of the
street camera and noise; error_levels_of_others: [p999, most] of each other way on that camera's frames (on
noise they are worse by far, for chroma that changes with each sample is where they differ). Most other ways
take chroma or clamp otherwise than the definition, so worst_ratio_vs_best_within_error is against the fastest
way whose error in that case is within 1 (p999) and 4 (most); cases where no way is aren't in it.
worst_ratio_vs_whole, median_ratio_vs_whole: against the fastest way that brings whole frames to colours and
samples them after, in the definition's order (OpenCV's cvtColor and resize, swscale with full chroma and
accurate rounding and OpenCV's resize, NumPy), from the same rounds; whole_way_at_worst is that way and its
error in the worst case, whole_ways_error_levels the [least, most] of p999 and of the most in all cases.
same_answers: boxes and classes of the SSD on that camera's frames from edgert's tensor, from the reference's,
and from OpenCV's whole-frame way.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from common import finish, machine, say
from edgert import zoo
from parts.preprocess import errors
from parts.preprocess.answers import answers
from parts.preprocess.native import Native, build
from parts.preprocess.ways import ENCODING, all_ways, converts_first

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
SIDES = (224, 300, 640)
KINDS = (("nchw", "float32"), ("nhwc", "float32"), ("nhwc", "int8"))
FILTERS = ("bilinear", "area")
ROUND_S = 0.002


def planes_of(frame: Any) -> list[Any]:
    """Contiguous copies of a frame's planes."""
    return [
        np.frombuffer(p, np.uint8).reshape(p.height, p.line_size)[:, : p.width].copy() for p in frame.planes
    ]


def pictures(width: int, height: int, count: int) -> list[list[Any]]:
    """Frames of the street camera, brought to that size, and noise."""
    with av.open(str(zoo.get("street-camera"))) as container:
        frames = list(islice(container.decode(video=0), 0, 300 * count, 300))
    found = [planes_of(frame.reformat(width, height, "yuv420p")) for frame in frames]
    noise = np.random.default_rng(1)
    shapes = [(height, width)] + [(height // 2, width // 2)] * 2
    return [*found, [noise.integers(0, 256, shape, np.uint8) for shape in shapes]]


def timed(way: Callable[[], Any]) -> float:
    """Seconds of a run, in the mean of a short round."""
    began, runs = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < ROUND_S or runs == 0:
        way()
        runs += 1
    return spent / runs


def memcpy_speed() -> float:
    """Bytes that a copy reads and writes a second: 8 MiB, the best of many."""
    source = np.ones(8 << 20, np.uint8)
    target = np.empty_like(source)
    best = min(timed(lambda: np.copyto(target, source)) for _ in range(20))
    return 2 * source.nbytes / best


def touched_bytes(width: int, height: int, side: int, filter_: str, dtype: str) -> float:
    """Rows that outputs take (bilinear: two each at most), whole, of luma and chroma; and the tensor."""
    taken = 1.0 if filter_ == "area" else min(1.0, 2 * side / height)
    return width * height * taken * 1.5 + side * side * 3 * (4 if dtype == "float32" else 1)


def fastest(times: dict[str, float], levels: dict[str, errors.Levels]) -> list[Any] | None:
    """The time, name and error of the fastest of these ways whose error is known."""
    name = min((each for each in times if each in levels), key=times.__getitem__, default=None)
    return None if name is None else [times[name], name, *levels[name]]


def case(
    library: Any,
    planes: list[Any],
    side: int,
    kind: tuple[str, str],
    filter_: str,
    rounds: int,
    levels: dict[str, errors.Levels],
) -> Any:
    """edgert's time, the fastest way, the fastest that converts first, and the fastest within the goal of
    errors (None: there is none)."""
    layout, dtype = kind
    native = Native(library, planes, side, layout, filter_, dtype, *ENCODING[dtype])
    ways = all_ways(planes, side, layout, filter_, dtype)
    native.run(2)  # makes its tables
    runs = max(1, int(ROUND_S / max(native.run(2), 1e-6)))
    best = {name: min(timed(way), timed(way)) for name, way in ways.items()}
    right = {name: each for name, each in levels.items() if errors.within(each)}
    ranked = sorted(best, key=best.__getitem__)  # the slower ones are out of the race
    first = {name: each for name, each in levels.items() if converts_first(name)}
    near = dict.fromkeys(ranked[:3])
    for some in (first, right):
        near |= dict.fromkeys([name for name in ranked if name in some][:2])
    ours = native.run(runs)
    for _ in range(rounds):
        ours = min(ours, native.run(runs))
        for name in near:
            best[name] = min(best[name], timed(ways[name]))
    native.close()
    return ours, fastest(best, levels), fastest(best, first), fastest(best, right)


def times(
    library: Any, rounds: int, sides: tuple[int, ...], others: dict[errors.Case, dict[str, errors.Levels]]
) -> dict[str, Any]:
    speed = memcpy_speed()
    ratios: dict[str, list[float]] = {name: [] for name in FILTERS}
    alike: dict[str, list[float]] = {name: [] for name in FILTERS}
    wholes: dict[str, list[tuple[float, str, dict[str, Any]]]] = {name: [] for name in FILTERS}
    shares, table, against, alone = [], {}, {}, 0
    for name, (width, height) in SIZES.items():
        planes = pictures(width, height, 1)[0]
        for side in sides:
            for kind in KINDS:
                for filter_ in FILTERS:
                    levels = others[(width, side, *kind, filter_)]
                    ours, first, whole, right = case(library, planes, side, kind, filter_, rounds, levels)
                    best, winner = first[:2]
                    ratios[filter_].append(ours / best)
                    alike[filter_] += [ours / right[0]] if right else []
                    alone += right is None
                    share = touched_bytes(width, height, side, filter_, kind[1]) / speed / ours
                    shares.append(share)
                    key = f"{name} {side} {' '.join(kind)} {filter_}"
                    table[key] = [round(1e3 * ours, 4), round(1e3 * best, 4), winner]
                    wholes[filter_].append((ours / whole[0], key, shown(whole)))
                    against[key] = {
                        "best": shown(first),
                        "whole": shown(whole),
                        "within_error": shown(right) if right else None,
                    }
                    say(f"{key}: {1e3 * ours:.3f} ms, {winner} {1e3 * best:.3f} ms, {ours / best:.2f}")
    return {
        "worst_ratio_vs_best": max(ratios["bilinear"]),
        "worst_ratio_vs_best_area": max(ratios["area"]),
        "median_ratio_vs_best": float(np.median(ratios["bilinear"])),
        "median_ratio_vs_best_area": float(np.median(ratios["area"])),
        **against_whole(wholes["bilinear"], ""),
        **against_whole(wholes["area"], "_area"),
        "worst_ratio_vs_best_within_error": max(alike["bilinear"], default=None),
        "worst_ratio_vs_best_within_error_area": max(alike["area"], default=None),
        "cases_without_another_way_within_error": alone,
        "of_bandwidth": min(shares),
        "of_bandwidth_best": max(shares),
        "memcpy_gb_s": speed / 1e9,
        "ms": table,
        "others": against,
    }


def against_whole(cases: list[tuple[float, str, dict[str, Any]]], suffix: str) -> dict[str, Any]:
    """Of (ratio, case, way) each: the worst, the median, and how far those ways are from the definition."""
    ratio, name, way = max(cases, key=lambda each: each[0])
    spans = {}
    for field in ("error_levels_p999", "error_levels_max"):
        values = [each[field] for *_, each in cases]
        spans[field] = [min(values), max(values)]
    return {
        f"worst_ratio_vs_whole{suffix}": ratio,
        f"median_ratio_vs_whole{suffix}": float(np.median([each[0] for each in cases])),
        f"whole_way_at_worst{suffix}": {"case": name, **way},
        f"whole_ways_error_levels{suffix}": spans,
    }


def shown(way: list[Any]) -> dict[str, Any]:
    took, name, most, top = way
    return {
        "way": name,
        "ms": round(1e3 * took, 4),
        "error_levels_p999": round(most, 3),
        "error_levels_max": round(top, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="224² alone, few rounds")
    options = parser.parse_args()
    sides = SIDES[:1] if options.quick else SIDES
    rounds = 3 if options.quick else options.rounds
    figures: dict[str, Any] = {"bench": "preprocess", "machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        own, others = errors.measure(library, pictures, SIZES.values(), sides, FILTERS, KINDS)
        figures |= own
        figures |= answers(library, frames=3 if options.quick else 10)
        figures |= times(library, rounds, sides, others)
        figures["error_levels_of_others"] = {name: errors.by_family(others, name) for name in FILTERS}
    finish(figures)


if __name__ == "__main__":
    main()
