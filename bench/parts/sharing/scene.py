"""The field static_scene of bench/sharing.py: a detector that runs again only when the scene has changed.

On a street camera, against one that runs on each frame. The threshold is what `edgert calibrate` finds on the
recording. Both sides run in turn, on all frames, as fast as they can; the cost is the lanes' CPU time. What
is lost is counted between the two sides' results, frame by frame. The `held_out` figures are of a threshold
that is found on the first half of the recording, worked out on the second.
"""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
from common import threads_cpu_ms
from edgert import Runtime
from edgert.calibrate import Calibration
from edgert.calibrate.curve import Recording, by_scene, chosen, point, used_by_scene
from edgert.calibrate.losses import lost
from edgert.documents import DocumentSet, ModelStep, Pipeline, Sensor, VideoSource

MODEL = "zoo:ssd-mobilenetv2-oidv4"
RECORDING = "zoo:street-camera"
LOSS, AT_MOST = 0.01, 2.0


def documents(unchanged: dict[str, Any] | None = None) -> DocumentSet:
    """One camera and one detector; with `unchanged`, gated by the scene."""
    step = {"name": "objects", "model": MODEL, **({"while": unchanged} if unchanged else {})}
    return DocumentSet(
        Sensor(name="camera", source=VideoSource(path=RECORDING, speed="max")),
        Pipeline(name="street", sensor="camera", steps=[ModelStep.model_validate(step)]),
    )


def run(unchanged: dict[str, Any] | None) -> tuple[float, int, list[Any], float]:
    """CPU milliseconds a frame, runs of the model, detections of each frame, greatest age in ms."""
    found, oldest, frames = [], 0.0, 0
    with Runtime(documents(unchanged), lanes=2) as runtime:
        before = threads_cpu_ms("edgert-lane")
        for result in runtime.results("default/street"):
            frames += 1
            oldest = max(oldest, result.age_ms)
            found.append(np.array(result.answers["objects"].array[:, :6]))
        spent = threads_cpu_ms("edgert-lane") - before
        runs = next(node["executed"] for node in runtime.metrics()["nodes"] if node["op"] == "model")
    return spent / frames, runs, found, oldest


def static_scene(rounds: int = 3, seconds: float = 80.0) -> dict[str, Any]:
    """Cost gated over cost of each frame, and the curve behind the threshold."""
    calibration = Calibration(documents(), "street", "objects", seconds, LOSS, AT_MOST)
    calibration.run()
    best = calibration.best
    curve = [
        {
            "grid": point.grid,
            "threshold": point.threshold,
            "saved": round(point.saved, 4),
            "lost": round(point.lost, 4),
        }
        for point in [*calibration.scene, *calibration.age]
        if point.saved > 0
    ]
    if best is None:
        return {"cost_ratio": 1.0, "curve": curve}
    key = calibration.key(best)
    costs: dict[str, list[float]] = {"full": [], "gated": []}
    for index in range(rounds):
        for side in ("full", "gated") if index % 2 == 0 else ("gated", "full"):
            cost, runs, found, oldest = run(key if side == "gated" else None)
            costs[side].append(cost)
            if side == "full":
                full, full_runs = found, runs
            else:
                gated, gated_runs, age = found, runs, oldest
    total = sum(map(len, full))
    missing = sum(lost(one, other) for one, other in zip(full, gated, strict=True))
    return {
        "cost_ratio": statistics.median(costs["gated"]) / statistics.median(costs["full"]),
        "runs": gated_runs / full_runs,
        "lost": missing / total,
        "oldest_ms": age,
        **held_out(calibration.recording),
        "key": key,
        "curve": curve,
    }


def held_out(recording: Recording) -> dict[str, Any]:
    """What the threshold of the first half saves and loses in the second."""
    half = recording.times[-1] / 2
    best = chosen(by_scene(recording.until(half), AT_MOST, LOSS), LOSS)
    if best is None or best.grid is None:
        return {}
    second = recording.since(half)
    used = used_by_scene(second.times, second.cells[best.grid], best.threshold, AT_MOST)
    there = point(second, used, best.grid, best.threshold)
    return {"held_out_saved": there.saved, "held_out_lost": there.lost}
