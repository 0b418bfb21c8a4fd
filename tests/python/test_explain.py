"""`edgert explain`: chains, costs, sharing, and the picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

testing = pytest.importorskip("click.testing")
pytest.importorskip("onnxruntime")
pytest.importorskip("litert_lm")
pytest.importorskip("matplotlib")

from edgert import zoo  # noqa: E402
from edgert.cli import main  # noqa: E402
from edgert.demo import DOCUMENTS  # noqa: E402
from edgert.demo.needs import needs  # noqa: E402
from edgert.documents import load  # noqa: E402
from edgert.errors import InvalidError  # noqa: E402
from edgert.explain import draw, explain, measure, text, tree  # noqa: E402
from edgert.explain.boxes import MODEL, PIPELINE, SENSOR, boxes  # noqa: E402
from edgert.explain.layout import arrange  # noqa: E402
from edgert.explain.ways import Explanation  # noqa: E402
from edgert.planner import plan  # noqa: E402

pytestmark = pytest.mark.skipif(
    any(not zoo.cached(name) for name in needs(load(DOCUMENTS))),
    reason="the zoo's cache lacks what the demo needs: run `edgert demo` once",
)


TILES = """
kind: Sensor
name: roof
source: {type: push, format: {kind: image, pixel: rgb24, width: 1920, height: 1080}}
---
kind: Pipeline
name: roof
sensor: roof
steps:
  - {name: faces, model: zoo:face-detection-short}
  - {name: meshes, model: zoo:face-mesh, for_each: faces}
  - {name: small, model: zoo:face-detection-short, tiles: {columns: 2, rows: 2}}
outputs: [meshes, small]
"""


FORMS = """
kind: Sensor
name: roof
source: {type: push, format: {kind: image, pixel: yuv420p, width: 1280, height: 720}}
---
kind: Pipeline
name: exact
sensor: roof
steps: [{name: things, model: zoo:efficientnet-lite0}]
outputs: [things]
---
kind: Pipeline
name: quick
sensor: roof
steps: [{name: things, model: zoo:efficientnet-lite0-int8}]
outputs: [things]
"""


@pytest.fixture(scope="module")
def demo() -> Explanation:
    return explain(plan(load(DOCUMENTS)))


def test_every_model_has_its_way_from_its_sensor(demo: Explanation) -> None:
    assert len(demo.runs) == 14 and sum(len(run.steps) for run in demo.runs) == 17
    [objects] = [run for run in demo.runs if run.model == "street-objects"]
    assert objects.shared == ["care/people", "traffic/street"]
    [way] = objects.ways
    assert [step.op for step in way.steps] == ["image.to_tensor"] and way.estimated_us > 1
    assert way.steps[0].gives == "float32 [1, 300, 300, 3]"
    sounds = next(run for run in demo.runs if run.model == "zoo:yamnet")
    assert [step.op for step in sounds.ways[0].steps] == [
        "audio.convert", "audio.log_mel", "table.window", "region", "tensor.reshape"
    ]  # fmt: skip
    bell = next(run for run in demo.runs if run.model == "zoo:yamnet-bicycle-bell")
    assert bell.ways[0].begins.startswith("sounds.embedding") and bell.ways[0].steps == []


def test_models_behind_regions_and_tiles_have_their_ways(tmp_path: Path) -> None:
    (tmp_path / "tiles.yaml").write_text(TILES)
    made = explain(plan(load(tmp_path)))
    begins = {run.steps[0].split(": ")[1]: run.ways[0].begins for run in made.runs}
    assert begins["small"].endswith(", each tile") and begins["meshes"].endswith(", each region of faces")
    assert all([step.op for step in run.ways[0].steps] == ["image.to_tensor"] for run in made.runs)
    measure(made)
    assert all(run.ways[0].steps[0].measured_us for run in made.runs)


@pytest.mark.skipif(
    not all(zoo.cached(f"efficientnet-lite0{kind}") for kind in ("", "-int8")),
    reason="models not in the cache",
)
def test_one_pass_makes_the_same_picture_in_two_forms(tmp_path: Path) -> None:
    (tmp_path / "forms.yaml").write_text(FORMS)
    made = explain(plan(load(tmp_path)))
    exact, quick = (run.ways[0].steps[0] for run in made.runs)
    assert exact.gives != quick.gives and exact.node == quick.node
    assert exact.together == quick.together == 2
    assert exact.shared == ["default/exact", "default/quick"]
    assert text(made).count("one of 2 tensors of one pass") == 2


def test_what_models_share_without_being_shared_is_said(demo: Explanation) -> None:
    said = text(demo)
    shared = [line for line in said.splitlines() if "shared with traffic/scene" in line]
    assert shared and all("image.to_tensor 224×224 nchw centre_crop" in line for line in shared)
    assert "care/people: objects, traffic/street: objects (run once)" in said
    assert f"{demo.saved()['nodes']} nodes do what {demo.saved()['asked_for']} are asked for" in said
    assert str(tree(demo)[0].label).startswith("[bold]street-camera")


def test_measuring_runs_each_transform(demo: Explanation) -> None:
    measure(demo)
    for run in demo.runs:
        assert run.measured_us and run.measured_us > 0, run.model
        for step in (step for way in run.ways for step in way.steps):
            assert (step.measured_us is None) == (step.op == "region"), step


def test_the_layout_puts_sensors_left_and_nothing_upon_another(demo: Explanation) -> None:
    made = boxes(demo)
    arrange(made)
    assert {box.column for box in made if box.kind == SENSOR} == {0}
    last = max(box.column for box in made)
    assert all((box.column == last) == (box.kind == PIPELINE) for box in made)
    assert all(other.column < box.column for box in made for other in box.before)
    for box in made:
        for other in made:
            if box is not other and box.column == other.column:
                assert abs(box.y - other.y) >= (box.height + other.height) / 2
    assert sum(box.kind == MODEL for box in made) == 14
    talking = next(box for box in made if box.waits)
    assert talking.lines[0].startswith("yamnet") and talking.waits[0].lines[0].startswith("silero-vad")


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_picture(demo: Explanation, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"plan{suffix}"
    draw(demo, file)
    if suffix == ".png":
        assert file.read_bytes().startswith(b"\x89PNG")
        return
    said = "".join(ElementTree.parse(file).getroot().itertext())
    assert all(word in said for word in ("street-camera", "face-mesh", "traffic/bells", "×2", "reception"))


def test_the_legend_of_many_applications_stays_in_the_picture() -> None:
    from edgert.explain.drawing import LETTER, ONCE, WAITS, _rows

    words = [f"application-{number}" for number in range(12)] + [ONCE, WAITS]
    rows = _rows(words, 8.0)
    assert [said for row in rows for _, said in row] == words and len(rows) > 1
    assert all(x + len(said) * LETTER <= 8.0 for row in rows for x, said in row)


def test_a_picture_of_an_unknown_kind_is_refused(demo: Explanation, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="give the file such an ending"):
        draw(demo, tmp_path / "plan.bmp")


def test_the_command(tmp_path: Path) -> None:
    said = testing.CliRunner().invoke(main, ["explain", str(DOCUMENTS)])
    assert said.exit_code == 0 and "street-camera: pictures" in said.output, said.output
    said = testing.CliRunner().invoke(
        main, ["explain", str(DOCUMENTS), "--json", "--picture", str(tmp_path / "p.svg")]
    )
    data = json.loads(said.stdout)
    assert {wish["pipeline"] for wish in data["pipelines"]} >= {"traffic/street", "care/view"}
    assert len(data["models"]) == 14 and data["models"][0]["ways"][0]["steps"][0]["estimated_us"] > 0
    assert (tmp_path / "p.svg").exists() and "p.svg: written" in said.stderr
    said = testing.CliRunner().invoke(main, ["explain", str(DOCUMENTS), "--picture", str(tmp_path / "p.bmp")])
    assert said.exit_code == 1 and "pictures are .svg" in said.stderr


OTHERS = """
kind: Sensor
name: roof
source: {type: push, format: {kind: image, pixel: yuv420p, width: 640, height: 480}}
---
kind: Sensor
name: climate
source: {type: push, format: {kind: table, columns: [humidity, temperature], rate: 1}}
---
kind: Pipeline
name: moving
sensor: roof
rate: 5fps
latency: 200ms
steps: [{name: moved, transform: image.motion, from: frame}]
---
kind: Pipeline
name: guarded
sensor: roof
every: 2
overload: skip
trigger: {motion: {above: 0.02}}
steps:
  - {name: moved, transform: image.motion, from: frame}
  - {name: much, condition: {from: moved, above: 0.1, hold: 2s}}
  - {name: small, transform: image.to_tensor, params: {width: 8, height: 8}, from: frame, when: much}
