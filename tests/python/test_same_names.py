"""Pipelines of two applications that share a name: each is its own, from documents to results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from edgert import Runtime
from edgert.cli import main
from edgert.documents import DocumentErrors, Pipeline, Refused, load, read
from edgert.documents.steps import TransformStep
from edgert.errors import InvalidError, NotFoundError
from edgert.planner import Planning, plan
from edgert.simulate.steps import gates
from edgert.titles import ByTitle, called
from edgert.watching import differences

SENSOR = """\
kind: Sensor
name: belt
source: {type: push, format: {kind: table, columns: [a, b], rate: 100, max_rows: 1}}
inbox: {policy: block, size: 16, in_flight: 4}
"""
OWNER = "---\nkind: Application\nname: %s\n"
PIPELINE = """---
kind: Pipeline
name: people
application: %s
sensor: belt
steps:
  - {name: kept, transform: table.select, from: frame, params: {columns: [%s]}}
"""
BOTH = SENSOR + OWNER % "shop" + OWNER % "care" + PIPELINE % ("shop", "a") + PIPELINE % ("care", "b")


def written(folder: Path, text: str, name: str = "box.yaml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def first(result: Any) -> float:
    return float(np.asarray(result.outputs["kept"]).flat[0])


def test_documents_keep_both(tmp_path: Path) -> None:
    documents = load(written(tmp_path, BOTH))
    assert list(documents.pipelines) == ["shop/people", "care/people"]
    assert documents.pipelines["care/people"].application == "care"
    with pytest.raises(KeyError, match="say whose: shop/people or care/people"):
        documents.pipelines["people"]
    rest = documents.without(lambda one: one.KIND == "Pipeline" and one.key == "shop/people")
    assert rest.pipelines["people"].application == "care"
    assert list(rest.plus(read(written(tmp_path, PIPELINE % ("shop", "a"), "more.yaml"))).pipelines) == [
        "care/people", "shop/people",
    ]  # fmt: skip


@pytest.mark.parametrize("twin", ["application: shop\n", ""])
def test_a_second_one_of_an_application_names_both_places(tmp_path: Path, twin: str) -> None:
    text = BOTH.replace("application: shop\n", twin) + (PIPELINE % ("shop", "b")).replace(
        "application: shop\n", twin or "application: default\n"
    )
    text += "" if twin else OWNER % "default"
    with pytest.raises(DocumentErrors) as caught:
        load(written(tmp_path, text))
    [problem] = caught.value.problems
    owner, first_line = ("shop", 13) if twin else ("default", 13)
    assert f"another Pipeline of {owner} has this name, first in {tmp_path}/box.yaml:{first_line}; " in str(
        problem
    )
    lines = text.splitlines()
    assert problem.line == [index for index, line in enumerate(lines, 1) if line == "name: people"][2]


def test_problems_say_whose_it_is(tmp_path: Path) -> None:
    wrong = BOTH.replace("columns: [b]", "columns: [c]").replace("sensor: belt", "sensor: bell", 1)
    with pytest.raises(DocumentErrors) as caught:
        plan(read(written(tmp_path, wrong)))
    said = [str(problem).partition("box.yaml:")[2] for problem in caught.value.problems]
    assert said[0].startswith("15: Pipeline/shop/people: there is no Sensor 'bell'")
    assert said[1].startswith("24: Pipeline/care/people: ")
    broken = read(written(tmp_path, BOTH.replace("columns: [b]}", "columns: [b]}, form: x")))
    assert [problem.document for problem in broken.problems] == ["Pipeline/care/people"]


def test_the_plan_has_both_and_each_its_own_steps(tmp_path: Path) -> None:
    planned = plan(read(written(tmp_path, BOTH)))
    assert list(planned.pipelines) == ["shop/people", "care/people"]
    nodes = {title: one.steps["kept"].value.node for title, one in planned.pipelines.items()}  # type: ignore[union-attr]
    assert nodes["shop/people"] != nodes["care/people"]
    described = planned.spec.describe()
    assert described["nodes"][nodes["care/people"]]["pipelines"] == ["care/people"]


def test_what_is_equal_is_shared_by_pipelines_of_one_name(tmp_path: Path) -> None:
    planned = plan(read(written(tmp_path, BOTH.replace("columns: [b]", "columns: [a]"))))
    [node] = {one.steps["kept"].value.node for one in planned.pipelines.values()}  # type: ignore[union-attr]
    assert planned.spec.describe()["nodes"][node]["pipelines"] == ["shop/people", "care/people"]
    apart = Planning(read(tmp_path / "box.yaml"), merge=False).plan()
    assert len({one.steps["kept"].value.node for one in apart.pipelines.values()}) == 2  # type: ignore[union-attr]


def test_models_of_both_are_cut_apart(tmp_path: Path) -> None:
    text, step = SENSOR + OWNER % "shop" + OWNER % "care", PIPELINE.partition("  - ")[0].replace("%s", "{0}")
    for name in ("shop", "care"):
        (tmp_path / f"{name}.null").write_text("input x float32 1x2\noutput y float32 1x2\necho\n# " + name)
        text += f"---\nkind: Model\nname: {name}\nfile: {name}.null\ninput: {{table: {{window: 1}}}}\n"
        text += step.format(name) + f"  - {{name: kept, model: {name}}}\n"
    planning = Planning(read(written(tmp_path, text)))
    planning.plan()
    assert planning._planner is not None
    noted = {run.key: run.opened.document.name for run in planning._planner.runs.noted}
    assert noted == {("shop/people", "kept"): "shop", ("care/people", "kept"): "care"}


def test_results_metrics_and_removal_go_by_application(tmp_path: Path) -> None:
    with Runtime(written(tmp_path, BOTH)) as runtime:
        with pytest.raises(InvalidError, match=r"'people': several .*say whose: shop/people or care/people"):
            runtime.results("people")
        with pytest.raises(InvalidError, match="say whose"):
            runtime.on_result("people", print)
        with pytest.raises(InvalidError, match="say whose"):
            runtime.remove(pipeline="people")
        with pytest.raises(NotFoundError, match="there are shop/people, care/people"):
            runtime.results("office/people")
        shop, care = runtime.results("shop/people", 20), runtime.results("care/people", 20)
        runtime.push("belt", np.array([[1.0, 2.0]], np.float32))
        assert [first(next(shop)), first(next(care))] == [1.0, 2.0]
        rows = runtime.metrics()["pipelines"]
        assert {title: row["results"] for title, row in rows.items()} == {"shop/people": 1, "care/people": 1}
        runtime.remove(pipeline="shop/people")
        assert runtime.pipelines == ["care/people"] and list(shop) == []
        runtime.push("belt", np.array([[3.0, 4.0]], np.float32))
        assert first(next(care)) == 4.0
        runtime.add(written(tmp_path, PIPELINE % ("shop", "a"), "shop.yaml"))
        again = runtime.results("shop/people", 20)
        runtime.push("belt", np.array([[5.0, 6.0]], np.float32))
        assert [first(next(again)), first(next(care))] == [5.0, 6.0]
        runtime.remove(application="care")
        assert runtime.pipelines == ["shop/people"] and list(care) == []
        with pytest.raises(NotFoundError, match="there are shop"):
            runtime.remove(application="care")


def test_a_name_that_one_has_is_enough(tmp_path: Path) -> None:
    with Runtime(written(tmp_path, SENSOR + OWNER % "shop" + PIPELINE % ("shop", "a"))) as runtime:
        results = runtime.results("people", 20)
        runtime.push("belt", np.array([[1.0, 2.0]], np.float32))
        assert first(next(results)) == 1.0


def test_a_change_of_one_is_told_as_its_own(tmp_path: Path) -> None:
    before = read(written(tmp_path, BOTH))
    after = read(written(tmp_path, BOTH.replace("columns: [b]", "columns: [a]")))
    assert differences(before, after) == ["other Pipeline/care/people"]
    alone = read(written(tmp_path, BOTH.partition(PIPELINE % ("care", "b"))[0]))
    assert differences(before, alone) == ["no Pipeline/care/people"]
    # The application called default is the same, said or not.
    silent, said = (
        read(written(tmp_path, SENSOR + OWNER % "default" + (PIPELINE % ("default", "a")).replace(*each)))
        for each in [("application: default\n", ""), ("", "")]
    )
    assert differences(silent, said) == ["other Pipeline/default/people"]


def test_the_sinks_of_one_stay_when_the_other_goes(tmp_path: Path) -> None:
    sinks = "sinks:\n  - {type: record, folder: %s, clips: false, snapshot: true}\n"
    camera = "{type: push, format: {kind: image, pixel: rgb24, width: 8, height: 6}}"
    params = "{width: 8, height: 6, scale: 1.0}"
    step = f"  - {{name: kept, transform: image.to_tensor, from: frame, params: {params}}}\n"
    parts = {
        name: (PIPELINE % (name, "a")).partition("  - ")[0] + step + sinks % name for name in ("shop", "care")
    }
    head = f"kind: Sensor\nname: belt\nsource: {camera}\n" + OWNER % "shop" + OWNER % "care"
    box = written(tmp_path, head + parts["shop"] + parts["care"])
    with Runtime(box) as runtime:
        assert [row["pipeline"] for row in runtime.metrics()["sinks"]] == ["shop/people", "care/people"]
        care = runtime._sinks.open[1]
        runtime.remove(pipeline="shop/people")
        assert runtime._sinks.open == [care]
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"shop", "care"}


GATED = """\
kind: Sensor
name: belt
source: {type: push, format: {kind: table, columns: [a, b], rate: 100, max_rows: 1}}
---
kind: Application
name: shop
---
kind: Application
name: care
"""
OPEN = """---
kind: Pipeline
name: people
application: %s
sensor: belt
steps:
  - {name: open, condition: {from: frame, label: a, above: %d}}
  - {name: kept, transform: table.select, from: frame, params: {columns: [a]}, when: open}
