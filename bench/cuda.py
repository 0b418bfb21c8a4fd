"""Models on a GPU's streams through edgert's scheduler, against ONNX Runtime's own synchronous runs there.

    python bench/cuda.py [--seconds 4] [--plan-rate build/release/tests/plan_rate] [--models NAME...]

Needs a GPU, a build with -DEDGERT_CUDA=ON and its target plan_rate, and onnxruntime-gpu; where one of them
is missing the JSON line says which, in skipped. Four sensors push 256² pictures of noise as fast as they are
taken; each picture is made a tensor on the processor and goes through the model on `type: cuda` with so many
streams and runs in flight on each (edgert_per_s, by "streams x in_flight"). sync_per_s: InferenceSession.run
of onnxruntime's Python package with the CUDA provider and the same options, one run at a time, on a tensor
that is there already, the median of three rounds before, between and after. best_gain: the best of
edgert_per_s over it, by model; mix: all models together, against the peer that runs one after another in
turn. worst_error: the norm of the difference from the processor's answers over their norm, at the worst of
all models that have weights of their own, over the first 16 pictures of each sensor.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import finish, machine, say

RANGES = {"efficientnet-lite0": [-1, 1]}  # of the others, 0 to 1: architectures with constant weights
MODELS = ("efficientnet-lite0", "light-squeezenet", "light-inception-v1", "light-resnet50")
GRID = ((1, 1), (1, 2), (2, 2), (4, 2), (4, 4))
SENSORS = 4
ENTRIES = {"arena_extend_strategy": "kSameAsRequested"}  # as edgert sets it


def missing(plan_rate: Path) -> str | None:
    """Why nothing can be measured here."""
    import onnxruntime
    from edgert import _native

    gpu = next((one for one in _native.devices() if one["kind"] == "cuda"), None)
    if gpu is None or not gpu["available"]:
        return f"cuda: {gpu['reason'] if gpu else 'this build knows no GPUs'}"
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "this onnxruntime has no CUDA provider: pip install onnxruntime-gpu in its place"
    if not plan_rate.exists():
        return f"{plan_rate} is not there: ninja -C build/release plan_rate, or say --plan-rate"
    return None


def documents(models: list[str], grid: tuple[int, int] | None) -> str:
    """Each model on each sensor. `grid` None: on the processor."""
    found: list[dict[str, Any]] = []
    if grid:
        found.append(
            {"kind": "Device", "name": "gpu", "type": "cuda", "streams": grid[0], "in_flight": grid[1]}
        )
    shape = {"kind": "image", "pixel": "yuv420p", "width": 256, "height": 256}
    for number in range(SENSORS):
        source = {"type": "push", "format": shape}
        found.append(
            {
                "kind": "Sensor",
                "name": f"s{number}",
                "source": source,
                "inbox": {"policy": "block", "size": 8, "in_flight": 16},
            }
        )
    for name in models:
        image = {"size": 224, "layout": "nchw", "fit": "stretch", "range": RANGES.get(name, [0, 1])}
        placed = {"device": "gpu"} if grid else {}
        found.append(
            {"kind": "Model", "name": name, "file": f"zoo:{name}", "input": {"image": image}, **placed}
        )
        for number in range(SENSORS):
            found.append(
                {
                    "kind": "Pipeline",
                    "name": f"{name}-{number}",
                    "sensor": f"s{number}",
                    "steps": [{"name": "out", "model": name, "from": "frame"}],
                    "outputs": ["out"],
                }
            )
    return "\n---\n".join(json.dumps(one) for one in found)


def run_plan(
    folder: Path, plan_rate: Path, models: list[str], grid: tuple[int, int] | None, seconds: float
) -> tuple[dict[str, Any], Any]:
    """What plan_rate says, and the first answers."""
    documents_file, plan, answers = folder / "box.yaml", folder / "box.plan", folder / "answers"
    documents_file.write_text(documents(models, grid), encoding="utf-8")
    compile_ = [sys.executable, "-m", "edgert", "compile", str(documents_file), "-o", str(plan)]
    subprocess.run(compile_, check=True, stdout=subprocess.DEVNULL)
    from edgert import engines

    library = {"EDGERT_ONNXRUNTIME_LIBRARY": str(engines.find_library("onnxruntime"))}
    ran = subprocess.run(
        [str(plan_rate), str(plan), str(seconds), str(answers)],
        stdout=subprocess.PIPE,
        env={**os.environ, **library},
    )
    if ran.returncode:
        raise SystemExit(f"{plan_rate} failed with {ran.returncode} on {', '.join(models)}, {grid}")
    said: dict[str, Any] = json.loads(ran.stdout)
    if said["failed"]:
        raise SystemExit(f"{said['failed']} runs failed on {', '.join(models)}, {grid}: {said['error']}")
    return said, np.fromfile(answers, np.float32)


def peer(models: list[str]) -> Callable[[float], float]:
    """Runs a second, one at a time."""
    import onnxruntime
    from edgert import zoo

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    calls = []
    for name in models:
        session = onnxruntime.InferenceSession(
            str(zoo.get(name)), options, providers=[("CUDAExecutionProvider", ENTRIES)]
        )
        feed = {session.get_inputs()[0].name: np.random.default_rng(1).random((1, 3, 224, 224), np.float32)}
        calls.append((session, feed))
        for _ in range(20):
            session.run(None, feed)

    def rate(seconds: float) -> float:
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            for session, feed in calls:
                session.run(None, feed)
            count += len(calls)
        return count / (time.perf_counter() - began)

    return rate


def error(mine: Any, theirs: Any) -> float:
    """Over what both answered."""
    if mine.shape != theirs.shape:
        raise SystemExit(f"{mine.shape} numbers on the GPU, {theirs.shape} on the processor")
    return float(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs))


def measure(folder: Path, plan_rate: Path, models: list[str], seconds: float) -> dict[str, Any]:
    """One model, or several together."""
    rate = peer(models)
    sync = [rate(seconds / 2)]
    _, reference = run_plan(folder, plan_rate, models, None, 1)
    found, errors = {}, []
    for index, grid in enumerate(GRID):
        said, answers = run_plan(folder, plan_rate, models, grid, seconds)
        found[f"{grid[0]}x{grid[1]}"] = said["results_per_s"]
        errors.append(error(answers, reference))
        if index == len(GRID) // 2:
            sync.append(rate(seconds / 2))
    sync.append(rate(seconds / 2))
    per_s = statistics.median(sync)
    figures = {
        "sync_per_s": round(per_s, 1),
        "edgert_per_s": found,
        "gain": round(max(found.values()) / per_s, 3),
        "error": float(f"{max(errors):.2g}"),
    }
    say(f"{', '.join(models)}: {figures}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--plan-rate", type=Path, default=Path("build/release/tests/plan_rate"))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    given = parser.parse_args()
    if reason := missing(given.plan_rate):
        finish({"bench": "cuda", "skipped": reason, "machine": machine()})
        return
    with tempfile.TemporaryDirectory() as folder:
        each = {name: measure(Path(folder), given.plan_rate, [name], given.seconds) for name in given.models}
        mix = measure(Path(folder), given.plan_rate, given.models, given.seconds)
    from edgert import _native

    gpu = next(one["detail"] for one in _native.devices() if one["kind"] == "cuda")
    finish(
        {
            "bench": "cuda",
            "gpu": gpu,
            "models": each,
            "mix": mix,
            "best_gain": {name: one["gain"] for name, one in each.items()},
            "worst_error": max([one["error"] for name, one in each.items() if name in RANGES], default=None),
            "machine": machine(),
        }
    )


if __name__ == "__main__":
    main()
