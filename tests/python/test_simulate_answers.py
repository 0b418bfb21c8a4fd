"""What runs behind models: profiles measure it, and simulations charge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from edgert.cli import main
from edgert.documents import read
from edgert.planner import plan
from edgert.profile.answers import measure_answers
from edgert.simulate import Assumptions, Workload, run
from test_simulate import MEASURED

SMALL, LARGE = 3, 5000
"""Scores: few are looked through at once on the lane at hand, many wait for a lane."""
BOX = """\
kind: Sensor
name: numbers
source: {{type: push, format: {{kind: table, columns: [a, b, c], rate: 50}}}}
---
kind: Model
name: words
file: words.null
input: {{table: {{window: 1}}}}
answer: {{type: classes, activation: none, labels: {labels}}}
---
kind: Pipeline
name: all
sensor: numbers
steps:
  - {{name: said, model: words}}
"""
RARE = """\
  - {name: loud, condition: {from: said, above: 1e30}}
  - {name: again, model: others, when: loud}
---
kind: Model
name: others
file: others.null
input: {table: {window: 1}}
answer: {type: classes, activation: none, labels: [a, b]}
"""
NINE = "quantiles: [2ms, 2ms, 2ms, 2ms, 2ms, 2ms, 2ms, 2ms, 2ms]"
GRID = ["--quick", "--seconds", "10ms", "--instances", "1", "--threads", "1", "--batch", "1", "--alone"]
LANE = Assumptions(rates={"numbers": 50.0})


def box(folder: Path, scores: int, more: str = "") -> Path:
    """A model that gives so many scores, and its best classes."""
    (folder / "words.null").write_text(f"input x float32 1x3\noutput y float32 1x{scores}\n")
    (folder / "others.null").write_text("input x float32 1x3\noutput y float32 1x2\n")
    labels = [f"l{number}" for number in range(scores)]
    file = folder / "box.yaml"
    file.write_text(BOX.format(labels=labels) + more)
    return file


def profiled(folder: Path, scores: int) -> dict[str, Any]:
    """The Profile of the documents, in which the model takes 4 ms, and the answer 2 ms."""
    file = box(folder, scores)
    said = CliRunner().invoke(main, ["profile", str(file), *GRID, "-o", str(folder / "own.yaml")])
    assert said.exit_code == 0, said.output
    document: dict[str, Any] = yaml.safe_load((folder / "own.yaml").read_text())
    (model,) = document["models"]
    model.pop("among", None)
    document.pop("wake")
    document.pop("push")
    for point in model["points"]:
        point.update(p50="4ms", p90="4ms", p99="4ms", mean="4ms", spread=0.0)
    for one in document["transforms"]:
        if one["op"] == "answer.classes":
            one.update(mean="2ms", quantiles=["2ms"] * 9)
    (folder / "own.yaml").write_text(yaml.safe_dump(document))
    return document


@pytest.mark.parametrize("scores", [SMALL, LARGE])
def test_answers_are_measured_and_charged(tmp_path: Path, scores: int) -> None:
    document = profiled(tmp_path, scores)
    (answer,) = [one for one in document["transforms"] if one["op"] == "answer.classes"]
    assert answer["runs"] >= 50
    workload = Workload.of(read(tmp_path), LANE, lanes=1)
    assert not any("behind models" in note for note in workload.notes)
    outcome = run(workload, 10.0)
    assert outcome.pipelines[0].quantile(0.5) == pytest.approx(6.0, rel=0.02)
    assert outcome.lanes[0].share == pytest.approx(0.3, rel=0.02)


def test_profiles_without_answers_say_so(tmp_path: Path) -> None:
    document = profiled(tmp_path, SMALL)
    document["transforms"] = [one for one in document["transforms"] if one["op"] != "answer.classes"]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(document))
    workload = Workload.of(read(tmp_path), LANE, lanes=1)
    assert any("1 steps behind models (answer.classes) are in no profile" in note for note in workload.notes)
    assert run(workload, 5.0).pipelines[0].quantile(0.5) == pytest.approx(4.0, rel=0.02)


JOIN = """\
kind: Sensor
name: lamp
source: {{type: table, path: lamp.csv, rate: 25, rows: 1}}
---
kind: Sensor
name: watch
source: {{type: table, path: watch.csv, rate: 40, rows: 1}}
---
kind: Model
name: words
file: words.null
input: {{table: {{window: 1}}}}
---
kind: Pipeline
name: seen
sensor: lamp
steps:
  - {{name: felt, model: words, sensor: watch}}
  - {{name: then, join: {{from: felt.y, by: {by}, tolerance: 60ms}}}}
