"""What several applications want of one frame in the request cache, errors among those who wait, and what
`edgert check` and `edgert explain` say of it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from edgert.documents import read
from edgert.explain.kept import MOST_PIPELINES, kept, unkept
from edgert.planner import plan

CLIENTS = 16
MODEL = "input x float32 1x2x2x3\noutput y float32 1x2x2x3\necho\ndelay_us 20000\nfail_on 7\n"
BOX = """
kind: Model
name: echo
file: echo.null
input: {image: {size: 2, layout: nhwc, range: [0, 255]}}
"""
SENSOR = """---
kind: Sensor
name: %s
source: {type: push, format: {kind: image, pixel: rgb24, width: 2, height: 2}}
inbox: {size: 32, in_flight: 16}
cache: true
"""
APPLICATION = "---\n{kind: Application, name: %s%s}\n"
PIPELINE = """---
kind: Pipeline
name: %s
application: %s
sensor: %s
%ssteps: [{name: y, model: echo}]
"""
OWN, OTHERS, OFF = "", ", cache: {share: others}", ", cache: {share: off}"


def box(folder: Path, *documents: str) -> Path:
    (folder / "echo.null").write_text(MODEL)
    (folder / "box.yaml").write_text(BOX + "".join(documents))
    return folder / "box.yaml"


def two(folder: Path, of_a: str, of_b: str, more: str = "", sensor: str = SENSOR % "s") -> Path:
    """Applications a and b, who ask the same of one sensor's frames."""
    applications = APPLICATION % ("a", of_a) + APPLICATION % ("b", of_b)
    return box(folder, sensor, applications, PIPELINE % ("p", "a", "s", more), PIPELINE % ("q", "b", "s", ""))


def frame(value: int) -> np.ndarray[Any, Any]:
    return np.full((2, 2, 3), value, np.uint8)


def executed(runtime: edgert.Runtime) -> int:
    return sum(node["executed"] for node in runtime.metrics()["nodes"] if node["op"] == "model")


@pytest.mark.parametrize(
    ("of_a", "of_b", "found"),
    [(OWN, OWN, True), (OWN, OTHERS, True), (OTHERS, OTHERS, True), (OFF, OWN, False)],
)
def test_work_of_two_applications_is_kept_for_them_together(
    tmp_path: Path, of_a: str, of_b: str, found: bool
) -> None:
    with edgert.Runtime(two(tmp_path, of_a, of_b)) as runtime:
        answers = [runtime.results(name, timeout=30) for name in ("a/p", "b/q")]
        for asked in range(2):
            runtime.push("s", frame(5))
            for result in map(next, answers):
                assert result.cached is (found and asked == 1)
                assert np.all(result.outputs["y"] == 5)
        assert executed(runtime) == (1 if found else 2)
        applications = runtime.metrics()["applications"]
        assert all((applications[name]["cache"]["saved_s"] > 0) is found for name in "ab")


