"""Frames lent to other processes, and clients that are killed while they hold them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest

WIDTH, HEIGHT = 320, 180
DOCUMENTS = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: yuv420p, width: 320, height: 180}}
---
kind: Sensor
name: microphone
source: {type: push, format: {kind: audio, rate: 16000, channels: 1, dtype: float32, max_chunk: 1600}}
---
kind: Application
name: door
---
kind: Model
name: face
file: zoo:face-detection-short
input: {image: {size: 128, layout: nhwc, fit: stretch, range: [-1, 1]}}
---
kind: Model
name: loud
file: zoo:keyword-melspectrogram
input: {audio: {rate: 16kHz, window: 1760, hop: 1280, gain: 32767}}
---
{kind: Pipeline, name: faces, application: door, sensor: camera, steps: [{name: face, model: face}]}
---
{kind: Pipeline, name: sounds, application: door, sensor: microphone, steps: [{name: loud, model: loud}]}
"""
HOLDER = """
import sys, edgert
sensor = edgert.attach(sys.argv[1], "camera", held=3)
print("attached", flush=True)
kept = [sensor.next(30) for _ in range(3)]
print("held", flush=True)
sys.stdin.readline()
"""


def planes(value: int) -> list[Any]:
    half = (HEIGHT // 2, WIDTH // 2)
    return [np.full(shape, value, np.uint8) for shape in ((HEIGHT, WIDTH), half, half)]


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[edgert.Runtime, str]]:
    (tmp_path / "box.yaml").write_text(DOCUMENTS)
    path = str(tmp_path / "frames.sock")
    with edgert.Runtime(tmp_path / "box.yaml", share=edgert.Share(path, frames=8)) as runtime:
        yield runtime, path


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.005)
    return False


def held(runtime: edgert.Runtime) -> int:
    return int(runtime.metrics()["share"]["held"])


def test_a_client_maps_pictures_read_only(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    sensor = edgert.attach(path, "camera", timeout=10)
    runtime.push("camera", planes(7), media_time=1.5)
    frame = next(iter(sensor))
    assert (frame.width, frame.height, frame.pixel, frame.media_time) == (WIDTH, HEIGHT, "yuv420p", 1.5)
    assert [plane.shape for plane in frame.planes] == [(180, 320), (90, 160), (90, 160)]
    assert all((plane == 7).all() for plane in frame.planes)
    with pytest.raises(ValueError, match="read-only"):
        frame.planes[0][0, 0] = 1


def test_a_client_gets_sound(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    sensor = edgert.attach(path, "microphone", timeout=10)
    samples = np.arange(1000, dtype=np.float32).reshape(-1, 1)
    runtime.push("microphone", samples)
    np.testing.assert_array_equal(sensor.next(10).samples, samples)


def test_what_is_pushed_from_shared_memory_is_not_copied(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    sensor = edgert.attach(path, "camera", timeout=10)
    array = runtime.shared_array((HEIGHT * 3 // 2, WIDTH))
    array[:] = 9
    chroma = array[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    runtime.push("camera", [array[:HEIGHT], chroma[0], chroma[1]])
    frame = sensor.next(10)
    assert (frame.planes[2] == 9).all()
    assert runtime.metrics()["share"]["copied_bytes"] == 0


def test_arrays_keep_a_lease_and_a_released_frame_says_so(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    sensor = edgert.attach(path, "camera", timeout=10)
    runtime.push("camera", planes(3))
    frame = sensor.next(10)
    luma = frame.planes[0]
    frame.release()
    with pytest.raises(edgert.errors.CancelledError, match="was released"):
        _ = frame.planes
    assert held(runtime) == 1
    assert (luma == 3).all()
    del luma
    assert eventually(lambda: held(runtime) == 0)


def test_killed_clients_give_everything_back(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    runtime.push("camera", planes(0))  # lets go what lanes held of arrays that were pushed before
    gc.collect()
    files = len(os.listdir("/proc/self/fd"))
    for _ in range(12):
        client = subprocess.Popen(
            [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert client.stdout and client.stdout.readline() == "attached\n"
        for value in range(3):
            runtime.push("camera", planes(value))
        assert client.stdout.readline() == "held\n"
        assert held(runtime) == 3
        client.send_signal(signal.SIGKILL)
        client.wait()
        client.stdout.close()
        if client.stdin:
            client.stdin.close()
        assert eventually(lambda: held(runtime) == 0)
    assert runtime.metrics()["share"]["reclaimed"] == 36
    assert runtime.metrics()["share"]["clients"] == 0
    assert len(os.listdir("/proc/self/fd")) <= files  # earlier tests' may go meanwhile
    sensor = edgert.attach(path, "camera", timeout=10)
    runtime.push("camera", planes(5))
    assert (sensor.next(10).planes[0] == 5).all()


def test_the_sensors_end_ends_the_iteration(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, path = shared
    sensor = edgert.attach(path, "camera", timeout=10)
    runtime.push("camera", planes(1))
    runtime.finish("camera")
    assert [frame.sequence for frame in sensor] == [0]


def test_errors_say_what_to_do(shared: tuple[edgert.Runtime, str], tmp_path: Path) -> None:
    _, path = shared
    with pytest.raises(edgert.errors.NotFoundError, match="no sensor 'roof'; there are: camera, microphone"):
        edgert.attach(path, "roof")
    with pytest.raises(edgert.errors.UnavailableError, match="nobody shares frames there"):
        edgert.attach(tmp_path / "nothing.sock", "camera")
    with pytest.raises(edgert.errors.InvalidError, match="hold at least 1"):
        edgert.attach(path, "camera", held=0)
    said = "lends 16 frames at once to one client, and 1000 are asked for; hold fewer"
    with pytest.raises(edgert.errors.InvalidError, match=said):
        edgert.attach(path, "camera", held=1000)
    for name, value in (("frames", 0), ("most_held", -1), ("largest", -1)):
        with pytest.raises(edgert.errors.InvalidError, match=f"share: {name} is {value}; give"):
            edgert.Runtime(tmp_path / "box.yaml", share=edgert.Share(path, **{name: value}))
    with pytest.raises(edgert.errors.DeadlineError, match="no frame came in time"):
        edgert.attach(path, "camera").next(0.05)
    with pytest.raises(edgert.errors.UnavailableError, match="can't listen there"):
        edgert.Runtime(tmp_path / "box.yaml", share="/proc/frames.sock")


def test_shared_memory_runs_out_with_a_clear_error(shared: tuple[edgert.Runtime, str]) -> None:
    runtime, _ = shared
    arrays = [runtime.shared_array((HEIGHT, WIDTH)) for _ in range(8)]
    with pytest.raises(edgert.errors.ExhaustedError, match="no slot is free"):
        runtime.shared_array((HEIGHT, WIDTH))
    del arrays
    assert runtime.shared_array((HEIGHT, WIDTH)).shape == (HEIGHT, WIDTH)
