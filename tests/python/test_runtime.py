"""Runtime: documents on the native core, from sensors to results."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import DocumentErrors
from edgert.errors import InvalidError, NotFoundError
from edgert.sources.patterns import moving

PUSHED = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 8, height: 6}}
inbox: {policy: block}
"""
GENERATED = """
kind: Sensor
name: camera
source: {type: synthetic, width: 32, height: 24, pixel: rgb24, count: %d, speed: max}
"""
TENSOR = """
---
kind: Pipeline
name: %s
application: %s
sensor: camera
steps:
  - {name: tensor, transform: image.to_tensor, from: frame, params: {width: %d, height: %d, scale: 1.0}}
"""


def applications(*names: str) -> str:
    return "".join(f"\n---\nkind: Application\nname: {name}\n" for name in names)


def written(folder: Path, text: str) -> Path:
    path = folder / "box.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def pushed(tmp_path: Path) -> Path:
    return written(tmp_path, PUSHED + applications("a") + TENSOR % ("one", "a", 8, 6))


def test_what_is_pushed_comes_out_as_computed_and_was_never_copied(pushed: Path) -> None:
    pictures = [np.random.default_rng(index).integers(0, 256, (6, 8, 3), np.uint8) for index in range(20)]
    with Runtime(pushed) as runtime:
        results = runtime.results("a/one")
        for index, picture in enumerate(pictures):
            assert runtime.push("camera", picture, media_time=index / 10)
            result = next(results)
            assert (result.sequence, result.status, result.pipeline) == (index, "ok", "a/one")
            assert result.media_time == pytest.approx(index / 10)
            assert np.array_equal(result.outputs["tensor"][0], picture.astype(np.float32))
            assert np.shares_memory(result.frame.planes[0], picture)
            assert not result.frame.planes[0].flags.writeable
            assert result.stages["total"] == pytest.approx(result.latency_ms)
        runtime.finish("camera")
        assert list(results) == []
    assert runtime.metrics()["sensors"]["camera"]["frames"] == 20


def test_a_window_of_a_larger_array_is_pushed_as_it_lies(pushed: Path) -> None:
    whole = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    with Runtime(pushed) as runtime:
        results = runtime.results("one")
        runtime.push("camera", whole[10:16, 20:28])
        assert np.array_equal(next(results).outputs["tensor"][0], whole[10:16, 20:28].astype(np.float32))


def test_what_does_not_fit_is_refused_and_the_next_frame_is_fine(pushed: Path) -> None:
    with Runtime(pushed) as runtime:
        for wrong in (
            np.zeros((6, 8, 3), np.float32),
            np.zeros((5, 8, 3), np.uint8),
            np.zeros((6, 8), np.uint8),
        ):
            with pytest.raises(InvalidError, match="push to camera: got"):
                runtime.push("camera", wrong)
        with pytest.raises(NotFoundError, match=r"sensor 'cam': is no push sensor; there are camera"):
            runtime.push("cam", np.zeros((6, 8, 3), np.uint8))
        results = runtime.results("one")
        runtime.push("camera", np.full((6, 8, 3), 7, np.uint8))
        assert (next(results).outputs["tensor"] == 7).all()


def test_every_frame_of_a_fast_source_comes_in_order(tmp_path: Path) -> None:
    box = written(tmp_path, GENERATED % 200 + applications("a") + TENSOR % ("one", "a", 32, 24))
    runtime = Runtime(box)
    results = runtime.results("a/one")
    with runtime:
        seen = []
        for result in results:
            expected = moving(result.sequence, 32, 24).astype(np.float32)
            assert np.array_equal(result.outputs["tensor"][0], expected)
            seen.append(result.sequence)
        assert seen == list(range(200))
        assert runtime.wait(10)
        state = runtime.sensor_states()["camera"]
        assert (state.state, state.reason) == ("ended", "")
    assert runtime.failures == []


def test_what_two_applications_want_is_done_once(tmp_path: Path) -> None:
    both = TENSOR % ("one", "a", 16, 16) + TENSOR % ("two", "b", 16, 16)
    box = written(tmp_path, GENERATED % 50 + applications("a", "b") + both)
    runtime = Runtime(box)
    seen: dict[str, list[int]] = {"a/one": [], "b/two": []}
    runtime.on_result(None, lambda result: seen[result.pipeline].append(result.sequence))
    with runtime:
        assert runtime.wait(30)
    assert seen == {"a/one": list(range(50)), "b/two": list(range(50))}
    nodes = [node for node in runtime.metrics()["nodes"] if node["op"] == "image.to_tensor"]
    assert [(node["executed"], node["demanded"]) for node in nodes] == [(50, 100)]
    assert sorted(nodes[0]["applications"]) == ["a", "b"]


