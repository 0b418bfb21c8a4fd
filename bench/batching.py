"""What it brings to run works of several sensors as one.

    python bench/batching.py [--rounds 5] [--seconds 2] [--sensors 8] [--models NAME …]

Eight sensors push frames as fast as they are taken, each with a pipeline of its own, all of one model of the
zoo whose first axis is free. gain: frames a second with `batch: 8` over those without, by model; cpu_gain:
processor time a frame without over with, which other processes disturb less. mean_batch: works a run.
batched_kib: bytes copied a frame to bring inputs together.
Rounds alternate between the sides; figures are medians. Both sides must give the same answers.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from common import alternate, finish, machine, medians, say
from edgert import Runtime
from edgert.documents import load
from parts.tenants.edgert import AUDIO_MODELS

MODELS: dict[str, dict[str, Any]] = {
    "efficientnet-lite0": {
        "file": "zoo:efficientnet-lite0",
        "input": {"image": {"mean": 127, "deviation": 128}},
    },
    "yamnet": AUDIO_MODELS["sounds"],
}
FORMATS: dict[str, dict[str, Any]] = {
    "efficientnet-lite0": {"kind": "image", "pixel": "rgb24", "width": 224, "height": 224},
    "yamnet": {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "float32", "max_chunk": 15600},
}
TOLERANCE = 1e-3
WARM = 0.5  # s


def documents(model: str, sensors: int, batch: int) -> Any:
    """One application, a pipeline a sensor, all of one model."""
    made: list[dict[str, Any]] = [
        {"kind": "Application", "name": "bench"},
        {"kind": "Model", "name": "model", "batch": batch, **MODELS[model]},
    ]
    for index in range(sensors):
        source = {"type": "push", "format": FORMATS[model]}
        inbox = {"policy": "block", "size": 2, "in_flight": 2}
        made.append({"kind": "Sensor", "name": f"s{index}", "inbox": inbox, "source": source})
        # Nobody reads while it is measured.
        pipeline = {
            "name": f"p{index}",
            "application": "bench",
            "sensor": f"s{index}",
            "when_full": "drop_oldest",
        }
        made.append({"kind": "Pipeline", **pipeline, "steps": [{"name": "run", "model": "model"}]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box.yaml"
        path.write_text(yaml.safe_dump_all(made), encoding="utf-8")
        return load(path)


def frames(model: str, seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    if FORMATS[model]["kind"] == "image":
        return [random.integers(0, 256, (224, 224, 3), np.uint8) for _ in range(4)]
    return [random.uniform(-0.5, 0.5, (15600, 1)).astype(np.float32) for _ in range(4)]


class Side:
    """A runtime that has its sensors pushed to while it is measured."""

    def __init__(self, model: str, sensors: int, batch: int) -> None:
        self.model, self.sensors = model, sensors
        self.runtime = Runtime(documents(model, sensors, batch))
        self.runtime.start()

    def answers(self) -> list[Any]:
        """Of one frame of each sensor, pushed at once."""
        streams = [self.runtime.results(f"bench/p{index}") for index in range(self.sensors)]
        for index in range(self.sensors):
            self.runtime.push(f"s{index}", frames(self.model, index)[0], media_time=0.0)
        found = [self._first(next(stream)) for stream in streams]
        for stream in streams:
            stream.close()
        return found

    @staticmethod
    def _first(result: Any) -> Any:
        value = next(iter(result.outputs.values()))[0]
        # Of a window, or of a picture.
        return np.array(value[1] if isinstance(value, tuple) else value, copy=True)

    @contextmanager
    def pushed(self) -> Iterator[None]:
        stop = threading.Event()

        def push(index: int) -> None:
            data, number = frames(self.model, index), 0
            while not stop.is_set():
                number += 1
                self.runtime.push(f"s{index}", data[number % len(data)], media_time=float(number))

        threads = [threading.Thread(target=push, args=(index,)) for index in range(self.sensors)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def measure(self, seconds: float) -> tuple[float, float]:
        """Frames a second, and processor time of a frame in ms."""
        with self.pushed():
            time.sleep(WARM)
            began, spent, done = time.perf_counter(), time.process_time(), self.done()
            time.sleep(seconds)
            count = self.done() - done
            return count / (time.perf_counter() - began), (time.process_time() - spent) / max(count, 1) * 1e3

    def done(self) -> int:
        return sum(int(row["results"]) for row in self.runtime.metrics()["pipelines"].values())


def compare(model: str, sensors: int, rounds: int, seconds: float) -> dict[str, float]:
    sides = {"single": Side(model, sensors, 1), "batched": Side(model, sensors, sensors)}
    for mine, other in zip(*(side.answers() for side in sides.values()), strict=True):
        if not np.allclose(mine, other, rtol=TOLERANCE, atol=TOLERANCE * float(np.abs(mine).max())):
            raise SystemExit(f"{model}: a batch gives other answers")
    cpu: dict[str, list[float]] = {name: [] for name in sides}

    def of(name: str) -> float:
        rate, spent = sides[name].measure(seconds)
        cpu[name].append(spent)
        return rate

    rates = medians(alternate(rounds, {name: lambda name=name: of(name) for name in sides}))
    spent = medians(cpu)
    metrics = sides["batched"].runtime.metrics()
    batches = metrics["models"][0]["batches"]
    items = sum(size * count for size, count in batches.items())
    for side in sides.values():
        side.runtime.stop()
    say(f"  {model}: {rates['single']:.1f} frames/s, batched {rates['batched']:.1f}; {batches}")
    return {
        "gain": rates["batched"] / rates["single"],
        "cpu_gain": spent["single"] / spent["batched"],
        "mean_batch": items / sum(batches.values()),
        "batched_kib": metrics["batched_bytes"] / max(items, 1) / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--sensors", type=int, default=8)
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    options = parser.parse_args()
    here = machine()
    found = {name: compare(name, options.sensors, options.rounds, options.seconds) for name in options.models}
    figures: dict[str, Any] = {
        key: {name: round(row[key], 3) for name, row in found.items()} for key in next(iter(found.values()))
    }
    finish({**figures, "sensors": options.sensors, "machine": here})


if __name__ == "__main__":
    main()