outputs: [small]
---
kind: Pipeline
name: hot
sensor: climate
steps:
  - {name: warm, condition: {from: frame, label: temperature, above: 30}}
  - {name: rows, transform: table.select, from: frame, when: warm}
"""


def test_plans_without_models_conditions_rates_and_triggers_are_told(tmp_path: Path) -> None:
    (tmp_path / "others.yaml").write_text(OTHERS)
    made = explain(plan(load(tmp_path)))
    said = [line.strip() for line in text(made).splitlines()]
    assert "default/moving: at most 5 a second; answers within 200 ms; what is over that is dropped" in said
    assert any(line.startswith("moved: image.motion of frame → float32 [1]  (about ") for line in said)
    [guarded] = [line for line in said if line.startswith("default/guarded: ")]
    assert "every second frame; only while more than 0.02 of the picture moves, and 1 s longer" in guarded
    assert guarded.endswith("passes over frames evenly when there is too much to do")
    assert "condition much: open while moved is above 0.1, and 2 s longer; then small run" in said
    assert "condition warm: open while frame (temperature) is above 30; then rows run" in said
    assert not any("no model" in line or "no pipeline" in line for line in said)
    lines = [line for box in boxes(made) for line in box.lines]
    assert any(line.startswith("image.motion") and line.endswith(" µs") for line in lines)
    assert "at most 5 a second" in lines and "every second frame" in lines


def test_what_is_measured_is_the_best_of_short_rounds(demo: Explanation) -> None:
    from edgert.explain.measure import _Course

    way = next(run for run in demo.runs if run.model == "zoo:yamnet").ways[0]
    course = _Course(way)
    course.rows = [0, 1, 0, 1] * 4
    assert course._by_window([10.0] * 4 + [30.0] * 4 + [8.0] * 4 + [90.0] * 4) == 16.0
    course.rows = [0, 0, 1]
    assert course._by_window([1.0, 2.0, 3.0]) == 6.0  # too few windows to part them
    course.rows = [0]
    assert course._by_window([1.0]) is None