"""


def test_conditions_are_named_by_application_where_two_have_them(tmp_path: Path) -> None:
    text = GATED + OPEN % ("shop", 1) + OPEN % ("care", 2)
    nodes = plan(read(written(tmp_path, text))).spec.describe()["nodes"]
    assert len(gates(nodes, {"open": 0.5})) == 2  # all of that name
    [shop], [care] = gates(nodes, {"shop/people/open": 0.5}), gates(nodes, {"care/people/open": 0.5})
    assert shop != care
    with pytest.raises(InvalidError, match="say whose: shop/people/open or care/people/open"):
        gates(nodes, {"people/open": 0.5})


def test_the_command_line_shows_both(tmp_path: Path) -> None:
    box = written(tmp_path, BOTH)
    for command in (["check"], ["explain"]):
        said = CliRunner().invoke(main, [*command, str(box)])
        assert said.exit_code == 0, said.output
        assert "shop/people" in said.output and "care/people" in said.output, said.output


def test_calibration_asks_whose(tmp_path: Path) -> None:
    from edgert.calibrate import Calibration
    from edgert.calibrate.writing import with_key

    documents = load(written(tmp_path, BOTH))
    with pytest.raises(Refused, match="several applications have a pipeline 'people'") as caught:
        Calibration(documents, "people", "kept")
    assert caught.value.remedy == "say whose: shop/people or care/people"
    with pytest.raises(Refused, match="there is no pipeline 'cares/people'"):
        Calibration(documents, "cares/people", "kept")
    with pytest.raises(Refused, match="is no recording"):  # it is found
        Calibration(documents, "care/people", "kept")
    assert "application: care" in with_key(documents.pipelines["care/people"], "kept", {"unchanged": "frame"})


def test_titles() -> None:
    titles: ByTitle[int] = ByTitle({"a/p": 1, "b/p": 2, "b/q": 3})
    assert (titles["b/p"], titles["q"]) == (2, 3)
    assert called("p", titles) == ["a/p", "b/p"] and called("b", titles) == []
    for wrong in ("p", "r", "a/q", ""):
        with pytest.raises(KeyError):
            titles[wrong]
    made = Pipeline(name="p", sensor="s", steps=[TransformStep(name="t", transform="x", from_="frame")])
    assert (made.key, made.title) == ("default/p", "Pipeline/p")
