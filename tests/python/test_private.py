"""`share: private`: such work is merged with nobody else's, and the answers are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import DocumentErrors, read
from edgert.explain import explain, text
from edgert.planner import plan

FRAMES = 3
MODEL = "input x float32 ?x4\noutput y float32 ?x4\necho\n"
BOX = """
kind: Sensor
name: belt
source: {type: push, format: {kind: table, columns: [a, b, c, d], rate: 10}}
inbox: {policy: block}
---
kind: Model
name: echo
file: echo.null
input: {table: {window: 1}}
"""
APPLICATION = "---\n{kind: Application, name: %s%s}\n"
PIPELINE = """---
kind: Pipeline
name: %s
application: %s
sensor: belt
%ssteps: [{name: rows, model: echo}]
"""


def box(folder: Path, *documents: str) -> Path:
    (folder / "echo.null").write_text(MODEL)
    (folder / "box.yaml").write_text(BOX + "".join(documents))
    return folder / "box.yaml"


def models(path: Path, merge: bool = True) -> list[dict[str, Any]]:
    """The model nodes after some frames, of which every pipeline saw each as it was pushed."""
    rows = np.arange(4 * FRAMES, dtype=np.float32).reshape(FRAMES, 4)
    with Runtime(path, merge=merge) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in runtime.pipelines}
        for row in rows:
            runtime.push("belt", row[None])
        for of_pipeline in results.values():
            for row in rows:
                assert np.array_equal(next(of_pipeline).outputs["rows"][0][1].reshape(4), row)
        return [node for node in runtime.metrics()["nodes"] if node["op"] == "model"]


def counted(nodes: list[dict[str, Any]]) -> list[tuple[list[str], int, int]]:
    return sorted((sorted(node["applications"]), node["executed"], node["demanded"]) for node in nodes)


APPLICATIONS = APPLICATION % ("shop", "") + APPLICATION % ("care", ", share: private")


def test_a_private_application_shares_with_itself_alone(tmp_path: Path) -> None:
    path = box(
        tmp_path,
        APPLICATIONS,
        PIPELINE % ("one", "shop", ""),
        PIPELINE % ("two", "shop", ""),
        PIPELINE % ("three", "care", ""),
        PIPELINE % ("four", "care", ""),
    )
    assert counted(models(path)) == [(["care"], FRAMES, 2 * FRAMES), (["shop"], FRAMES, 2 * FRAMES)]
    planned = plan(read(path))
    private = [node["private_to"] for node in planned.spec.describe()["nodes"]]
    assert private[0] == "" and set(private) == {"", "care"}, "the sensor's frame is everybody's"
    assert len(planned.spec.describe()["models"]) == 2, "a queue and sessions of its own"


def test_a_private_pipeline_is_apart_from_its_application_too(tmp_path: Path) -> None:
    path = box(
        tmp_path,
        APPLICATION % ("shop", ""),
        PIPELINE % ("one", "shop", ""),
        PIPELINE % ("two", "shop", "share: private\n"),
    )
    assert counted(models(path)) == [(["shop"], FRAMES, FRAMES)] * 2
    said = text(explain(plan(read(path))))
    assert said.count("private to shop") == 1 and "two" in said.split("private to shop")[0].splitlines()[-1]


def test_without_merging_each_pipeline_works_for_itself(tmp_path: Path) -> None:
    path = box(
        tmp_path, APPLICATION % ("shop", ""), *(PIPELINE % (name, "shop", "") for name in ("one", "two"))
    )
    assert counted(models(path)) == [(["shop"], FRAMES, 2 * FRAMES)]
    assert counted(models(path, merge=False)) == [(["shop"], FRAMES, FRAMES)] * 2


def test_a_plan_file_keeps_what_is_private(tmp_path: Path) -> None:
    from edgert._native import PlanSpec

    spec = plan(read(box(tmp_path, APPLICATIONS, PIPELINE % ("three", "care", "")))).spec
    spec.save(str(tmp_path / "box.plan"))
    assert PlanSpec.load(str(tmp_path / "box.plan")).describe() == spec.describe()
    assert spec.describe()["pipelines"][0]["share"] == "private"


@pytest.mark.parametrize("said", ["public", "0", "1.5", "[private]"])
def test_another_word_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(DocumentErrors) as refused:
        Runtime(box(tmp_path, APPLICATION % ("shop", f", share: {said}"), PIPELINE % ("one", "shop", "")))
    assert any("share" in str(problem) for problem in refused.value.problems)
