"""What deploys follow besides plans: Scheduler and Policy documents, and sinks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.errors import InvalidError
from edgert.sources.taps import Taps
from test_deploy import MODEL, OFFICE, PIPELINE, SENSOR, SHOP, documents, folder_with

PATIENCE = 30.0
RATE, SECONDS = 25, 4


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Calls:
    """What the policy's seat tells the core."""

    def __init__(self, runtime: Runtime) -> None:
        self.made: list[tuple[Any, ...]] = []
        self._native = runtime._policy._native
        runtime._policy._native = self

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._native, name)

        def noted(*arguments: Any) -> Any:
            self.made.append((name, *arguments))
            return called(*arguments)

        return noted


def box(folder: Path, *more: str) -> Path:
    folder_with(folder, "echo")
    return documents(
        folder, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"), *more
    )


SCHEDULER = "---\n{kind: Scheduler, name: box, %s}\n"


def test_order_ageing_and_lanes_kept_free_follow_the_scheduler_document(tmp_path: Path) -> None:
    with Runtime(box(tmp_path)) as runtime:
        calls = Calls(runtime)
        runtime.deploy(box(tmp_path))
        assert calls.made == []
        keep = "keep_free: {lanes: 1, longer_than: 20ms}"
        runtime.deploy(box(tmp_path, SCHEDULER % f"order: priority, ageing: 50ms, {keep}"))
        assert calls.made == [("set_order", "priority"), ("set_ageing", 50.0), ("keep_free", 1, 20.0, [])]
        runtime.set_order("fair")  # by the program: until the document says another one
        calls.made.clear()
        runtime.deploy(box(tmp_path, SCHEDULER % f"order: priority, ageing: 50ms, {keep}"))
        assert calls.made == [("keep_free", 1, 20.0, [])]
        calls.made.clear()
        runtime.deploy(box(tmp_path, SCHEDULER % "order: slack"))
        assert calls.made == [("set_order", "slack"), ("set_ageing", 100.0), ("keep_free", 0)]


def test_the_programs_order_stays(tmp_path: Path) -> None:
    with Runtime(box(tmp_path), order="fifo") as runtime:
        calls = Calls(runtime)
        runtime.deploy(box(tmp_path, SCHEDULER % "order: slack"))
        assert calls.made == []


def test_what_is_made_at_the_start_is_refused(tmp_path: Path) -> None:
    with Runtime(box(tmp_path)) as runtime:
        with pytest.raises(InvalidError, match="says cache: 1000000 bytes now, and 64000000 at"):
            runtime.deploy(box(tmp_path, SCHEDULER % "cache: 1MB"))
        with pytest.raises(InvalidError, match="start a new runtime for that"):
            runtime.add(documents(tmp_path, SCHEDULER % "cache: 1MB", name="more.yaml"))
        assert runtime.metrics()["deploy"]["generation"] == 1
        runtime.add(
            documents(tmp_path, OFFICE, PIPELINE % ("two", "office", "echo"), name="more.yaml")
        )  # goes on


POLICY = "---\n{kind: Policy, name: %s, policy: %s}\n"


def test_the_policy_follows_its_document(tmp_path: Path) -> None:
    def name(runtime: Runtime) -> str | None:
        row = runtime.metrics()["policy"]
        return None if row is None else str(row["name"])

    with Runtime(box(tmp_path, POLICY % ("day", "edf"))) as runtime:
        assert name(runtime) == "day"
        runtime.deploy(box(tmp_path, POLICY % ("night", "fair")))
        assert name(runtime) == "night"
        with pytest.raises(InvalidError, match="several Policy documents"):
            runtime.deploy(box(tmp_path, POLICY % ("night", "fair"), POLICY % ("day", "edf")))
        assert name(runtime) == "night"
        runtime.deploy(box(tmp_path))
        assert name(runtime) is None
        runtime.deploy(box(tmp_path, POLICY % ("day", "edf")))
        assert name(runtime) == "day"
        runtime.set_policy(None)  # by the program: it stays so
        runtime.deploy(box(tmp_path, POLICY % ("night", "fair")))
        assert name(runtime) is None
        assert not runtime.failures


