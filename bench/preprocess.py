"""From a decoder's planes to a model's tensor, against OpenCV, swscale and NumPy.

    python bench/preprocess.py [--rounds 15] [--quick]

One thread. 720p and 1080p yuv420p to 224², 300² and 640², float32 in -1..1 as NCHW and NHWC, and int8.
worst_ratio_vs_best: edgert's time over the best time of all other ways, at the worst of these cases, each
the least of many short rounds taken in turn; area apart. of_bandwidth: the bytes that must be touched (the
rows and columns that outputs take, and the tensor) at the speed of a memcpy in the same run, over the time.
error_levels: |edgert - float64 reference of the stated definition| in levels of 255, over frames of the
street camera and noise. same_answers: boxes and classes of the SSD on that camera's frames from edgert's
tensor, from the reference's, and from OpenCV's whole-frame way.
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
from parts.preprocess.answers import answers
from parts.preprocess.native import Native, build
from parts.preprocess.reference import resized, rgb
from parts.preprocess.ways import OFFSET, SCALE, all_ways

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
SIDES = (224, 300, 640)
KINDS = (("nchw", "float32"), ("nhwc", "float32"), ("nhwc", "int8"))
FILTERS = ("bilinear", "area")
ENCODING = {"float32": (SCALE, OFFSET), "int8": (1.0, -128.0)}
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


def case(library: Any, planes: list[Any], side: int, kind: tuple[str, str], filter_: str, rounds: int) -> Any:
    layout, dtype = kind
    native = Native(library, planes, side, layout, filter_, dtype, *ENCODING[dtype])
    ways = all_ways(planes, side, layout, filter_, dtype)
    native.run(2)  # makes its tables
    runs = max(1, int(ROUND_S / max(native.run(2), 1e-6)))
    best = {name: min(timed(way), timed(way)) for name, way in ways.items()}
    near = sorted(best, key=best.__getitem__)[:3]  # the others are out of the race
    ours = native.run(runs)
    for _ in range(rounds):
        ours = min(ours, native.run(runs))
        for name in near:
            best[name] = min(best[name], timed(ways[name]))
    native.close()
    winner = min(best, key=best.__getitem__)
    return ours, best[winner], winner


def times(library: Any, rounds: int, sides: tuple[int, ...]) -> dict[str, Any]:
    speed = memcpy_speed()
    ratios: dict[str, list[float]] = {name: [] for name in FILTERS}
    shares, table = [], {}
    for name, (width, height) in SIZES.items():
        planes = pictures(width, height, 1)[0]
        for side in sides:
            for kind in KINDS:
                for filter_ in FILTERS:
                    ours, best, winner = case(library, planes, side, kind, filter_, rounds)
                    ratios[filter_].append(ours / best)
                    share = touched_bytes(width, height, side, filter_, kind[1]) / speed / ours
                    shares.append(share)
                    key = f"{name} {side} {' '.join(kind)} {filter_}"
                    table[key] = [round(1e3 * ours, 4), round(1e3 * best, 4), winner]
                    say(f"{key}: {1e3 * ours:.3f} ms, {winner} {1e3 * best:.3f} ms, {ours / best:.2f}")
    return {
        "worst_ratio_vs_best": max(ratios["bilinear"]),
        "worst_ratio_vs_best_area": max(ratios["area"]),
        "median_ratio_vs_best": float(np.median(ratios["bilinear"])),
        "median_ratio_vs_best_area": float(np.median(ratios["area"])),
        "of_bandwidth": min(shares),
        "of_bandwidth_best": max(shares),
        "memcpy_gb_s": speed / 1e9,
        "ms": table,
    }


def errors(library: Any, sides: tuple[int, ...]) -> dict[str, float]:
    found: dict[str, list[Any]] = {"float32": [], "int8": []}
    for width, height in SIZES.values():
        for planes in pictures(width, height, 2):
            picture = rgb(planes)
            for side in sides:
                for filter_ in FILTERS:
                    wanted = resized(picture, side, filter_)
                    for layout, dtype in (("nhwc", "float32"), ("nchw", "float32"), ("nhwc", "int8")):
                        scale, offset = ENCODING[dtype]
                        native = Native(library, planes, side, layout, filter_, dtype, scale, offset)
                        native.run(1)
                        got = native.output()[0].astype(np.float64)
                        native.close()
                        got = got if layout == "nhwc" else got.transpose(1, 2, 0)
                        found[dtype].append(np.abs((got - offset) / scale - wanted).reshape(-1))
    floats, bytes_ = (np.concatenate(found[dtype]) for dtype in ("float32", "int8"))
    return {
        "error_levels_p999": float(np.quantile(floats, 0.999)),
        "error_levels_max": float(floats.max()),
        "error_levels_p999_int8": float(np.quantile(bytes_, 0.999)),
        "error_levels_max_int8": float(bytes_.max()),
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
        figures |= errors(library, sides)
        figures |= answers(library, frames=3 if options.quick else 10)
        figures |= times(library, rounds, sides)
    finish(figures)


if __name__ == "__main__":
    main()
