"""What models take in the pieces that they share: measured into Profile documents, and taken from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from edgert.cli import main
from edgert.documents import read
from edgert.planner import plan
from test_trunks_planned import box

assert box  # the fixture


def refuse_to_measure(*_: Any) -> None:
    raise AssertionError("this was in the profile")


@pytest.fixture
def profiled(box: Path) -> Path:
    """The same folder with the Profile of its documents."""
    grid = ["--quick", "--seconds", "10ms", "--instances", "1", "--threads", "1", "--batch", "1", "--alone"]
    said = CliRunner().invoke(main, ["profile", str(box / "box.yaml"), *grid, "-o", str(box / "own.yaml")])
    assert said.exit_code == 0, said.output
    return box


def changed(file: Path, **times: str) -> None:
    document = yaml.safe_load(file.read_text())
    document["trunks"][0].update(times)
    file.write_text(yaml.safe_dump(document))


def test_profiling_documents_measures_what_their_models_share(profiled: Path) -> None:
    trunks = yaml.safe_load((profiled / "own.yaml").read_text())["trunks"]
    assert [each["models"] for each in trunks] == [["left", "right"]]
    assert [each["title"] for each in trunks[0]["pieces"]] == [
        "trunk of left and right",
        "rest of right",
        "rest of left",
    ]
    assert len(set(trunks[0]["contents"])) == 2


def test_a_plan_takes_them_from_there(profiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgert.trunks.alike.measure", refuse_to_measure)
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", 0.05)
    file = profiled / "own.yaml"
    changed(file, whole="2ms", together="1ms")
    (decision,) = plan(read(profiled)).trunks
    assert decision.shared and (decision.whole_us, decision.pieces_us) == (2000, 1000)
    assert decision.reason.endswith("1 ms of CPU time in pieces, 2 ms whole, as the profile own says")
    changed(file, together="1.99ms")
    (decision,) = plan(read(profiled)).trunks
    assert not decision.shared and "too little is saved" in decision.reason


def test_a_profile_of_another_box_or_of_other_pieces_says_nothing(
    profiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Any] = []

    def one_half(whole: Any, pieces: list[Any], *_: Any) -> list[float]:
        measured.append(pieces)
        return [200.0, *([100.0] * len(pieces))]

    monkeypatch.setattr("edgert.trunks.alike.measure", one_half)
    file, text = profiled / "own.yaml", (profiled / "own.yaml").read_text()
    other = yaml.safe_load(text)
    other["box"]["cpu"] = "another"
    file.write_text(yaml.safe_dump(other))
    monkeypatch.setenv("EDGERT_CACHE", str(profiled / "empty"))
    assert plan(read(profiled)).trunks[0].whole_us == 200 and len(measured) == 1
    other = yaml.safe_load(text)
    other["trunks"][0]["pieces"][0]["content"] = "0" * 64
    file.write_text(yaml.safe_dump(other))
    assert plan(read(profiled)).trunks[0].whole_us == 200 and len(measured) == 2
