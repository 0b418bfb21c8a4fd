"""Sensors controlled while all runs, the frame budget, rates, triggers and overload, on the real core."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import DocumentErrors
from edgert.errors import InvalidError, NotFoundError
from edgert.sources.base import Picture
from life_fakes import until

SENSOR = """
kind: Sensor
name: door
source: {type: synthetic, width: 32, height: 24, pixel: gray, rate: 200}
inbox: {policy: block}
"""
PIPELINE = """
---
kind: Pipeline
name: %s
sensor: door
%s
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, colour: gray}}]
"""
ROWS = """
kind: Sensor
name: door
source: {type: table, path: a.csv, rate: 1000, speed: max}
---
kind: Pipeline
name: all
sensor: door
steps: [{name: rows, transform: table.select, from: frame}]
"""


def box(folder: Path, text: str = SENSOR + PIPELINE % ("all", "")) -> Path:
    path = folder / "box.yaml"
    path.write_text(text)
    return path


def results_of(runtime: Runtime) -> list[float]:
    times: list[float] = []
    runtime.on_result(None, lambda result: times.append(result.media_time))
    return times


def accounted(runtime: Runtime) -> dict[str, Any]:
    """The sensor's row after the end; every frame is known of."""
    metrics = runtime.metrics()
    row: dict[str, Any] = metrics["sensors"]["door"]
    assert row["dropped_unexplained"] == 0
    before = row["read"] - sum(row["dropped"].values()) - row["waiting"] + row["dropped"]["unwanted"]
    before += row["dropped"]["late"]
    for pipeline in metrics["pipelines"].values():
        passed = sum(pipeline[key] for key in ("results", "not_due", "refused", "passed_over"))
        assert passed == before, (row, pipeline)
    return row


def test_pause_resume_stop_start(tmp_path: Path) -> None:
    runtime = Runtime(box(tmp_path))
    times = results_of(runtime)
    door = runtime.sensor("door")
    assert door.state.state == "waiting"
    with runtime:
        assert door.wait_for("running")
        door.pause()
        time.sleep(0.1)
        held = len(times)
        assert door.state[:2] == ("paused", "by the program") and until(lambda: held == len(times))
        door.resume()
        assert until(lambda: len(times) > held + 5)
        door.stop()
        assert door.state.state == "stopped"
        time.sleep(0.1)
        held = len(times)
        door.start()
        assert until(lambda: len(times) > held + 5) and door.state.state == "running"
        assert [change.after.value for change in door.changes][:5] == [
            "starting", "running", "paused", "running", "stopped"
        ]  # fmt: skip
    assert times == sorted(times) and runtime.sensor_states()["door"].state == "stopped"
    accounted(runtime)


def test_another_file_while_it_runs_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    for name, header in (("a", "x,y"), ("b", "x,y"), ("c", "x,z")):
        rows = "\n".join(f"{ord(name)},{index}" for index in range(50))
        (tmp_path / f"{name}.csv").write_text(f"{header}\n{rows}\n")
    runtime = Runtime(box(tmp_path, ROWS.replace("max}", "max, loop: true}")))
    seen: list[float] = []
    runtime.on_result(None, lambda result: seen.append(result.outputs["rows"][0][0]))
    with runtime:
        door = runtime.sensor("door")
        assert until(lambda: seen and seen[-1] == ord("a"))
        with pytest.raises(InvalidError, match=r"has columns x, z, and the plan was made for columns x, y"):
            door.reconfigure(path="c.csv")
        with pytest.raises(InvalidError, match=r"has rate 10, and the plan was made for rate 1000"):
            door.reconfigure(path="b.csv", rate=10.0)
        with pytest.raises(InvalidError, match=r"kind image, and the plan was made for kind table"):
            door.replace({"type": "synthetic"})
        with pytest.raises(InvalidError, match=r"sensor door: unknown key 'pth' in 'source'"):
            door.reconfigure(pth="b.csv")
        with pytest.raises(Exception, match=r"no such file"):
            door.reconfigure(path="nowhere.csv")
        assert door.state.state == "running"  # through all of that
        door.reconfigure(path="b.csv")
        assert until(lambda: seen[-1] == ord("b"))
        assert ord("c") not in seen
        with pytest.raises(NotFoundError, match="there are door"):
            runtime.sensor("window")
    accounted(runtime)