"""


def joined(folder: Path, by: str, scores: int = 40000) -> Path:
    """A model's output on one sensor, joined to the frames of another one."""
    (folder / "words.null").write_text(f"input x float32 1x2\noutput y float32 1x{scores}\n")
    (folder / "lamp.csv").write_text("n\n" + "1\n" * 100)
    (folder / "watch.csv").write_text("x,y\n" + "1,2\n" * 160)
    (folder / "box.yaml").write_text(JOIN.format(by=by))
    return folder / "box.yaml"


def test_joins_that_interpolate_much_are_measured_and_charged(tmp_path: Path) -> None:
    file = joined(tmp_path, "interpolate")
    found = measure_answers(read(file))
    (join,) = [one for one in found.transforms if one.op == "join"]
    assert join.runs >= 3 and join.p50 > 0 and not found.notes
    profile = MEASURED + "transforms:\n" + f"- {{op: join, key: {join.key}, mean: 2ms, runs: 9, {NINE}}}\n"
    documents = [file, tmp_path / "profile.yaml"]
    documents[1].write_text(profile)
    busy = {}
    for at, text in (("2ms", profile), ("8ms", profile.replace("2ms", "8ms"))):
        documents[1].write_text(text)
        workload = Workload.of(read(documents), Assumptions(costs="measured"), lanes=1)
        assert not any("(join)" in note for note in workload.notes)
        outcome = run(workload, 20.0)
        busy[at] = outcome.lanes[0].share
    assert busy["8ms"] - busy["2ms"] == pytest.approx(25 * 0.006, rel=0.02)  # of each frame of the lamp


def test_joins_that_take_what_is_there_cost_nothing(tmp_path: Path) -> None:
    for by, scores in (("nearest", 40000), ("interpolate", 100)):
        nodes = plan(read(joined(tmp_path, by, scores))).spec.describe()["nodes"]
        assert [node["work"] for node in nodes if node["op"] == "join"] == [""]


def test_what_never_ran_is_named(tmp_path: Path) -> None:
    file = box(tmp_path, SMALL, RARE)
    found = measure_answers(read(file))
    assert {one.op for one in found.transforms} >= {"answer.classes"}
    assert any("never ran" in note for note in found.notes)
    assert any("noise for the frames of numbers" in note for note in found.notes)


def test_equal_work_has_one_key_whoever_it_is_done_for(tmp_path: Path) -> None:
    def works(scores: int, name: str) -> set[str]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        file = box(folder, scores)
        file.write_text(file.read_text().replace("name: said", f"name: {name}"))
        nodes = plan(read(file)).spec.describe()["nodes"]
        return {node["work"] for node in nodes if node["op"] == "answer.classes"}

    assert works(SMALL, "one") == works(SMALL, "other") != works(SMALL + 1, "third")


def test_short_works_that_are_drawn_together_take_all_of_their_time(tmp_path: Path) -> None:
    from edgert import _native

    planned = plan(read(box(tmp_path, LARGE)))
    described = planned.spec.describe()["nodes"]
    (answer,) = [node["id"] for node in described if node["op"] == "answer.classes"]
    windows = {node["id"]: 1.0 for node in described if node["op"] == "table.window"}
    arrivals = {"numbers": {"kind": "bursts", "period_ms": 1.0, "burst": 16}}
    took = 0.01  # ms: short, so that what waits is drawn together
    simulation = _native.Simulation(
        planned.spec, 1, order="fifo", nodes={answer: took}, rows=windows, arrivals=arrivals
    )
    simulation.run(10)
    metrics = simulation.metrics()
    (row,) = [node for node in metrics["nodes"] if node["id"] == answer]
    assert row["executed"] > 5000
    (lane,) = [lane for lane in metrics["lanes"] if lane["device"] == "cpu"]
    assert lane["busy_s"] == pytest.approx(row["executed"] * took / 1e3, rel=0.01)