def test_a_pipeline_that_nobody_reads_holds_nobody_up(tmp_path: Path) -> None:
    both = TENSOR % ("one", "a", 16, 16) + TENSOR % ("two", "a", 8, 8)
    box = written(tmp_path, GENERATED % 300 + applications("a") + both)
    runtime = Runtime(box)
    results = runtime.results("one")
    with runtime:
        assert sum(1 for _ in results) == 300
        assert runtime.wait(10)
        assert 0 < len(list(runtime.results("two"))) <= 300


def test_a_callback_that_raises_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    box = written(tmp_path, GENERATED % 30 + applications("a") + TENSOR % ("one", "a", 8, 8))
    runtime = Runtime(box)
    got: list[int] = []

    def broken(result: object) -> None:
        raise RuntimeError("no")

    runtime.on_result("one", broken)
    runtime.on_result("one", lambda result: got.append(result.sequence))
    with runtime:
        assert runtime.wait(30)
    assert len(got) >= 29
    assert [(failure.where, failure.what) for failure in runtime.failures] == [
        ("callback of a/one", "RuntimeError: no")
    ]


def test_a_camera_that_is_not_there_ends_alone(tmp_path: Path) -> None:
    absent = "---\nkind: Sensor\nname: absent\nreconnect: false\n"
    absent += "source: {type: camera, device: /dev/video99}\n"
    there = TENSOR % ("one", "a", 8, 8)
    gone = (TENSOR % ("two", "a", 8, 8)).replace("sensor: camera", "sensor: absent")
    box = written(tmp_path, GENERATED % 30 + absent + applications("a") + there + gone)
    runtime = Runtime(box)
    results, none = runtime.results("one"), runtime.results("two")
    with runtime:
        assert sum(1 for _ in results) == 30
        assert list(none) == []
        assert runtime.wait(10)
    (failure,) = runtime.failures
    assert failure.where == "sensor absent" and "/dev/video99" in failure.what
    assert runtime.metrics()["sensors"]["absent"]["state"] == "failed"


def test_stopping_ends_readers_and_endless_sensors(tmp_path: Path) -> None:
    endless = GENERATED.replace(", count: %d", "")
    box = written(tmp_path, endless + applications("a") + TENSOR % ("one", "a", 8, 8))
    runtime = Runtime(box).start()
    results = runtime.results("one")
    assert next(results).status == "ok"
    got: list[int] = []
    reader = threading.Thread(target=lambda: got.extend(result.sequence for result in results))
    reader.start()
    runtime.stop()
    reader.join(10)
    assert not reader.is_alive()
    assert runtime.sensor_states()["camera"][0] == "stopped"
    runtime.stop()  # does nothing
    with pytest.raises(InvalidError, match="a Runtime starts once"):
        runtime.start()


def test_unknown_names_are_refused_with_the_known_ones(pushed: Path) -> None:
    with Runtime(pushed) as runtime:
        with pytest.raises(
            NotFoundError, match=r"pipeline 'two': there is none of this name; there are a/one"
        ):
            runtime.results("two")
        with pytest.raises(NotFoundError, match="two"):
            runtime.on_result("two", print)


def test_wrong_documents_are_refused_before_anything_runs(tmp_path: Path) -> None:
    box = written(
        tmp_path, PUSHED + applications("a") + (TENSOR % ("one", "b", 8, 8)).replace("camera", "cam")
    )
    with pytest.raises(DocumentErrors) as caught:
        Runtime(box)
    text = str(caught.value)
    assert "there is no Application 'b'" in text and "there is no Sensor 'cam'" in text and f"{box}:" in text


def test_a_model_runs_as_its_engine_runs_it(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["picture"], ["means"], axes=[1, 2], keepdims=0)],
        "means",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 24, 32, 3])],
        [helper.make_tensor_value_info("means", TensorProto.FLOAT, [1, 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(tmp_path / "means.onnx"))
    text = "---\nkind: Model\nname: means\nfile: means.onnx\ninput: {image: {range: [0, 255]}}\n"
    text += "---\nkind: Pipeline\nname: one\nsensor: camera\nsteps:\n  - {name: means, model: means}\n"
    runtime = Runtime(written(tmp_path, GENERATED % 10 + text))
    results = runtime.results("default/one")
    with runtime:
        count = 0
        for result in results:
            expected = moving(result.sequence, 32, 24).astype(np.float64).mean(axis=(0, 1))
            assert np.allclose(result.outputs["means"][0], expected, atol=1e-2)
            assert result.stages["model"] > 0
            count += 1
        assert count == 10
