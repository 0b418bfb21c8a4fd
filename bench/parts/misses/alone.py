"""A model with a bound beside others that saturate the box, for bench/misses.py.

p99_over_alone: of EfficientNet-Lite0 (a bound of twice its median alone), the 99th percentile from capture to
result over its median alone, while nine others that are no slower, without a bound, keep both lanes busy;
p99_over_alone_long: beside three of five to eight times its length. All by the earliest deadline, in pieces
of a quarter of its time alone (docs/pieces.md). _whole: with all models whole; _on_time: whole, under the
policy `on-time`, which keeps a lane free. Late results count with what they took (on_miss: late).
others_kept…: the others' results a second over those whole and without a policy. _alone: with the same gaps,
and nobody beside it: what the machine itself spreads.

kept_off: the share of the samples while which the lanes were ready to run and had no core for 1 ms or more
together: other programs had them, and no order of edgert's helps against that.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import say
from edgert import Runtime

from parts.misses.fleet import LANES, PIPELINE, SENSOR, picture
from parts.misses.load import alone_ms

TARGET, SIDE = "efficientnet-lite0", 224
SHORT = (
    "face-detection-short",
    "face-mesh",
    "face-detection-full",
    "selfie-segmentation",
    "hand-landmarks",
    "light-shufflenet",
    "light-squeezenet",
    "efficientnet-lite0-qdq-int8",
    "palm-detection",
)
LONG = ("light-resnet50", "light-densenet121", "light-inception-v1")
BOUND = 2.0  # medians alone
BUSY = 0.15  # part of a lane that the target takes
SETTLE = 3.0  # s: the policy looks at the last seconds
KEPT_OFF = 1.0  # ms
SIDES = {
    "alone": (0.0, "none"),
    "whole": (0.0, "none"),
    "pieces": (0.25, "none"),
    "on_time": (0.0, "on-time"),
}
"""By name: pieces, of the target's time alone; and the policy."""
Side = tuple[float, float, float]


def p99_over_alone(samples: int = 200) -> dict[str, Any]:
    """The figures."""
    figures: dict[str, Any] = {}
    for suffix, others in (("", SHORT), ("_long", LONG)):
        found = _beside(others, samples)
        for side, (over, rate, kept_off) in found.items():
            key = f"{suffix}{'' if side == 'pieces' else '_' + side}"
            figures[f"p99_over_alone{key}"] = over
            figures[f"kept_off{key}"] = kept_off
            if side in ("pieces", "on_time"):
                figures[f"others_kept{key}"] = rate / found["whole"][1]
        say(f"  p99 over alone beside {len(others)}: {found}")
    return figures


def _box(folder: Path, others: tuple[str, ...], bound_ms: float, piece_ms: float = 0.0) -> Path:
    text = SENSOR.format(name=TARGET, format=picture(SIDE), inbox="queue, size: 64, in_flight: 16")
    bound = f"latency: {bound_ms:.4f}ms\non_miss: late\n" if bound_ms else ""
    text += PIPELINE.format(name=TARGET, sensor=TARGET, bound=bound, model=f"zoo:{TARGET}")
    text += SENSOR.format(name="camera", format=picture(SIDE), inbox="block, size: 8, in_flight: 8")
    for name in others:
        text += PIPELINE.format(name=name, sensor="camera", bound="", model=f"zoo:{name}")
    if piece_ms:
        text += f"---\nkind: Scheduler\nname: box\npieces: {piece_ms:.3f}ms\n"
    file = folder / "beside.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def _beside(others: tuple[str, ...], samples: int) -> dict[str, Side]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Runtime(_box(folder, others, 0.0), lanes=LANES, policy="none") as runtime:
            alone = alone_ms(runtime, TARGET, np.zeros((SIDE, SIDE, 3), np.uint8))
        found = {}
        for side, (piece, policy) in SIDES.items():
            box = _box(folder, others, BOUND * alone, piece * alone)
            with Runtime(box, lanes=LANES, policy="none") as runtime:
                found[side] = _side(runtime, policy, alone, samples, side != "alone")
        return found


def _side(runtime: Runtime, policy: str, alone: float, samples: int, crowded: bool) -> Side:
    """p99 over alone, the others' results a second, and the share of samples in which lanes were kept off."""
    lanes, latencies, waited = _lanes(), [], []

    def take(result: Any) -> None:
        latencies.append(result.latency_ms)
        waited.append(_waited_ms(lanes))

    runtime.on_result(TARGET, take)
    stop = threading.Event()
    crowd = threading.Thread(target=_crowd, args=(runtime, stop))
    if crowded:
        crowd.start()
    try:
        runtime.set_policy(policy)
        _push(runtime, alone, int((SETTLE if policy != "none" else 0.5) / (alone / 1e3) * BUSY))
        latencies.clear()
        began_waiting: list[float] = []
        waited.clear()
        before, began = _results(runtime), time.perf_counter()
        _push(runtime, alone, samples, lambda: began_waiting.append(_waited_ms(lanes)))
        rate = (_results(runtime) - before) / (time.perf_counter() - began)
        time.sleep(0.2)  # the last one
    finally:
        stop.set()
        if crowded:
            crowd.join()
    pairs = list(zip(began_waiting, waited, strict=False))
    kept_off = sum(after - before >= KEPT_OFF for before, after in pairs) / max(1, len(pairs))
    return float(np.percentile(latencies, 99)) / alone, rate, kept_off


def _lanes() -> list[str]:
    """The lanes' threads, by where the kernel tells how long they waited for a core."""
    tasks = Path("/proc/self/task").iterdir()
    return [f"{task}/schedstat" for task in tasks if (task / "comm").read_text().startswith("edgert-lane")]


def _waited_ms(lanes: list[str]) -> float:
    """Ready to run, and not running (Documentation/scheduler/sched-stats)."""
    return sum(int(Path(lane).read_text().split()[1]) for lane in lanes) / 1e6


def _crowd(runtime: Runtime, stop: threading.Event) -> None:
    frame = np.zeros((SIDE, SIDE, 3), np.uint8)
    while not stop.is_set():
        runtime.push("camera", frame, timeout=60)


def _push(runtime: Runtime, alone: float, frames: int, before: Callable[[], None] = lambda: None) -> None:
    """As a camera does, at a period that changes a little, so that it meets the others at any moment."""
    frame, rng = np.zeros((SIDE, SIDE, 3), np.uint8), np.random.default_rng(0)
    due = time.monotonic()
    for jitter in rng.uniform(0.5, 1.5, frames):
        due += alone / 1e3 / BUSY * jitter
        time.sleep(max(0.0, due - time.monotonic()))
        before()
        runtime.push(TARGET, frame)


def _results(runtime: Runtime) -> int:
    rows = runtime.metrics()["pipelines"]
    return sum(int(row["results"]) for name, row in rows.items() if not name.endswith("/" + TARGET))
