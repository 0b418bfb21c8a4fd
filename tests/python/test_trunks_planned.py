"""Trunks in plans: found between the models of documents, checked when they are deployed, and told."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from edgert import Runtime, explain
from edgert.cli import main
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from onnx import TensorProto, helper
from trunks_graphs import WIDTH, Recipe, push_all, write

BIG = 40  # layers of a trunk that is worth sharing

SENSOR = """
kind: Sensor
name: watch
source: {{type: push, format: {{kind: table, columns: [{columns}], rate: 100}}}}
---
""".format(columns=", ".join(f"c{number}" for number in range(WIDTH)))


def model(name: str, file: str, more: str = "") -> str:
    return f"kind: Model\nname: {name}\nfile: {file}\ninput: {{table: {{window: 1}}}}\n{more}\n---\n"


def pipeline(name: str, of: str, more: str = "") -> str:
    return (
        f"kind: Pipeline\nname: {name}\nsensor: watch\n{more}steps:\n  - {{name: {name}, model: {of}}}\n---\n"
    )


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three models in a folder: two begin alike, with many layers; the third is another."""
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", -1e9)
    random = np.random.default_rng(0)
    weights = [(random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32) for _ in range(BIG)]
    trunk = Recipe([("Gemm", [place], weight) for place, weight in enumerate(weights)])
    for name in ("left", "right"):
        own = trunk.copy()
        own.grow(random, 4, least=BIG)
        own.steps.append(("Sigmoid", [len(own.steps)], None))
        write(own, tmp_path / f"{name}.onnx", random, [len(own.steps)])
    other = Recipe([("Gemm", [0], (random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32))])
    write(other, tmp_path / "other.onnx", random, [1])
    models = model("left", "left.onnx") + model("right", "right.onnx") + model("other", "other.onnx")
    (tmp_path / "box.yaml").write_text(
        SENSOR + models + pipeline("one", "left") + pipeline("two", "right") + pipeline("three", "other")
    )
    return tmp_path


