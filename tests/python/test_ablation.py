"""bench/ablation.py's own parts: changes that apply, what counts as late, what differs, the page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.documents import load

BENCH = Path(__file__).parents[2] / "bench"
FULL = {
    "rounds_s": 30.0,
    "cpu_ms": 40.0,
    "pss_mib": 200.0,
    "p99_ms": 80.0,
    "p99_quick_ms": 40.0,
    "missed": 0.0,
}


@pytest.fixture(autouse=True)
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


@pytest.fixture
def effort(monkeypatch: pytest.MonkeyPatch) -> Any:
    from parts.ablation import effort

    monkeypatch.setattr(effort, "_media", lambda folder: None)
    return effort


def test_every_change_applies_to_both_sides_and_is_counted(effort: Any, tmp_path: Path) -> None:
    for change in effort.CHANGES:
        for side in effort.SIDES:
            place = effort._changed(tmp_path / change / side, side, change)
            counted = effort._counted(effort._base(side), effort._texts(place, side))
            assert counted["lines"] >= 1 and counted["files"] == 1, (change, side)
            if side == "box":
                assert not load(place / "box").problems
            else:
                compile((place / "by_hand.py").read_text(), "by_hand.py", "exec")


def test_lines_are_counted_as_written_and_removed(effort: Any) -> None:
    before = {"a": ["one", "two", "three"]}
    after = {"a": ["one", "2", "", "three", "four"], "b": ["new"]}
    assert effort._counted(before, after) == {"lines": 3, "removed": 1, "files": 2}


def test_answers_that_differ_or_lack_an_application_are_refused(effort: Any) -> None:
    ours = {("shop", 0): "cat", ("alarm", 0): "dog"}
    assert effort._compare("sound", ours, dict(ours)) == 1.0
    with pytest.raises(SystemExit):
        effort._compare("sound", ours, {("shop", 0): "cat", ("alarm", 0): "car"})
    with pytest.raises(SystemExit):
        effort._compare("sound", ours, {("shop", 0): "cat"})


def test_what_was_never_answered_is_infinitely_late() -> None:
    from ablation import p99

    answered = {"latency_ms": [float(n) for n in range(100)], "asked": 100}
    assert p99([answered]) == 98.0
    assert p99([answered, {"latency_ms": [500.0] * 100, "asked": 100}]) == 500.0
    assert p99([answered, {"latency_ms": [], "asked": 5}]) is None


def test_a_differing_answer_fails_the_run() -> None:
    import argparse

    from ablation import Grid

    grid = Grid(("one", 10), argparse.Namespace(frames=60))
    values = np.arange(8, dtype=np.float32)
    grid._compare("all_on", {"face-1.5.0": values})
    grid._compare("no_fusing", {"face-1.5.0": values * np.float32(1.001)})
    with pytest.raises(SystemExit, match="differs"):
        grid._compare("no_sharing", {"face-1.5.0": values * np.float32(1.001)})
    with pytest.raises(SystemExit, match="other answers"):
        grid._compare("no_sharing", {})


def test_every_side_plans_the_same_models(monkeypatch: pytest.MonkeyPatch) -> None:
    from parts.ablation.work import SIDES, documents, pipelines

    wanted = pipelines(3, "two")
    assert list(wanted) == ["face-1", "face-2", "voice-1", "voice-2", "scene-1", "scene-2"]
    for name, side in SIDES.items():
        made = documents(3, "two", side, paced=True)
        assert [one.name for one in made.pipelines.values()] == list(wanted) and not made.problems
        assert len(made.sensors) == (len(wanted) if name == "no_acquisition" else 2)


def test_the_page_stands_alone_and_says_never(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from parts.ablation.page import write
    from parts.ablation.work import SIDES

    sides = {side: dict(FULL) for side in SIDES}
    slow = {"no_acquisition": {**FULL, "p99_ms": None, "p99_quick_ms": None, "missed": 0.9}}
    row = {"lines": 3, "removed": 1, "files": 1, "commands": 1}
    figures = {
        "one": {"1": {"rate": 9.0, "sides": sides}, "10": {"rate": 3.0, "sides": {**sides, **slow}}},
        "two": {},
        "effort": {
            "base": {"box": {"lines": 20}, "by_hand": {"lines": 99}},
            "camera": {"what": "another <camera>", "box": row, "by_hand": row},
        },
        "machine": {"cpu": "a box", "cores": 2, "load": 0.1, "python": sys.version.split()[0]},
    }
    write(tmp_path / "page.html", figures)
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 6 and "never" in page and "$" not in page
    assert (
        "another &lt;camera&gt;" in page and "<script" not in page and "http://" not in page.split("<svg")[0]
    )
