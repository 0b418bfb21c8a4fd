"""A model with a bound beside others that saturate the box, for bench/misses.py.

p99_over_alone: of EfficientNet-Lite0 (about 15 ms, a bound of twice its median alone), the 99th percentile
from capture to result over its median alone, while nine others of at most 15 ms, without a bound, keep both
lanes busy; p99_over_alone_long: beside three of 60 to 102 ms. Under the policy `on-time`; _edf: without a
policy. Late results count with what they took (on_miss: late). others_kept: the others' results a second
under the policy over those without.
"""

from __future__ import annotations

import tempfile
import threading
import time
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


def p99_over_alone(samples: int = 200) -> dict[str, Any]:
    """The figures."""
    figures: dict[str, Any] = {}
    for suffix, others in (("", SHORT), ("_long", LONG)):
        found = _beside(others, samples)
        figures[f"p99_over_alone{suffix}"] = found["on-time"][0]
        figures[f"p99_over_alone{suffix}_edf"] = found["none"][0]
        figures[f"others_kept{suffix}"] = found["on-time"][1] / found["none"][1]
        say(f"  p99 over alone beside {len(others)}: {found}")
    return figures


def _box(folder: Path, others: tuple[str, ...], bound_ms: float) -> Path:
    text = SENSOR.format(name=TARGET, format=picture(SIDE), inbox="queue, size: 64, in_flight: 16")
    bound = f"latency: {bound_ms:.4f}ms\non_miss: late\n" if bound_ms else ""
    text += PIPELINE.format(name=TARGET, sensor=TARGET, bound=bound, model=f"zoo:{TARGET}")
    text += SENSOR.format(name="camera", format=picture(SIDE), inbox="block, size: 8, in_flight: 8")
    for name in others:
        text += PIPELINE.format(name=name, sensor="camera", bound="", model=f"zoo:{name}")
    file = folder / "beside.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def _beside(others: tuple[str, ...], samples: int) -> dict[str, tuple[float, float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Runtime(_box(folder, others, 0.0), lanes=LANES, policy="none") as runtime:
            alone = alone_ms(runtime, TARGET, np.zeros((SIDE, SIDE, 3), np.uint8))
        with Runtime(_box(folder, others, BOUND * alone), lanes=LANES, policy="none") as runtime:
            latencies: list[float] = []
            runtime.on_result(TARGET, lambda result: latencies.append(result.latency_ms))
            stop = threading.Event()
            crowd = threading.Thread(target=_crowd, args=(runtime, stop))
            crowd.start()
            found = {}
            try:
                for policy in ("none", "on-time"):
                    runtime.set_policy(policy)
                    _push(runtime, alone, int(SETTLE / (alone / 1e3) * BUSY))
                    latencies.clear()
                    before, began = _results(runtime), time.perf_counter()
                    _push(runtime, alone, samples)
                    rate = (_results(runtime) - before) / (time.perf_counter() - began)
                    found[policy] = (float(np.percentile(latencies, 99)) / alone, rate)
            finally:
                stop.set()
                crowd.join()
    return found


def _crowd(runtime: Runtime, stop: threading.Event) -> None:
    frame = np.zeros((SIDE, SIDE, 3), np.uint8)
    while not stop.is_set():
        runtime.push("camera", frame, timeout=60)


def _push(runtime: Runtime, alone: float, frames: int) -> None:
    """As a camera does, at a period that changes a little, so that it meets the others at any moment."""
    frame, rng = np.zeros((SIDE, SIDE, 3), np.uint8), np.random.default_rng(0)
    due = time.monotonic()
    for jitter in rng.uniform(0.5, 1.5, frames):
        due += alone / 1e3 / BUSY * jitter
        time.sleep(max(0.0, due - time.monotonic()))
        runtime.push(TARGET, frame)


def _results(runtime: Runtime) -> int:
    rows = runtime.metrics()["pipelines"]
    return sum(int(row["results"]) for name, row in rows.items() if not name.endswith("/" + TARGET))