def answers(documents: Path, **options: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    runtime = Runtime(documents, **options)
    runtime.on_result(None, lambda result: found.setdefault(result.pipeline, []).append(_rows(result)))
    with runtime:
        push_all(runtime)
    assert not runtime.failures
    return found


def _rows(result: Any) -> list[bytes]:
    return [np.array(array).tobytes() for value in result.outputs.values() for _, array in value]


def test_models_that_are_fed_alike_share_and_answer_as_before(box: Path) -> None:
    planned = plan(read(box / "box.yaml"))
    [decision] = planned.trunks
    assert decision.shared and decision.models == ("left", "right")
    names = [each["name"] for each in planned.spec.describe()["models"]]
    assert names == ["trunk of left and right", "rest of left", "rest of right", "other"]
    assert [each.reference for each in planned.models] == ["left", "right", "other"]
    shared, whole = answers(box / "box.yaml"), answers(box / "box.yaml", trunks=False)
    assert shared == whole and len(shared["default/two"]) == 20


def test_the_trunk_runs_once_and_its_rests_are_called_so(box: Path) -> None:
    with Runtime(box / "box.yaml") as runtime:
        runtime.push("watch", np.ones((1, WIDTH), np.float32))
        runtime.finish("watch")
        until = time.monotonic() + 30
        while not runtime.finished and time.monotonic() < until:
            time.sleep(0.01)
        labels = {node["label"]: node for node in runtime.metrics()["nodes"] if node["op"] == "model"}
    assert set(labels) == {"trunk of left and right", "rest of left", "rest of right", "other"}
    assert labels["trunk of left and right"]["executed"] == 1


def test_it_can_be_switched_off(box: Path) -> None:
    assert plan(read(box / "box.yaml"), trunks=False).trunks == ()
    text = (box / "box.yaml").read_text().replace("file: left.onnx", "file: left.onnx\ntrunks: false")
    (box / "box.yaml").write_text(text)
    assert plan(read(box / "box.yaml")).trunks == ()


def test_models_that_are_fed_otherwise_are_no_candidates(box: Path) -> None:
    text = (box / "box.yaml").read_text()
    wanted = "file: left.onnx\ninput: {table: {window: 1"
    assert wanted in text
    (box / "box.yaml").write_text(text.replace(wanted, wanted + ", mean: 1"))
    assert plan(read(box / "box.yaml")).trunks == ()


def test_a_refusal_runs_the_models_whole(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgert.trunks import running

    monkeypatch.setattr(running, "TOLERANCE", {"float32": -1.0})
    monkeypatch.setattr(running.np, "array_equal", lambda *args, **more: False)
    planned = plan(read(box / "box.yaml"))
    monkeypatch.undo()
    [decision] = planned.trunks
    assert not decision.shared and "allowed" in decision.reason
    assert [each["name"] for each in planned.spec.describe()["models"]] == ["left", "right", "other"]


def test_an_unwritable_cache_is_told_and_the_models_run(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (box / "file").write_text("")
    monkeypatch.setenv("EDGERT_CACHE", str(box / "file"))
    ran = CliRunner().invoke(main, ["run", str(box / "box.yaml"), "--quiet", "--duration", "100ms"])
    assert ran.exit_code == 0, ran.output
    assert "left + right: run whole; the cache" in ran.output and "set EDGERT_CACHE" in ran.output


def test_explain_and_check_show_pieces_and_the_decision(box: Path) -> None:
    made = explain.explain(plan(read(box / "box.yaml")))
    said = explain.text(made)
    assert "runs in pieces: trunk of left and right" in said
    assert "left and right share layers" in said and "bit for bit" in said
    data = json.loads(json.dumps(made.data()))
    assert data["trunks"][0]["shared"] and data["models"][0]["pieces"][1]["title"] == "rest of left"
    pieces = sum(piece.file.stat().st_size for piece in made.planned.trunks[0].pieces)
    whole = sum(model.file.stat().st_size for model in made.planned.models if model.index >= 0)
    assert pieces > 0 and made.saved()["model_bytes"] == pieces + whole
    checked = CliRunner().invoke(main, ["check", str(box / "box.yaml")])
    assert "left + right\tcut: all of them take" in checked.output, checked.output


def test_a_picture_has_a_box_for_each_piece(box: Path) -> None:
    from edgert.explain.boxes import boxes

    made = boxes(explain.explain(plan(read(box / "box.yaml"))))
    titles = [line for each in made for line in each.lines]
    for title in ("trunk of left and right", "rest of left", "rest of right"):
        assert any(line.startswith(title) for line in titles), titles


def test_split_shows_and_writes_the_pieces(box: Path) -> None:
    files = [str(box / f"{name}.onnx") for name in ("left", "right")]
    ran = CliRunner().invoke(main, ["split", *files, "-o", str(box / "pieces")])
    assert ran.exit_code == 0, ran.output
    names = sorted(file.name for file in (box / "pieces").iterdir())
    assert names == ["rest-left.onnx", "rest-right.onnx", "trunk-left-right.onnx"]
    none = CliRunner().invoke(main, ["split", files[0], str(box / "other.onnx")])
    assert "nothing in common" in none.output


def test_a_compiled_plan_holds_the_pieces(box: Path) -> None:
    ran = CliRunner().invoke(main, ["compile", str(box / "box.yaml"), "-o", str(box / "box.plan")])
    assert ran.exit_code == 0, ran.output
    assert b"trunk of left and right" in (box / "box.plan").read_bytes()


HEAD = """
kind: Model
name: head
file: other.onnx
input: {{features: {{}}}}
features_from: {of}
---
"""


def test_features_are_declared_by_the_model_that_reads_them(box: Path) -> None:
    declared = HEAD.format(of="left") + pipeline("four", "head")
    (box / "box.yaml").write_text((box / "box.yaml").read_text() + declared)
    planned = plan(read(box / "box.yaml"), trunks=False)
    runs = [node for node in planned.spec.describe()["nodes"] if node["op"] == "model"]
    assert len(runs) == 4, "left runs once for both who want it"
    found = answers(box / "box.yaml")
    assert len(found["default/four"]) == 20 and found["default/four"] != found["default/one"]


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("lefd", "there is no Model 'lefd'"),
        ("left/nothing", "names an output 'nothing' of left"),
        ("head", "wait for each other's features: head → head"),
    ],
)
def test_wrong_features_are_refused(box: Path, of: str, said: str) -> None:
    (box / "box.yaml").write_text(
        (box / "box.yaml").read_text() + HEAD.format(of=of) + pipeline("four", "head")
    )
    with pytest.raises(DocumentErrors, match="Model/head") as caught:
        plan(read(box / "box.yaml"))
    assert said in str(caught.value)


PAGE = Path(__file__).parents[2] / "docs" / "feature-sharing.md"


@pytest.mark.parametrize(
    "text", re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)
def test_the_page_on_feature_sharing_shows_valid_documents(tmp_path: Path, text: str) -> None:
    (tmp_path / "example.yaml").write_text(text)
    found = read(tmp_path)
    assert [str(problem) for problem in found.problems] == [] and len(found.models) == 1


@pytest.mark.parametrize("where", ["pipeline", "application"])
def test_private_work_shares_no_trunk(box: Path, where: str) -> None:
    text = (box / "box.yaml").read_text()
    own = "share: private\n" if where == "pipeline" else "application: own\n"
    text = text.replace("name: one\nsensor: watch\n", f"name: one\nsensor: watch\n{own}")
    if where == "application":
        text += "kind: Application\nname: own\nshare: private\n"
    (box / "box.yaml").write_text(text)
    planned = plan(read(box / "box.yaml"))
    assert planned.trunks == ()
    assert len(planned.spec.describe()["models"]) == 3


def test_without_merging_nothing_is_shared(box: Path) -> None:
    assert plan(read(box / "box.yaml"), merge=False).trunks == ()


CAMERA = """
kind: Sensor
name: camera
source: {type: synthetic, pattern: moving, width: 50, height: 38, count: 4, pixel: PIXEL, speed: max}
---
kind: Model
name: positive
file: positive.onnx
input: {image: {range: [-1, 1]}}
---
kind: Pipeline
name: look
sensor: camera
steps:
  - {name: look, model: positive}
"""


@pytest.mark.parametrize("pixel", ["rgb24", "yuv420p"])
def test_real_inputs_are_those_that_the_plan_makes(tmp_path: Path, pixel: str) -> None:
    from edgert.planner import samples
    from edgert.planner.native import open_builder
    from edgert.planner.pipelines import Planner
    from edgert.planner.planning import _probe

    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 16, 16]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", ends[:1], ends[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "positive.onnx").write_bytes(made.SerializeToString())
    (tmp_path / "box.yaml").write_text(CAMERA.replace("PIXEL", pixel))
    planner = Planner(read(tmp_path), open_builder(), _probe())
    planner.plan()
    assert not planner.problems
    [run] = planner.runs.noted
    real = samples.samples({"0": (run, "x")}, {}, {})
    with Runtime(tmp_path) as runtime:
        answers = [np.array(result.outputs["look"]) for result in runtime.results("look")]
    assert len(real) == samples.REAL + samples.RANDOM and len(answers) == 4
    for feed, answer in zip(real[: samples.REAL], answers, strict=False):
        np.testing.assert_array_equal(np.maximum(feed["0"], 0), answer)
        assert feed["0"].min() < 0 < feed["0"].max()


def test_a_run_says_nothing_of_what_is_not_worth_it(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgert.trunks.alike.LEAST_SHARE", 2.0)
    ran = CliRunner().invoke(main, ["run", str(box / "box.yaml"), "--quiet", "--duration", "100ms"])
    assert ran.exit_code == 0 and "run whole" not in ran.output
    said = CliRunner().invoke(main, ["explain", str(box / "box.yaml")]).output
    assert "left and right: not cut; what they have in common is" in said
