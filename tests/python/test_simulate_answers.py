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


def test_what_never_ran_is_named(tmp_path: Path) -> None:
    file = box(tmp_path, SMALL, RARE)
    found, notes = measure_answers(read(file))
    assert {one.op for one in found} >= {"answer.classes"}
    assert any("never ran" in note for note in notes)


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
