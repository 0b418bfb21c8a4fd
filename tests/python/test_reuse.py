"""Earlier results in documents: max_age, while the scene is unchanged, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.documents import DocumentErrors, load
from edgert.planner import plan
from edgert.runtime import Runtime
from edgert.sinks.jsonl import as_data

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

WIDTH, HEIGHT = 64, 36
BOX = f"""
kind: Sensor
name: camera
source: {{type: push, format: {{kind: image, pixel: rgb24, width: {WIDTH}, height: {HEIGHT}}}}}
inbox: {{policy: block}}
---
kind: Model
name: mean
file: mean.onnx
input: {{image: {{size: [{WIDTH}, {HEIGHT}], mean: 0, deviation: 1}}}}
answer: {{type: raw}}
---
kind: Pipeline
name: p
sensor: camera
steps:
  - {{name: seen, model: mean%s}}
"""
FRESH = """
---
kind: Application
name: other
---
kind: Pipeline
name: fresh
application: other
sensor: camera
every: 4
steps: [{name: seen, model: mean}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a model that gives a picture's mean brightness."""
    h = onnx.helper
    x = h.make_tensor_value_info("x", 1, [1, HEIGHT, WIDTH, 3])
    y = h.make_tensor_value_info("y", 1, [1])
    node = h.make_node("ReduceMean", ["x"], ["y"], axes=[1, 2, 3], keepdims=0)
    graph = h.make_graph([node], "mean", [x], [y])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "mean.onnx"))
    return tmp_path


def run(folder: Path, said: str, pictures: list[Any], more: str = "") -> tuple[list[Any], dict[str, Any]]:
    (folder / "box.yaml").write_text(BOX % said + more)
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=30)
        results = []
        for index, picture in enumerate(pictures):
            runtime.push("camera", picture, media_time=index / 10)
            results.append(next(coming))
        runtime.finish("camera")
        model = next(node for node in runtime.metrics()["nodes"] if node["op"] == "model")
    return results, model


def level(value: int) -> Any:
    return np.full((HEIGHT, WIDTH, 3), value, np.uint8)


def with_spot(size: int) -> Any:
    """Grey, with a bright square."""
    picture = level(100)
    picture[:size, :size] = 200
    return picture


def means(results: list[Any]) -> list[int]:
    return [round(float(np.ravel(result.outputs["seen"])[0])) for result in results]


def test_max_age_is_said_with_each_result(folder: Path) -> None:
    results, model = run(folder, ", max_age: 200ms", [level(value) for value in range(9)])
    assert means(results) == [0, 0, 0, 3, 3, 3, 6, 6, 6]
    assert [round(result.age_ms) for result in results] == [0, 100, 200] * 3
    assert (model["executed"], model["recalled"]) == (3, 6)
    assert results[0].ages_ms == {}
    assert results[1].ages_ms == {"seen": pytest.approx(100)}
    line = json.loads(json.dumps(as_data(results[2])))
    assert line["age_ms"] == pytest.approx(200) and line["ages_ms"] == {"seen": pytest.approx(200)}
    assert "age_ms" not in as_data(results[0])


def test_of_a_whole_pipeline(folder: Path) -> None:
    (folder / "box.yaml").write_text((BOX % "").replace("name: p\n", "name: p\nmax_age: 100ms\n"))
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=30)
        ages = []
        for index in range(6):
            runtime.push("camera", level(index), media_time=index / 10)
            ages.append(round(next(coming).age_ms))
    assert ages == [0, 100] * 3


def test_an_age_of_zero_is_none(folder: Path) -> None:
    pictures = [level(value) for value in range(6)]
    none, _ = run(folder, "", pictures)
    zero, model = run(folder, ", max_age: 0ms", pictures)
    assert means(none) == means(zero) == list(range(6))
    assert model["executed"] == 6


