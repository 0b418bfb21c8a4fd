"""The field ten_apps of bench/sharing.py: ten applications that deploy the same four pipelines on one camera.

Each run is a process of its own that is given the same decoded pictures; the figures are those of ten over
those of one. Cost is the processor time of the whole process from the first picture to the last answer,
handing every result to a Python callback of its application included; memory is the process's proportional
set size at the end. The answers of a first run are compared: each application's to those of a run that
merges nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from common import alternate, medians, pss_mib, say

BENCH = Path(__file__).parents[2]
STEPS: dict[str, list[dict[str, Any]]] = {
    "objects": [{"name": "objects", "model": "zoo:ssd-mobilenetv2-oidv4"}],
    "scene": [{"name": "scene", "model": "zoo:efficientnet-lite0"}],
    "faces": [
        {"name": "faces", "model": "zoo:face-detection-full"},
        {"name": "meshes", "model": "zoo:face-mesh", "for_each": "faces"},
    ],
    "bodies": [{"name": "bodies", "model": "zoo:pose-detection"}],
}
WIDTH, HEIGHT = 768, 576


def documents(applications: int) -> list[dict[str, Any]]:
    """So many applications, each with all four pipelines."""
    form = {"kind": "image", "pixel": "yuv420p", "width": WIDTH, "height": HEIGHT}
    found: list[dict[str, Any]] = [
        {
            "kind": "Sensor",
            "name": "camera",
            "source": {"type": "push", "format": form},
            "inbox": {"policy": "block"},
        }
    ]
    for index in range(applications):
        found.append({"kind": "Application", "name": f"app{index}"})
        for name, steps in STEPS.items():
            own = {"kind": "Pipeline", "name": f"{name}{index}", "application": f"app{index}"}
            found.append(
                {**own, "sensor": "camera", "steps": steps, "outputs": [each["name"] for each in steps]}
            )
    return found


def pictures(count: int) -> list[list[Any]]:
    """The first frames of the street camera, as planes."""
    import av
    import numpy as np
    from edgert import zoo

    found = []
    with av.open(str(zoo.get("street-camera"))) as file:
        for frame in file.decode(video=0):
            # A copy each: the decoder's planes are lined.
            planes = [
                np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
                for plane in frame.reformat(format="yuv420p").planes
            ]
            found.append(planes)
            if len(found) == count:
                break
    return found


class Answers:
    """Of each pipeline, what it gave for each frame, as one digest."""

    def __init__(self) -> None:
        self.digests: dict[str, Any] = {}

    def __call__(self, result: Any) -> None:
        import numpy as np

        digest = self.digests.setdefault(result.pipeline, hashlib.sha256())
        assert result.status == "ok", result.error
        for name, value in sorted(result.outputs.items()):
            parts = value if isinstance(value, (list, tuple)) else [(0, value)]
            for row, array in parts:
                digest.update(f"{name}{row}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())

    def said(self) -> dict[str, str]:
        return {name: digest.hexdigest() for name, digest in self.digests.items()}


class Count:
    """What an application does at least: it looks at the frame's number."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, result: Any) -> None:
        self.seen += result.sequence >= 0


def serve(applications: int, frames: int, merge: bool, compare: bool) -> dict[str, Any]:
    """Runs them in this process."""
    import edgert

    shown = pictures(frames)
    taking: Any = Answers() if compare else Count()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "box.yaml").write_text(yaml.safe_dump_all(documents(applications)))
        runtime = edgert.Runtime(folder, merge=merge)
    runtime.on_result(None, taking)
    with runtime:
        runtime.push("camera", shown[0])
        time.sleep(0.5)  # the first one pays for buffers
        began, cpu = time.perf_counter(), time.process_time()
        for picture in shown[1:]:
            runtime.push("camera", picture)
        runtime.finish("camera")
        assert runtime.wait(500)
        seconds, spent = time.perf_counter() - began, time.process_time() - cpu
        figures = runtime.metrics()
        pss = pss_mib()
    assert not runtime.failures, runtime.failures
    if not compare:
        assert taking.seen == applications * len(STEPS) * frames
    return {
        "cpu_ms": spent * 1e3 / (frames - 1),
        "wall_ms": seconds * 1e3 / (frames - 1),
        "pss_mib": pss,
        "buffer_mib": figures["buffer_bytes"] / 2**20,
        "buffer_apart_mib": figures["buffer_bytes_apart"] / 2**20,
        "answers": taking.said() if compare else {},
    }


def child(applications: int, frames: int, *flags: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "parts.sharing.apps",
        "--serve",
        str(applications),
        "--frames",
        str(frames),
    ]
    done = subprocess.run([*command, *flags], cwd=BENCH, text=True, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def equal_answers(frames: int) -> None:
    """Fails where an application's answers differ from those of one that shares nothing."""
    alone = child(1, frames, "--compare", "--apart")["answers"]
    together = child(10, frames, "--compare")["answers"]
    assert len(alone) == len(STEPS) and len(together) == 10 * len(STEPS)
    for name, digest in together.items():
        of = name.split("/")[1].rstrip("0123456789")
        assert digest == alone[f"app0/{of}0"], f"{name} has other answers"


def measure(frames: int, rounds: int) -> dict[str, Any]:
    """The figures for the JSON line."""
    equal_answers(8)
    runs: dict[int, list[dict[str, Any]]] = {1: [], 10: []}

    def side(applications: int) -> float:
        runs[applications].append(child(applications, frames))
        last = runs[applications][-1]
        say(f"  {applications} applications: {last['cpu_ms']:.1f} ms a frame, {last['pss_mib']:.0f} MiB")
        return float(last["cpu_ms"])

    cost = medians(alternate(rounds, {"one": lambda: side(1), "ten": lambda: side(10)}))
    memory = {number: min(run["pss_mib"] for run in of) for number, of in runs.items()}
    return {
        "ten_apps": cost["ten"] / cost["one"],
        "ten_apps_memory": memory[10] / memory[1],
        "ten_apps_cpu_ms": cost["ten"],
        "one_app_cpu_ms": cost["one"],
        "ten_apps_pss_mib": memory[10],
        "one_app_pss_mib": memory[1],
        "ten_apps_buffer_mib": runs[10][-1]["buffer_mib"],
        "ten_apps_buffer_apart_mib": runs[10][-1]["buffer_apart_mib"],
    }


def main() -> None:
    """A side's process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", type=int)
    parser.add_argument("--frames", type=int)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--apart", action="store_true")
    given = parser.parse_args()
    print(json.dumps(serve(given.serve, given.frames, not given.apart, given.compare)))


if __name__ == "__main__":
    main()
