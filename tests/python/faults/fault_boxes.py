"""A box of two sensors: `bad`, whose camera is a fake that does what a test says, and `good`, which must not
notice. And what is counted of a process."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from edgert import Runtime
from edgert.errors import InvalidError, UnavailableError, make
from edgert.sources.base import Picture, Samples

PATIENCE = 30.0
BOX = """
kind: Sensor
name: bad
source: {type: camera, width: 64, height: 48, pixel: gray}
inbox: {policy: %(policy)s, size: 4}
reconnect: {first: 5ms, most: 20ms}
stall_after: 300ms
open_within: 300ms
---
kind: Sensor
name: good
source: {type: synthetic, width: 64, height: 48, pixel: gray, rate: 200}
inbox: {policy: block}
---
kind: Pipeline
name: bad
sensor: bad
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, colour: gray}}]
---
kind: Pipeline
name: good
sensor: good
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, colour: gray}}]
"""


def picture(media_time: float, size: tuple[int, int] = (64, 48), pixel: str = "gray") -> Picture:
    """A frame in memory of its own."""
    width, height = size
    depth = {"gray": 1, "rgb24": 3}[pixel]
    plane = np.full(width * height * depth, 100, np.uint8)
    return Picture([plane], [width * depth], width, height, pixel, range="full", media_time=media_time)


class Camera:
    """Stands for edgert.sources.camera.Camera: each opening does what `script(opening)` yields.

    It holds a file descriptor from its opening to its close(), as a device's source does.
    """

    realtime = False
    copied_bytes = 0
    script: Callable[[int], Iterator[Any]]
    opened = closed = 0
    lock = threading.Lock()

    def __init__(self, base_dir: Path, **fields: Any) -> None:
        self._fd: int | None = None
        self._interrupted = threading.Event()

    def probe(self) -> dict[str, Any]:
        return {"kind": "image", "pixel": "gray", "width": 64, "height": 48, "range": "full"}

    def frames(self) -> Iterator[Any]:
        self._fd = os.open("/dev/zero", os.O_RDONLY)
        with Camera.lock:
            number, Camera.opened = Camera.opened, Camera.opened + 1
        for action in Camera.script(number):
            if isinstance(action, (Picture, Samples)):
                time.sleep(0.001)
                yield action
            elif isinstance(action, Exception):
                raise action
            elif action == "hang":
                self._interrupted.wait()
                raise make(UnavailableError, "camera", "was interrupted", "try again")
            elif action == "hang for good":
                time.sleep(3.0)  # deaf to interrupt(); comes back only when it was left behind

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            with Camera.lock:
                Camera.closed += 1


def frames(count: int, start: float = 0.0, **rest: Any) -> Iterator[Picture]:
    """Frames of 100 a second from media time `start`."""
    return (picture(start + index / 100, **rest) for index in range(count))


def unplugged() -> UnavailableError:
    """What a driver says."""
    return make(UnavailableError, "camera /dev/video0", "No such device", "plug it in")


def garbage() -> InvalidError:
    """What a decoder says."""
    return make(InvalidError, "camera /dev/video0", "Invalid data found", "look at the camera")


class Trial:
    """Runs the box with a script until the bad camera has been opened `openings` times.

    Asserts that the good sensor went on meanwhile, that all frames of both are accounted for, and that
    results are in order.
    """

    def __init__(self, folder: Path, monkeypatch: Any, policy: str = "block") -> None:
        self.folder, self.policy = folder, policy
        monkeypatch.setattr("edgert.sources.camera.Camera", Camera)
        Camera.opened = Camera.closed = 0

    def run(self, script: Callable[[int], Iterator[Any]], openings: int) -> dict[str, Any]:
        """The bad sensor's row of the metrics at the end."""
        Camera.script = staticmethod(script)  # type: ignore[assignment]
        (self.folder / "box.yaml").write_text(BOX % {"policy": self.policy})
        came: Counter[tuple[str, str]] = Counter()
        times: dict[str, list[float]] = {"bad": [], "good": []}
        runtime = Runtime(self.folder / "box.yaml")

        def take(result: Any) -> None:
            name = result.pipeline.split("/")[-1]
            came[name, result.status] += 1
            times[name].append(result.media_time)

        runtime.on_result(None, take)
        with runtime:
            self._until(lambda: Camera.opened >= openings)
            before = came["good", "ok"]
            self._until(lambda: came["good", "ok"] > before + 10)  # it still runs
            assert runtime.sensor_states()["good"].state == "running"
            self.prometheus = runtime.prometheus()
        metrics = runtime.metrics()
        assert runtime.failures == []
        for name, row in metrics["sensors"].items():
            assert row["dropped_unexplained"] == 0, (name, row)
            passed = metrics["pipelines"][f"default/{name}"]
            accounted = passed["results"] + sum(row["dropped"].values()) + row["waiting"]
            assert row["read"] == accounted, (name, row, passed)
            assert times[name] == sorted(times[name])
            assert came[name, "ok"] == passed["results"]
        good = metrics["sensors"]["good"]
        assert (good["reconnects"], good["stalls"], good["tries"]) == (0, 0, 0)
        bad: dict[str, Any] = metrics["sensors"]["bad"]
        return bad

    @staticmethod
    def _until(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "it did not come to that"
            time.sleep(0.01)


class Held(dict[str, int]):
    """What this process holds: file descriptors, threads."""

    @classmethod
    def now(cls) -> Held:
        """Counted after all that was left has gone."""
        gc.collect()
        return cls(files=len(os.listdir("/proc/self/fd")), threads=threading.active_count())

    def settles_at(self, most: Held, timeout: float = 10.0) -> bool:
        """Whether it comes down to `most` again, soon."""
        end = time.monotonic() + timeout
        while any(Held.now()[key] > most[key] for key in most):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


def resident_kib() -> int:
    """Memory of this process."""
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])
