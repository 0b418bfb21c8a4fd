"""Sensors joined by time, from documents to results: the pairs against NumPy, whatever races."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime

TABLES = """
kind: Sensor
name: lamp
source: {type: table, path: lamp.csv, rate: 25, speed: max}
---
kind: Sensor
name: watch
source: {type: table, path: watch.csv, rate: 40, speed: max, rows: 4}
---
kind: Pipeline
name: p
sensor: lamp
steps:
  - {name: then, join: {from: watch, BY}}
"""


def write_tables(folder: Path, lamp: int = 300, watch: int = 500) -> np.ndarray[Any, Any]:
    """Two tables: the lamp's numbers count its rows; the watch's are drawn. Returns the watch's."""
    values = np.random.default_rng(9).normal(0, 5, (watch, 2)).astype(np.float32)
    np.savetxt(folder / "lamp.csv", np.arange(lamp), header="n", comments="", fmt="%d")
    np.savetxt(folder / "watch.csv", values, delimiter=",", header="x,y", comments="", fmt="%.9g")
    return values


def box(folder: Path, text: str) -> Path:
    (folder / "box.yaml").write_text(text)
    return folder / "box.yaml"


def run(file: Path, pipeline: str = "p", lanes: int = 2) -> list[Any]:
    with Runtime(file, lanes=lanes) as runtime:
        return list(runtime.results(pipeline))


@pytest.mark.parametrize("lanes", [1, 4])
def test_interpolated_rows_are_numpys(tmp_path: Path, lanes: int) -> None:
    values = write_tables(tmp_path)
    results = run(box(tmp_path, TABLES.replace("BY", "by: interpolate, tolerance: 30ms")), lanes=lanes)
    assert len(results) == 300
    times, watch = np.arange(300) / 25, np.arange(500) / 40
    for result, time in zip(results, times, strict=True):
        assert abs(result.media_time - time) < 1e-6
        wanted = [np.interp(time, watch, values[:, column]) for column in range(2)]
        np.testing.assert_allclose(result.outputs["then"], wanted, rtol=1e-5, atol=1e-5)


def test_two_runs_give_the_same_pairs(tmp_path: Path) -> None:
    values = write_tables(tmp_path)
    file = box(tmp_path, TABLES.replace("BY", "by: nearest, tolerance: 12ms"))
    for lanes in (1, 2, 3):
        for index, result in enumerate(run(file, lanes=lanes)):
            # Of two that are as near (each fifth frame), the earlier one.
            place = int(np.ceil(round(index / 25 * 40, 6) - 0.5))
            assert np.array_equal(result.outputs["then"], values[place]), index


def test_where_nothing_is_near_the_result_is_skipped_and_says_why(tmp_path: Path) -> None:
    write_tables(tmp_path, lamp=300, watch=400)  # the watch ends at 9.975 s, the lamp at 11.96 s
    with Runtime(box(tmp_path, TABLES.replace("BY", "by: latest, tolerance: 100ms"))) as runtime:
        results = list(runtime.results("p"))
        metrics = runtime.metrics()
    skipped = [result for result in results if result.outcome == "skipped"]
    assert [result.outcome for result in results[:252]] == ["ok"] * 252
    assert len(skipped) == 48 and results[-48:] == skipped
    join = next(node for node in metrics["nodes"] if node["op"] == "join")
    assert join["joins"]["matched"] == 252
    assert sum(join["joins"].values()) == 300
    assert 'edgert_join_total{node="' in runtime.prometheus()
    assert metrics["sensors"]["watch"]["dropped"]["unwanted"] == 0


ACTIVITY = """
kind: Sensor
name: yard
source: {type: synthetic, rate: 5, count: 160, width: 64, height: 48, speed: max}
---
kind: Sensor
name: watch
source: {type: table, path: "zoo:basic-motions-test", rate: 10, speed: max}
---
kind: Pipeline
name: seen
sensor: yard
steps:
  - {name: activity, model: "zoo:activity-classifier", sensor: watch}
  - {name: doing, join: {from: activity, by: latest, tolerance: 9s}}
  - {name: motion, transform: image.motion, from: frame}
outputs: [doing, motion]
---
kind: Pipeline
name: worn
sensor: watch
steps:
  - {name: activity, model: "zoo:activity-classifier"}
"""


def test_a_models_answer_on_another_sensor_comes_with_the_picture(tmp_path: Path) -> None:
    """Windows of ten seconds, each counted at its end; the model runs once for both pipelines."""
    with Runtime(box(tmp_path, ACTIVITY)) as runtime:
        worn = [result.answers["activity"] for result in runtime.results("worn")]
    said = [window.reading.best for windows in worn for window in windows or ()]
    with Runtime(box(tmp_path, ACTIVITY)) as runtime:
        results = list(runtime.results("seen"))
        nodes = runtime.metrics()["nodes"]
    assert len(results) == 160
    for index, result in enumerate(results):
        assert result.media_time == pytest.approx(index / 5) and result.answers["motion"] is not None
        window, since = divmod(index, 50)
        doing = result.answers["doing"]
        if window == 0 or since > 45:
            assert doing is None, index
        else:
            assert doing.best == said[window - 1], index
    model = next(node for node in nodes if node["op"] == "model")
    assert model["demanded"] == 2 * model["executed"] > 0