def test_what_is_no_source_is_refused_as_documents_say_it(tmp_path: Path) -> None:
    with Runtime(box(tmp_path, SENSOR + PIPELINE % ("all", ""))) as runtime:
        door = runtime.sensor("door")
        for wrong, said in {
            "hight": "sensor door: unknown key 'hight' in 'source'; did you mean 'height'",
            "rate": "sensor door: 'source.rate': the rate '-5fps' is negative; write a number",
        }.items():
            with pytest.raises(InvalidError, match=said):
                door.reconfigure(**{wrong: "-5fps"})
        with pytest.raises(InvalidError, match="unknown type 'vido'; did you mean 'video'"):
            door.replace({"type": "vido"})
        with pytest.raises(InvalidError, match=r"'source' is 'street.mp4'"):
            door.replace("street.mp4")
        with pytest.raises(InvalidError, match="sensor door: the function made int, which is no source"):
            door.replace(lambda: 3)
        assert door.wait_for("running", "ended")


def test_a_sensor_that_has_ended_can_be_given_more(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("x,y\n" + f"{ord(name)},0\n" * 20)
    runtime = Runtime(box(tmp_path, ROWS))
    seen: list[float] = []
    runtime.on_result(None, lambda result: seen.append(result.outputs["rows"][0][0]))
    with runtime:
        assert runtime.wait(10) and len(seen) == 20
        runtime.sensor("door").reconfigure(path="b.csv")
        assert runtime.wait(10) and seen[20:] == [ord("b")] * 20
        runtime.sensor("door").start()
        assert runtime.wait(10) and len(seen) == 60
    accounted(runtime)


def test_a_file_that_vanishes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "x,y\n" + "1,2\n" * 20
    path.write_text(text)
    more = "\nreconnect: {enabled: true, first: 5ms, most: 10ms}\nsource"
    runtime = Runtime(box(tmp_path, ROWS.replace("\nsource", more, 1)))
    path.unlink()
    with runtime:
        door = runtime.sensor("door")
        assert door.wait_for("reconnecting") and "no such file" in door.state.reason
        path.write_text(text)
        assert runtime.wait(10) and door.state.state == "ended"
    assert accounted(runtime)["read"] == 20 and runtime.failures == []


class Lender:
    """Gives frames of memory that it counts, as a driver counts its buffers."""

    realtime = False
    copied_bytes = 0
    frame_budget = 3

    def __init__(self, count: int) -> None:
        self.count = count

    def probe(self) -> dict[str, Any]:
        return {"kind": "image", "pixel": "gray", "width": 32, "height": 24}

    def frames(self) -> Iterator[Picture]:
        for index in range(self.count):
            plane = np.full(32 * 24, index, np.uint8)
            yield Picture([plane], [32], 32, 24, "gray", range="full", media_time=index / 100)

    def close(self) -> None: ...


@pytest.mark.parametrize("when_short", ["drop", "copy"])
def test_no_more_frames_are_lent_than_the_source_has(when_short: str, tmp_path: Path) -> None:
    text = SENSOR + f"frames: {{when_short: {when_short}}}" + PIPELINE % ("all", "queue: 64")
    runtime = Runtime(box(tmp_path, text))
    kept: list[Any] = []
    runtime.on_result(None, lambda result: kept.append(result.frame))  # a reader that holds all frames
    runtime.sensor("door").stop()
    with runtime:
        runtime.sensor("door").replace(lambda: Lender(20))
        runtime.sensor("door").start()
        assert runtime.wait(10)
        row = runtime.metrics()["sensors"]["door"]
        if when_short == "drop":
            assert (row["dropped"]["budget"], row["copied_frames"], len(kept)) == (17, 0, 3)
        else:
            assert (row["dropped"]["budget"], row["copied_frames"], len(kept)) == (0, 17, 20)
            assert [int(frame.planes[0][0, 0]) for frame in kept] == list(range(20))
        kept.clear()  # the buffers go back
        runtime.sensor("door").start()
        assert runtime.wait(10) and len(kept) == (3 if when_short == "drop" else 20)
    accounted(runtime)


def test_a_pipeline_that_wants_5_of_30_frames_costs_5(tmp_path: Path) -> None:
    text = SENSOR.replace("rate: 200", "rate: 30, count: 300, speed: max")
    other = (PIPELINE % ("few", "rate: 5")).replace("width: 8", "width: 4")
    runtime = Runtime(box(tmp_path, text + PIPELINE % ("all", "") + other))
    times = {"all": 0, "few": 0}

    def count(result: Any) -> None:
        times[result.pipeline.split("/")[1]] += 1

    runtime.on_result(None, count)
    with runtime:
        assert runtime.wait(30)
    assert times == {"all": 300, "few": 50}
    executed = [node["executed"] for node in runtime.metrics()["nodes"] if node["op"] == "image.to_tensor"]
    assert sorted(executed) == [50, 300]
    assert runtime.metrics()["pipelines"]["default/few"]["not_due"] == 250
    accounted(runtime)


@pytest.mark.parametrize(("codec", "name"), [("mjpeg", "a.avi"), ("h264", "a.mp4")])
def test_what_nobody_wants_is_not_even_decoded(codec: str, name: str, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / name), "w") as file:
        stream = file.add_stream(codec, rate=40)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "h264":
            stream.options = {"bf": "3", "b-adapt": "0"}  # three frames of four that no other needs
        for index in range(200):
            pixels = np.roll(np.indices((48, 64)).sum(0).astype(np.uint8), index, 1)
            frame = av.VideoFrame.from_ndarray(np.repeat(pixels[..., None], 3, 2), format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    generated = "type: synthetic, width: 32, height: 24, pixel: gray, rate: 200"
    text = SENSOR.replace(generated, f"type: video, path: {name}, speed: max")
    runtime = Runtime(box(tmp_path, text + PIPELINE % ("few", "rate: 5") + PIPELINE % ("fewer", "rate: 2")))
    count = {"few": 0, "fewer": 0}

    def take(result: Any) -> None:
        count[result.pipeline.split("/")[1]] += 1

    runtime.on_result(None, take)
    with runtime:
        assert runtime.wait(30)
    row = accounted(runtime)
    assert abs(count["few"] - 25) <= 1 and abs(count["fewer"] - 10) <= 1
    assert row["read"] + row["decode_skipped"] == pytest.approx(200, abs=8)
    assert row["decode_skipped"] >= (175 if codec == "mjpeg" else 60)
    assert row["state"] == "ended"  # not "cut off", though its end was passed over


class Scene:
    """100 grey frames; from 40 to 59 a bright square is there."""

    realtime = False
    copied_bytes = 0

    def probe(self) -> dict[str, Any]:
        return {"kind": "image", "pixel": "gray", "width": 32, "height": 24}

    def frames(self) -> Iterator[Picture]:
        for index in range(100):
            plane = np.full((24, 32), 90, np.uint8)
            if 40 <= index < 60:
                plane[6:18, 8:20] = 200
            yield Picture([plane.reshape(-1)], [32], 32, 24, "gray", range="full", media_time=index / 10)

    def close(self) -> None: ...


MOTION = "trigger: {motion: {above: 0.05, hold: 0s, columns: 16, rows: 12, memory: 100ms}}"


def test_motion_triggers_steps_and_its_node_is_shared(tmp_path: Path) -> None:
    other = (PIPELINE % ("two", MOTION)).replace("width: 8", "width: 4")
    runtime = Runtime(box(tmp_path, SENSOR + PIPELINE % ("one", MOTION) + other))
    ran: dict[str, list[int]] = {"one": [], "two": []}

    def take(result: Any) -> None:
        if result.outputs["tensor"] is not None and len(result.outputs["tensor"]):
            ran[result.pipeline.split("/")[1]].append(round(result.media_time * 10))

    runtime.on_result(None, take)
    runtime.sensor("door").stop()
    with runtime:
        runtime.sensor("door").replace(lambda: Scene())
        runtime.sensor("door").start()
        assert runtime.wait(30)
    # The square's coming and its going, each until it has become what was there.
    assert ran["one"] == ran["two"] and ran["one"][0] == 40 and 60 in ran["one"]
    assert len(ran["one"]) <= 8 and all(40 <= frame < 45 or 60 <= frame < 65 for frame in ran["one"])
    nodes = runtime.metrics()["nodes"]
    (motion,) = [node for node in nodes if node["op"] == "image.motion"]
    assert motion["executed"] == 100 and motion["demanded"] == 200
    tensors = [node for node in nodes if node["op"] == "image.to_tensor"]
    assert [node["executed"] for node in tensors] == [len(ran["one"])] * 2


def test_motion_of_sound_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    text = ROWS.replace("sensor: door\n", "sensor: door\ntrigger: {motion: {}}\n")
    with pytest.raises(DocumentErrors, match=r"box.yaml:\d+: Pipeline/all: .*not one image"):
        Runtime(box(tmp_path, text))


def test_an_overloaded_pipeline_passes_over_frames_evenly(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    slow_model(onnx, tmp_path / "slow.onnx")
    text = SENSOR.replace("policy: block", "policy: latest, in_flight: 1")
    text += "\n---\nkind: Model\nname: slow\nfile: slow.onnx\ninstances: 1\ninput: {image: {range: [0, 1]}}\n"
    text += "---\nkind: Pipeline\nname: all\nsensor: door\noverload: skip\n"
    text += "steps: [{name: slow, model: slow}]\n"
    runtime = Runtime(box(tmp_path, text), lanes=1)
    sequences: list[int] = []
    runtime.on_result(None, lambda result: sequences.append(result.sequence))
    with runtime:
        assert until(lambda: len(sequences) > 60, 60)
    row = runtime.metrics()["pipelines"]["default/all"]
    assert row["passed_over"] > 0 and row["share"] < 1
    accounted(runtime)


def slow_model(onnx: Any, path: Path) -> None:
    """Some products of large matrices, 20 ms or more."""
    from onnx import TensorProto, helper, numpy_helper

    big = numpy_helper.from_array(np.full((768, 768), 1e-3, np.float32), "big")
    nodes = [
        helper.make_node("ReduceMean", ["picture"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["big", "mean"], ["p0"]),
    ]
    nodes += [helper.make_node("MatMul", [f"p{index}", "big"], [f"p{index + 1}"]) for index in range(3)]
    nodes.append(helper.make_node("ReduceMean", ["p3"], ["out"], axes=[0], keepdims=1))
    graph = helper.make_graph(
        nodes, "slow", [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 24, 32, 3])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 768])], [big],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))