def test_what_another_wants_fresh_is_fresh_for_all(folder: Path) -> None:
    results, model = run(folder, ", max_age: 10s", [level(value) for value in range(9)], FRESH)
    assert means(results) == [0, 0, 0, 0, 4, 4, 4, 4, 8]
    assert model["executed"] == 3


SCENE = ", while: {unchanged: frame, threshold: %s, at_most: %s, columns: 16, rows: 9%s}"


def test_while_the_scene_is_unchanged(folder: Path) -> None:
    light = [level(100), level(110), level(90)]  # of all cells alike: no change
    spots = [with_spot(size) for size in (0, 1, 2, 4, 4, 4)]  # a cell has 4 by 4 pixels
    results, model = run(folder, SCENE % (30, "5s", ""), light + spots)
    assert [round(result.age_ms) for result in results] == [0, 100, 200, 300, 400, 500, 0, 100, 200]
    assert model["executed"] == 2


def test_what_grows_slowly_is_seen_at_last(folder: Path) -> None:
    """Each picture is like the one before, and not like the one that the result is of."""
    results, _ = run(folder, SCENE % (20, "5s", ""), [with_spot(size) for size in (0, 1, 2, 3, 4)])
    assert [round(result.age_ms) for result in results] == [0, 100, 0, 0, 0]


def test_at_most_bounds_the_age(folder: Path) -> None:
    results, model = run(folder, SCENE % (30, "300ms", ""), [level(100)] * 9)
    assert max(result.age_ms for result in results) == pytest.approx(300)
    assert model["executed"] == 3


def test_only_a_region_counts(folder: Path) -> None:
    region = ", region: [0.5, 0, 1, 1]"
    _, model = run(folder, SCENE % (30, "5s", region), [with_spot(size) for size in (0, 8, 16, 8)])
    assert model["executed"] == 1


REFUSED = [
    (", max_age: -200ms", "negative"),
    (", max_age: 200", "needs its unit"),
    (", while: {unchanged: frame, threshold: 256}", "at most 255"),
    (", while: {unchanged: frame, threshold: -1}", "at least 0"),
    (", while: {unchanged: frame}", "threshold"),
    (", while: {unchanged: mic, threshold: 3}", "'mic' is not what this pipeline works on"),
    (", max_age: 1s, while: {unchanged: frame, threshold: 3}", "not both"),
    (", while: {unchanged: frame, threshold: 3, region: [0.5, 0, 0.5, 1]}", "empty"),
    (", max_age: 2h", "at most an hour"),
]


@pytest.mark.parametrize(("said", "why"), REFUSED)
def test_refused_with_its_line(folder: Path, said: str, why: str) -> None:
    (folder / "box.yaml").write_text(BOX % said)
    with pytest.raises(DocumentErrors) as refused:
        plan(load(folder / "box.yaml"))
    text = str(refused.value)
    assert why in text and "box.yaml:17" in text


STATE = """
kind: Sensor
name: s
source: {type: push, format: {kind: table, columns: [x0, y0, x1, y1, score, class], rate: 10, max_rows: 8}}
---
kind: Pipeline
name: p
sensor: s
steps:
  - {name: found, transform: table.select, from: frame%s}
  - {name: tracks, track: {from: found}%s}
"""


@pytest.mark.parametrize("said", [(", max_age: 1s", ""), ("", ", max_age: 1s")])
def test_what_keeps_state_is_refused(folder: Path, said: tuple[str, str]) -> None:
    (folder / "box.yaml").write_text(STATE % said)
    with pytest.raises(DocumentErrors, match="keeps state"):
        plan(load(folder / "box.yaml"))


def test_explain_says_it(folder: Path) -> None:
    from click.testing import CliRunner
    from edgert.cli import main

    (folder / "box.yaml").write_text(BOX % ", max_age: 200ms")
    shown = CliRunner().invoke(main, ["explain", str(folder / "box.yaml")])
    assert shown.exit_code == 0, shown.output
    assert "seen: its last result serves up to 200 ms" in shown.output
