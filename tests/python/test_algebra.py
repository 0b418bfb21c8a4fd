"""The format algebra: chains are searched, so sources and transforms can be added without the planner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from edgert.planner.algebra import (
    Conversions,
    Cost,
    Format,
    Frozen,
    Goal,
    Move,
    Unreachable,
    conversion,
    declare,
    registered,
    search,
)
from planner_fake import FakeBuilder, FakeError, tensor

TARGET = {"name": "x", "dtype": "float32", "shape": [1, 4]}
GOAL = Goal.of(TARGET, {"dry": True})


def mapped(op: str, params: Mapping[str, Any], inputs: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if op == "made.broken":
        raise FakeError(op, "is broken", "mend it")
    return [{"name": "y", "dtype": "float32", "shape": params.get("shape", [1, 4])}]


def by(op: str, given: str, **means: Any) -> Any:
    """A conversion that offers one operation from one kind."""

    def moves(format: Format, goal: Goal) -> Iterator[Move]:
        if format.kind == given and format["wet"] is not True:
            yield Move(op, {}, means)

    return moves


@pytest.fixture
def costs() -> Iterator[None]:
    declare("made.dear", Cost(run=9000))
    declare("made.cheap", Cost(run=100))
    yield
    declare("made.dear", Cost())
    declare("made.cheap", Cost())


def test_the_cheapest_chain_is_found_in_any_order_of_registration(costs: None) -> None:
    entries = {"b": by("made.dear", "sponge", dry=True), "a": by("made.cheap", "sponge", dry=True)}
    for names in (["a", "b"], ["b", "a"]):
        conversions = Conversions({name: entries[name] for name in names})
        chain = search(Format.of({"kind": "sponge"}), GOAL, {}, conversions, mapped)
        assert [link.move.op for link in chain.links] == ["made.cheap"]
        assert chain.cost > 0


def test_two_cheap_steps_beat_a_dear_one(costs: None) -> None:
    def wring(format: Format, goal: Goal) -> Iterator[Move]:
        if format.kind == "sponge":
            yield Move("made.cheap", {}, {"wrung": True})
        if format["wrung"]:
            yield Move("made.cheap", {}, {"dry": True})

    conversions = Conversions({"oven": by("made.dear", "sponge", dry=True), "wring": wring})
    chain = search(Format.of({"kind": "sponge"}), GOAL, {}, conversions, mapped)
    assert [link.conversion for link in chain.links] == ["wring", "wring"]


def test_equal_costs_are_decided_by_what_the_moves_say() -> None:
    first, second = by("made.one", "sponge", dry=True), by("made.two", "sponge", dry=True)
    for entries in ({"p": first, "q": second}, {"p": second, "q": first}):
        chain = search(Format.of({"kind": "sponge"}), GOAL, {}, Conversions(entries), mapped)
        assert chain.links[0].move.op == "made.one"


def test_what_is_impossible_names_what_comes_nearest() -> None:
    conversions = Conversions({"press": by("made.cheap", "sponge", pressed=True)})
    with pytest.raises(Unreachable) as caught:
        search(Format.of({"kind": "sponge"}), GOAL, {}, conversions, mapped)
    assert "made.cheap float32 [1, 4]" in str(caught.value.nearest[0])
    assert GOAL.unmet(caught.value.nearest[0].end) == ["dry"] and caught.value.refused is None


def test_an_operation_that_refuses_says_why() -> None:
    conversions = Conversions({"x": by("made.broken", "sponge", dry=True)})
    with pytest.raises(Unreachable) as caught:
        search(Format.of({"kind": "sponge"}), GOAL, {}, conversions, mapped)
    assert "is broken" in str(caught.value.refused)


def test_a_conversion_without_end_is_given_up() -> None:
    def more(format: Format, goal: Goal) -> Iterator[Move]:
        yield Move("made.cheap", {}, {"count": (format["count"] or 0) + 1})

    with pytest.raises(Unreachable):
        search(Format.of({"kind": "sponge"}), GOAL, {}, Conversions({"more": more}), mapped)


def test_frozen_mappings() -> None:
    one, other = Frozen(a=[1, {"b": 2}], c=None), Frozen({"a": (1, Frozen(b=2))})
    assert one == other and hash(one) == hash(other) and "c" not in one and one["c"] is None
    assert one.thawed() == {"a": [1, {"b": 2}]} and one.but(a=None) == Frozen()


def test_names_of_conversions_are_taken_once() -> None:
    with pytest.raises(ValueError, match="choose another name"):
        registered().add("picture.tensor", lambda given, goal: ())


THERMAL = """
kind: Sensor
name: ceiling
source: {type: push, format: {kind: table, columns: [%s], rate: 10}}
---
kind: Model
name: people
file: people.onnx
input: {image: {size: 8, colour: gray, range: [0, 1]}}
---
kind: Pipeline
name: p
sensor: ceiling
steps:
  - {name: count, model: people}
""" % ", ".join(f"p{i}" for i in range(64))  # noqa: UP031 - braces are YAML's


def thermal(given: Format, goal: Goal) -> Iterator[Move]:
    """The 64 pixels of a thermopile array, which comes as rows of a table, as a picture."""
    if given.kind == "table" and len(given.spec["columns"]) == 64 and goal["picture"]:
        yield Move("table.select", {"columns": list(given.spec["columns"])}, {"thermal": True})
    if given["thermal"]:
        yield Move("tensor.reshape", {"shape": [1, 8, 8, 1]}, {"picture": goal["picture"], "layout": "nhwc"})


def people(folder: Path, shape: list[int]) -> FakeBuilder:
    (folder / "people.onnx").touch()
    (folder / "box.yaml").write_text(THERMAL)
    return FakeBuilder(people=([tensor("image", shape)], [tensor("count", [1, 1])]))


def test_a_new_source_needs_a_conversion_and_no_planner(tmp_path: Path) -> None:
    builder: Any = people(tmp_path, [1, 1, 8, 8])
    with pytest.raises(DocumentErrors) as caught:
        plan(read(tmp_path), people(tmp_path, [1, 1, 8, 8]))  # type: ignore[arg-type]
    assert "wants pictures, and the sensor ceiling gives rows" in str(caught.value.problems[0])
    conversion("test.thermal")(thermal)
    try:
        planned = plan(read(tmp_path), builder)
    finally:
        registered().remove("test.thermal")
    chain = planned.pipelines["p"].steps["count"].chains["image"].chain
    assert [link.move.op for link in chain.links] == ["table.select", "tensor.reshape", "tensor.transpose"]
    assert [link.conversion for link in chain.links] == ["test.thermal", "test.thermal", "picture.layout"]


def test_a_chain_that_stops_half_way_is_told(tmp_path: Path) -> None:
    def halfway(given: Format, goal: Goal) -> Iterator[Move]:
        yield from (move for move in thermal(given, goal) if move.op == "table.select")

    builder: Any = people(tmp_path, [1, 8, 8, 1])
    conversion("test.halfway")(halfway)
    try:
        with pytest.raises(DocumentErrors) as caught:
            plan(read(tmp_path), builder)
    finally:
        registered().remove("test.halfway")
    text = str(caught.value.problems[0])
    assert (
        "no chain of transforms leads there" in text
        and "lacks layout, picture" in text
        and "table.select" in text
    )
