"""Eight 720p cameras of which each frame is wanted by four models' transforms.

    python bench/sensors.py [--cameras 8] [--seconds 12] [--rate 10]

The models are of the null backend, so that what is measured is the data side: reading, decoding (H.264),
transforms and results. `decode_share` is the decoder's part of the CPU time: that of FFmpeg's own threads;
lanes and Python (with readers' demuxing) are the rest, but for the thread that looks at the others' times.
Copies and drops are the runtime's own counts, allocations are those of the lanes, counted by a preloaded
malloc.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from common import finish, machine, say
from parts.tenants.work import camera_file

HERE = Path(__file__).parent
WANTED = {
    "face": (128, "nhwc", [-1, 1]),
    "mesh": (192, "nhwc", [0, 1]),
    "scene": (224, "nchw", [-1, 1]),
    "objects": (300, "nhwc", [-1, 1]),
}
WARM = 3.0  # s: pools have grown to their size
LOOK = 0.1  # s between two looks at the threads


def documents(folder: Path, cameras: int, rate: float) -> Path:
    """A document file: the cameras, four null models, and a pipeline of each model on each camera."""
    texts: list[dict[str, Any]] = [{"kind": "Application", "name": "bench"}]
    for name, (size, layout, span) in WANTED.items():
        shape = f"1x{size}x{size}x3" if layout == "nhwc" else f"1x3x{size}x{size}"
        (folder / f"{name}.null").write_text(f"input x float32 {shape}\noutput y float32 1x4\n")
        image = {"size": size, "layout": layout, "fit": "stretch", "range": span}
        model = {"kind": "Model", "name": name, "file": f"{name}.null", "input": {"image": image}}
        texts.append(model)
    for index in range(cameras):
        source = {"type": "video", "path": str(camera_file(120)), "loop": True}
        texts.append({"kind": "Sensor", "name": f"camera{index}", "source": source})
        texts += [
            {
                "kind": "Pipeline",
                "name": f"{name}{index}",
                "application": "bench",
                "sensor": f"camera{index}",
                "rate": rate,
                "steps": [{"name": name, "model": name}],
            }
            for name in WANTED
        ]
    path = folder / "sensors.yaml"
    path.write_text(yaml.safe_dump_all(texts))
    return path


class ThreadTimes:
    """CPU seconds by the threads' names, looked at often: decoders' threads end when a file begins anew."""

    def __init__(self) -> None:
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._seen: dict[str, tuple[str, float]] = {}
        self.look()
        self._before = dict(self._seen)

    def look(self) -> None:
        for task in Path("/proc/self/task").iterdir():
            try:
                head, _, tail = (task / "stat").read_text().rpartition(")")
            except OSError:
                continue
            fields = tail.split()
            spent = (int(fields[11]) + int(fields[12])) / self._ticks
            self._seen[task.name] = (head.partition("(")[2], spent)

    def spent(self) -> dict[str, float]:
        out: dict[str, float] = {}
        for task, (name, cpu) in self._seen.items():
            before = self._before.get(task, (name, 0.0))[1]
            out[name] = out.get(name, 0.0) + cpu - before
        return out


def snapshot(runtime: Any) -> dict[str, float]:
    metrics = runtime.metrics()
    sensors = metrics["sensors"].values()
    return {
        "frames": sum(row["activations"] for row in sensors),
        "converted": sum(row["converted_bytes"] for row in sensors),
        "gathered": metrics["gathered_bytes"] + metrics["engine_copied_bytes"],
        "decode": sum(row["decode_ms"] for row in sensors) / 1e3,
        "lanes": sum(lane["busy_s"] for lane in metrics["lanes"]),
        "allocations": ctypes.CDLL(None).lane_allocations(),
        "cpu": time.process_time(),
    }


def serve(cameras: int, seconds: float, rate: float) -> dict[str, Any]:
    import edgert

    with tempfile.TemporaryDirectory() as folder:
        runtime = edgert.Runtime(documents(Path(folder), cameras, rate))
        runtime.on_result(None, lambda result: None)
        with runtime:
            time.sleep(WARM)
            before, times, until = snapshot(runtime), ThreadTimes(), time.monotonic() + seconds
            looking = time.thread_time()
            while time.monotonic() < until:
                time.sleep(LOOK)
                times.look()
            looking = time.thread_time() - looking
            after = snapshot(runtime)
            after["cpu"] -= looking
            runtime.stop()
            unexplained = sum(row["dropped_unexplained"] for row in runtime.metrics()["sensors"].values())
            drops: dict[str, int] = {}
            for row in runtime.metrics()["sensors"].values():
                for reason, count in row["dropped"].items():
                    drops[reason] = drops.get(reason, 0) + count
    spent = {key: after[key] - before[key] for key in after}
    return {"spent": spent, "threads": times.spent(), "unexplained": unexplained, "drops": drops}


def preload(folder: Path) -> Path:
    """The counting malloc, as a library."""
    library = folder / "lane_allocations.so"
    source = HERE / "cpp" / "lane_allocations.cc"
    compiler = os.environ.get("CXX", "g++")
    command = [compiler, "-O2", "-std=c++20", "-shared", "-fPIC", str(source), "-o", str(library)]
    subprocess.run(command, check=True)
    return library


def decoder_share(threads: dict[str, float], cpu: float) -> float:
    """That of FFmpeg's own threads, av:CODEC:…; what readers spend in demuxing is not in it."""
    return sum(spent for name, spent in threads.items() if name.startswith("av:")) / cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--rate", type=float, default=10, help="frames a second that each pipeline wants")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(serve(options.cameras, options.seconds, options.rate)))
        return
    camera_file(120)
    here = machine()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LD_PRELOAD": str(preload(Path(folder)))}
        command = [sys.executable, __file__, "--child", *sys.argv[1:]]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    figures = json.loads(done.stdout.splitlines()[-1])
    spent, frames = figures["spent"], max(1, figures["spent"]["frames"])
    busiest = sorted(figures["threads"].items(), key=lambda item: -item[1])[:8]
    say("  CPU seconds by thread: " + ", ".join(f"{name} {cpu:.2f}" for name, cpu in busiest))
    finish(
        {
            "bytes_copied_per_frame": (spent["converted"] + spent["gathered"]) / frames,
            "decode_share": decoder_share(figures["threads"], spent["cpu"]),
            "allocations_per_frame": spent["allocations"] / frames,
            "dropped_unexplained": figures["unexplained"],
            "frames_per_second": frames / options.seconds,
            "cpu_ms_per_frame": spent["cpu"] * 1e3 / frames,
            "lanes_share": spent["lanes"] / spent["cpu"],
            "dropped": figures["drops"],
            "machine": here,
        }
    )


if __name__ == "__main__":
    main()