def test_an_error_reaches_all_who_wait_for_it_and_nobody_else(tmp_path: Path) -> None:
    """Two applications on one sensor, one of them on another, too; a request that is well among them."""
    documents = two(tmp_path, OTHERS, OTHERS, sensor=SENSOR % "s" + SENSOR % "t")
    documents.write_text(documents.read_text() + PIPELINE % ("r", "b", "t", ""))
    with edgert.Runtime(documents) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in ("a/p", "b/q", "b/r")}
        sensors = ["s", "t"] * (CLIENTS // 2)
        threads = [threading.Thread(target=runtime.push, args=(sensor, frame(7))) for sensor in sensors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        runtime.push("s", frame(1))
        for of_pipeline in results.values():
            for _ in range(CLIENTS // 2):
                result = next(of_pipeline)
                assert result.outcome == "failed" and not result.cached and result.outputs["y"] is None
                assert str(result.error).endswith(": null: there is a 7")
        ran = executed(runtime)
        assert 1 <= ran <= CLIENTS + 1, "who comes after the error computes it again"
        for name in ("a/p", "b/q"):
            well = next(results[name])
            assert well.outcome == "ok" and np.all(well.outputs["y"] == 1)
        runtime.push("t", frame(7))
        assert next(results["b/r"]).outcome == "failed"
        assert executed(runtime) > ran, "errors are not kept"


def said(path: Path) -> list[str]:
    documents = read(path)
    return list(unkept(documents, plan(documents)))


def test_all_is_kept_and_told(tmp_path: Path) -> None:
    path = two(tmp_path, OWN, OTHERS)
    documents = read(path)
    assert said(path) == []
    assert list(kept(documents, plan(documents))) == [
        "s keeps results for equal frames (64 MB at most): a finds its own; b finds what all that say"
        " `others` computed"
    ]


@pytest.mark.parametrize(
    ("of_a", "of_b", "more", "told"),
    [
        (
            OFF,
            OWN,
            "",
            "what b shares with a is not kept while a wants it, too: Application/a says cache: {share: off}",
        ),
        (OFF, OFF, "", "nothing is kept: Application/a says cache: {share: off} and Application/b says"),
        (OFF, ", share: private", "", "and b's pipelines are private"),
        (
            OWN,
            OWN,
            "max_age: 100ms\n",
            "y of a/p and b/q is not kept for equal frames: it may be an earlier",
        ),
    ],
)
def test_what_is_not_kept_is_told_with_the_key(
    tmp_path: Path, of_a: str, of_b: str, more: str, told: str
) -> None:
    (problem,) = said(two(tmp_path, of_a, of_b, more))
    assert problem.startswith("Sensor/s: ") and told in problem


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("0", "Scheduler/small says cache: 0"),
        ("500", "a frame takes 524 bytes, and Scheduler/small says cache: 500"),
    ],
)
def test_a_cache_of_nothing_is_told(tmp_path: Path, size: str, why: str) -> None:
    scheduler = f"---\n{{kind: Scheduler, name: small, cache: {size}}}\n"
    path = two(tmp_path, OWN, OWN, sensor=scheduler + SENSOR % "s")
    assert said(path) == [f"Sensor/s: cache: true, but nothing is kept: {why}"]
    assert not list(kept(read(path), plan(read(path))))


def test_more_pipelines_than_are_told_apart(tmp_path: Path) -> None:
    path = two(tmp_path, OWN, OWN)
    more = "".join(PIPELINE % (f"p{i}", "a", "s", "") for i in range(MOST_PIPELINES - 1))
    path.write_text(path.read_text() + more)
    (problem,) = said(path)
    assert "more than 64 pipelines share it; cache: {share: others} in all of their Applications" in problem


def test_windows_are_told(tmp_path: Path) -> None:
    path = box(
        tmp_path,
        "---\nkind: Sensor\nname: s\ncache: true\n",
        "source: {type: push, format: {kind: table, columns: [a, b], rate: 10}}\n",
        APPLICATION % ("a", ""),
        "---\nkind: Model\nname: rows\nfile: rows.null\ninput: {table: {window: 2}}\n",
        (PIPELINE % ("p", "a", "s", "")).replace("model: echo", "model: rows"),
    )
    (tmp_path / "rows.null").write_text("input x float32 2x2\noutput y float32 2x2\necho\n")
    (problem,) = said(path)
    assert problem.endswith(
        "y of a/p is not kept for equal frames: table.window keeps a state from frame to frame"
    )


def test_the_command_line_says_it(tmp_path: Path) -> None:
    testing = pytest.importorskip("click.testing")
    from edgert.cli import main

    path = str(two(tmp_path, OFF, OWN))
    checked = testing.CliRunner().invoke(main, ["check", "--no-devices", path])
    assert "cache off" in checked.output and "what b shares with a is not kept" in checked.output
    explained = testing.CliRunner().invoke(main, ["explain", path])
    assert "b finds its own; a finds none" in explained.output
    assert "what b shares with a is not kept" in explained.output
    data = json.loads(testing.CliRunner().invoke(main, ["explain", "--json", path]).output)
    assert len(data["request_cache"]["kept"]) == len(data["request_cache"]["not_kept"]) == 1
