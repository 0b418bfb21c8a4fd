"""Models that run in pieces: profiles tell where they were cut, and simulations run the same pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from edgert.cli import main
from edgert.documents import read
from edgert.planner import plan
from edgert.simulate import Assumptions, Workload, run
from test_pieces import apart, box  # noqa: F401

onnx = pytest.importorskip("onnx")

LANE = Assumptions(rates={"watch": 100.0}, costs="stated")


@pytest.fixture
def profiled(tmp_path: Path) -> Path:
    """The folder of documents that cut a model into three, with their Profile."""
    file = box(tmp_path, "pieces: 3")
    grid = ["--quick", "--seconds", "10ms", "--instances", "1", "--threads", "1", "--batch", "1", "--alone"]
    said = CliRunner().invoke(main, ["profile", str(file), *grid, "-o", str(tmp_path / "own.yaml")])
    assert said.exit_code == 0, said.output
    return tmp_path


def changed(folder: Path, what: Any) -> None:
    """The Profile of another box, whose model takes 10 ms, with some changes."""
    document = yaml.safe_load((folder / "own.yaml").read_text())
    document["box"]["cpu"] = "another"
    (model,) = document["models"]
    model.pop("among", None)
    for point in model["points"]:
        point.update(p50="10ms", p90="10ms", p99="10ms", mean="10ms", spread=0.0)
    what(document)
    (folder / "own.yaml").write_text(yaml.safe_dump(document))


def thirds(document: dict[str, Any]) -> None:
    (cut,) = document["pieces"]
    cut.update(whole="4ms", together="4ms")
    for piece, took in zip(cut["pieces"], ("2ms", "1ms", "1ms"), strict=True):
        piece["took"] = took


def refuse(*_: Any) -> None:
    raise AssertionError("this was in the profile")


def test_a_profile_has_the_pieces_of_its_documents(profiled: Path) -> None:
    (cut,) = yaml.safe_load((profiled / "own.yaml").read_text())["pieces"]
    assert (cut["model"], cut["count"], len(cut["cuts"])) == ("chain", 3, 2)
    assert [piece["title"] for piece in cut["pieces"]] == [f"piece {n} of 3 of chain" for n in (1, 2, 3)]


def test_a_plan_is_cut_where_the_profile_says(profiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = profiled / "own.yaml"
    document = yaml.safe_load(file.read_text())
    thirds(document)
    file.write_text(yaml.safe_dump(document))
    monkeypatch.setattr("edgert.trunks.slicing.measure", refuse)
    monkeypatch.setattr("edgert.trunks.slicing.places", refuse)
    (decision,) = plan(read(profiled)).trunks
    assert [piece.us for piece in decision.pieces] == [2000, 1000, 1000]
    assert decision.reason.endswith("4 ms whole, as the profile own says")


def test_a_model_that_was_short_stays_whole(profiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = profiled / "own.yaml"
    document = yaml.safe_load(file.read_text())
    document["pieces"][0].update(cuts=[], pieces=[], whole="1ms")
    file.write_text(yaml.safe_dump(document))
    monkeypatch.setattr("edgert.trunks.slicing.measure", refuse)
    planned = plan(read(profiled))
    assert planned.models[0].index == 0
    assert "short enough, as the profile own says" in planned.trunks[0].reason


@pytest.mark.parametrize("cuts", [[5, 3], [1000, 2000], [1, 2]])
def test_cuts_that_give_other_pieces_are_not_followed(profiled: Path, cuts: list[int]) -> None:
    file = profiled / "own.yaml"
    document = yaml.safe_load(file.read_text())
    document["pieces"][0]["cuts"] = cuts
    file.write_text(yaml.safe_dump(document))
    (decision,) = plan(read(profiled)).trunks
    assert decision.shared and len(decision.pieces) == 3 and "profile" not in decision.reason


def test_the_simulation_runs_the_same_pieces(profiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(profiled, thirds)
    monkeypatch.setattr("edgert.trunks.slicing.measure", refuse)
    workload = Workload.of(read(profiled), LANE, lanes=1)
    assert not any("pieces" in note for note in workload.notes)
    outcome = run(workload, 10.0)
    share = {one.name: one.share for one in outcome.models}
    expected = {"piece 1 of 3 of chain": 0.5, "piece 2 of 3 of chain": 0.25, "piece 3 of 3 of chain": 0.25}
    assert share == pytest.approx(expected, rel=0.02)
    # What prepares the input was measured on this machine, and comes on top.
    assert outcome.pipelines[0].quantile(0.5) == pytest.approx(10.0, rel=0.1)
    whole = run(Workload.of(read(profiled), LANE, lanes=1, trunks=False), 10.0)
    assert [one.name for one in whole.models] == ["chain"]


def test_a_profile_without_pieces_says_so(profiled: Path) -> None:
    changed(profiled, lambda document: document.pop("pieces"))
    workload = Workload.of(read(profiled), LANE, lanes=1)
    assert any("no profile has the pieces of chain" in note for note in workload.notes)
    outcome = run(workload, 5.0)
    assert len(outcome.models) == 3
    assert sum(one.share for one in outcome.models) == pytest.approx(1.0, abs=0.35)