class Told:
    """A Tap that notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def begin(self, stream: Any) -> None:
        self.heard.append(f"begin {stream}")

    def packet(self, packet: Any) -> None:
        self.heard.append(str(packet))


def test_taps_come_and_go_while_a_stream_runs() -> None:
    taps, one, two = Taps(), Told(), Told()
    taps.begin("s")
    taps.packet(1)
    taps.set([one])
    taps.packet(2)
    taps.set([one, two])
    taps.packet(3)
    taps.begin("t")
    taps.set([two])
    taps.packet(4)
    assert one.heard == ["begin s", "2", "3", "begin t"]
    assert two.heard == ["begin s", "3", "begin t", "4"]


def write_video(path: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 5
        stream.time_base = Fraction(1, RATE)
        for index in range(RATE * SECONDS):
            picture = np.full((48, 64, 3), index % 250, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


VIDEO = """
kind: Sensor
name: door
source: {type: video, path: door.mp4, loop: true}
---
kind: Pipeline
name: %s
sensor: door
steps: [{name: small, transform: image.to_tensor, params: {width: 8, height: 8}, from: frame}]
%s
"""
RECORD = "sinks: [{type: record, folder: clips, before: 200ms, after: 200ms, longest: 1s}]"


def test_a_record_sink_comes_to_a_camera_that_runs_and_goes_again(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    write_video(tmp_path / "door.mp4")
    clips = tmp_path / "clips"
    plain, recording = documents(tmp_path, VIDEO % ("one", "")), tmp_path / "recording.yaml"
    recording.write_text(VIDEO % ("one", RECORD))
    seen, came = [0], threading.Event()

    def count(result: Any) -> None:
        seen[0] += 1
        came.set()

    with Runtime(plain) as runtime:
        runtime.on_result("one", count)
        assert came.wait(PATIENCE)
        for _ in range(2):
            runtime.deploy(recording)
            until(lambda: runtime.metrics()["sinks"][0]["clips"] >= 1, "a clip")
            sink = runtime._sinks.open[0][1]
            runtime.deploy(plain)
            assert runtime.metrics()["sinks"] == []
            assert not sink.tap._thread.is_alive()  # type: ignore[attr-defined]
        before = seen[0]
        until(lambda: seen[0] > before + 5, "results go on")
        assert runtime.metrics()["sensors"]["door"]["reconnects"] == 0
        assert not runtime.failures
    written = sorted(clips.glob("**/*.mp4"))
    assert len(written) >= 2
    lengths = []
    for path in written:
        with av.open(str(path)) as container:
            lengths.append(len(list(container.decode(video=0))))
    # A clip that goes on from a long one may have begun just before its sink went.
    assert min(lengths) >= 1 and max(lengths) > 3


def test_a_sink_gets_what_its_pipeline_gave_before_it_is_gone(tmp_path: Path) -> None:
    path = box(tmp_path, OFFICE, PIPELINE % ("two", "office", "echo"))
    heard: list[int] = []
    with Runtime(path) as runtime:

        class Slow:
            """As a sink: it may not be called once it is closed."""

            closed = False

            def __call__(self, result: Any) -> None:
                assert not self.closed
                time.sleep(0.01)
                heard.append(result.sequence)

            def close(self) -> None:
                self.closed = True

        slow = Slow()
        runtime._sinks.open.append(("office/two", slow))  # type: ignore[arg-type]
        runtime.on_result("office/two", slow)
        for index in range(20):
            assert runtime.push("belt", np.full((1, 2), index, np.float32), timeout=20)
        runtime.remove(pipeline="two")
        assert slow.closed and not runtime.failures
        assert heard and heard == list(range(len(heard)))  # frames in the inbox went to the next plan


def test_figures_are_of_one_plan_while_plans_follow_each_other(tmp_path: Path) -> None:
    one = box(tmp_path).read_text()
    other = SENSOR.replace("name: belt", "name: other") + (PIPELINE % ("two", "shop", "echo")).replace(
        "sensor: belt", "sensor: other"
    )
    big = tmp_path / "big.yaml"
    big.write_text(one + other)
    wrong: list[BaseException] = []
    stop = threading.Event()
    seen: set[tuple[str, ...]] = set()

    with Runtime(box(tmp_path)) as runtime:

        def look() -> None:
            try:
                while not stop.is_set():
                    figures = runtime.metrics()
                    assert all("state" in row for row in figures["sensors"].values())
                    assert all(node["label"] for node in figures["nodes"])
                    seen.add(tuple(figures["sensors"]))
                    runtime.prometheus()
                    runtime.on_result(None, lambda result: None)
            except BaseException as error:
                wrong.append(error)

        thread = threading.Thread(target=look)
        thread.start()
        for _ in range(20):
            runtime.deploy(big)
            runtime.deploy(box(tmp_path))
        stop.set()
        thread.join()
        assert not wrong and not runtime.failures
    assert seen == {("belt",), ("belt", "other")}