PUSHED = """
kind: Sensor
name: camera
source: {type: push, format: {kind: table, columns: [n], rate: 25}}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [x, y], rate: 50}}
---
kind: Pipeline
name: p
sensor: camera
steps:
  - {name: twice, transform: table.scale, params: {deviation: [0.5, 0.5]}, from: rows}
  - {name: rows, transform: table.select, from: frame, sensor: watch}
  - {name: then, join: {from: twice, tolerance: 20ms, wait: 300s, clock: media}}
"""


def test_a_sensor_that_is_paused_is_not_waited_for(tmp_path: Path) -> None:
    with Runtime(box(tmp_path, PUSHED)) as runtime:
        results = runtime.results("p")
        runtime.push("watch", np.array([[1, 2]], np.float32), media_time=0.0)
        runtime.push("camera", np.array([[0]], np.float32), media_time=0.01)
        runtime.push("watch", np.array([[3, 4]], np.float32), media_time=0.1)
        assert np.array_equal(next(results).outputs["then"], [[2, 4]])
        runtime.push("camera", np.array([[0]], np.float32), media_time=0.5)
        runtime.sensor("watch").pause()
        assert next(results).outcome == "skipped"
        runtime.push("camera", np.array([[0]], np.float32), media_time=0.6)
        assert next(results).outcome == "skipped"
        runtime.sensor("watch").resume()
        runtime.push("camera", np.array([[0]], np.float32), media_time=0.7)
        runtime.push("watch", np.array([[5, 6]], np.float32), media_time=0.71)
        assert np.array_equal(next(results).outputs["then"], [[10, 12]])
        runtime.push("camera", np.array([[0]], np.float32), media_time=0.9)
        runtime.finish("watch")
        assert next(results).outcome == "skipped"
        joins = next(node["joins"] for node in runtime.metrics()["nodes"] if node["op"] == "join")
        assert joins["matched"] == 2 and joins["absent"] == 3


def stereo(folder: Path) -> None:
    """A model of two pictures: the mean of the first, and of the second."""
    import onnx
    from onnx import TensorProto, helper

    shape = [1, 3, 8, 8]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("left", "right")]
    nodes = [
        helper.make_node("ReduceMean", [name], [f"{name}_mean"], keepdims=0) for name in ("left", "right")
    ]
    nodes.append(helper.make_node("Sub", ["left_mean", "right_mean"], ["difference"]))
    outputs = [helper.make_tensor_value_info("difference", TensorProto.FLOAT, [])]
    graph = helper.make_graph(nodes, "stereo", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(folder / "stereo.onnx"))


STEREO = """
kind: Sensor
name: left
source: {type: push, format: {kind: image, pixel: gray, width: 16, height: 16}}
inbox: {policy: block}
---
kind: Sensor
name: right
source: {type: push, format: {kind: image, pixel: gray, width: 32, height: 32}}
inbox: {policy: block}
---
kind: Model
name: stereo
file: stereo.onnx
inputs:
  left: {image: {range: [0, 255]}}
  right: {image: {range: [0, 255]}}
---
kind: Pipeline
name: p
sensor: left
steps:
  - {name: other, join: {from: right, tolerance: 10ms, clock: media}}
  - {name: both, model: stereo, from: {right: other}}
outputs: [both]
"""


def test_a_model_takes_pictures_of_two_cameras(tmp_path: Path) -> None:
    stereo(tmp_path)
    with Runtime(box(tmp_path, STEREO)) as runtime:
        results = runtime.results("p")
        for index in range(5):
            runtime.push("left", np.full((16, 16), 100 + index, np.uint8), media_time=index * 0.1)
            runtime.push("right", np.full((32, 32), 10 * index, np.uint8), media_time=index * 0.1 + 0.004)
        runtime.finish("right")
        for index in range(5):
            assert float(next(results).outputs["both"]) == pytest.approx(100 + index - 10 * index, abs=0.5)


def test_a_condition_looks_at_a_joined_class_and_explain_says_what_is_joined(tmp_path: Path) -> None:
    from edgert.documents import read
    from edgert.explain import explain, text
    from edgert.planner import plan

    file = box(
        tmp_path,
        ACTIVITY.replace(
            "  - {name: motion, transform: image.motion, from: frame}\noutputs: [doing, motion]",
            "  - {name: still, condition: {from: doing, label: Standing, above: 0.5}}\n"
            "  - {name: motion, when: still, transform: image.motion, from: frame}\n"
            "outputs: [doing, motion]",
        ),
    )
    said = text(explain(plan(read([file]))))
    assert "default/seen: doing joins activity of watch, latest within 9000 ms, by media time" in said
    results = run(file, "seen")
    standing = [
        doing is not None and dict(doing).get("Standing", 0) > 0.5
        for doing in (result.answers["doing"] for result in results)
    ]
    assert any(standing)
    assert [result.answers["motion"] is not None for result in results] == standing


def test_a_stopped_run_ends_while_frames_wait(tmp_path: Path) -> None:
    with Runtime(box(tmp_path, PUSHED)) as runtime:
        for index in range(3):
            runtime.push("camera", np.zeros((1, 1), np.float32), media_time=float(index))
    assert runtime.metrics()["sensors"]["camera"]["in_flight"] == 0