def test_a_sensor_that_is_read_cannot_be_pushed_instead(tmp_path: Path) -> None:
    with Runtime(box(tmp_path)) as runtime:
        door = runtime.sensor("door")
        with pytest.raises(InvalidError, match="sensor door: a source of type push has nothing to read"):
            door.replace({"type": "push", "format": {"kind": "image", "pixel": "gray"}})
        assert door.wait_for("running")


def test_a_pushed_sensor_has_a_life_too(tmp_path: Path) -> None:
    push = "source: {type: push, format: {kind: image, pixel: gray, width: 32, height: 24}}"
    generated = "source: {type: synthetic, width: 32, height: 24, pixel: gray, rate: 200}"
    text = SENSOR.replace(generated, push + "\nstall_after: 50ms")
    frame = np.zeros((24, 32), np.uint8)
    runtime = Runtime(box(tmp_path, text + PIPELINE % ("all", "")))
    times = results_of(runtime)
    with runtime:
        door = runtime.sensor("door")
        assert door.state.state == "starting"
        assert runtime.push("door", frame) and door.state.state == "running"
        assert door.wait_for("stalled") and door.state.reason == "no frame for 0.05 s"
        assert runtime.push("door", frame) and door.state.state == "running"
        door.pause()
        assert not runtime.push("door", frame)
        door.resume()
        assert runtime.push("door", frame)
        with pytest.raises(InvalidError, match="is pushed by the program"):
            door.replace({"type": "synthetic"})
        runtime.finish("door")
        assert runtime.wait(10) and door.state.state == "ended"
        with pytest.raises(InvalidError, match="is finished"):
            runtime.push("door", frame)
        door.start()
        assert runtime.push("door", frame)
        runtime.finish("door")
        assert runtime.wait(10)
    assert len(times) == 4
    assert accounted(runtime)["dropped"]["paused"] == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("reconnect: {first: 10s, most: 1s}", "first must be above 0 and at most as long as most"),
        ("reconnect: {jitter: 2}", "jitter"),
        ("reconnect: {attempts: 0}", "attempts"),
        ("reconnect: often", "reconnect"),
        ("stall_after: 5", "stall_after"),
        ("frames: {budget: 0}", "budget"),
        ("frames: {when_short: wait}", "write one of"),
    ],
)
def test_documents_that_say_nonsense_are_refused_with_the_line(wrong: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentErrors, match=r"box.yaml:\d+: Sensor/door: .*" + said):
        Runtime(box(tmp_path, SENSOR + wrong + PIPELINE % ("all", "")))
