"""Models that begin alike share what they have in common, and give what they give whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import load
from edgert.trunks import Decision, Group, Member, decide, formats, store
from edgert.trunks.network import Hashed
from edgert.trunks.pieces import cut, savings
from edgert.trunks.running import InPieces, Whole, compare
from trunks_graphs import WIDTH, Recipe, family, write

onnx = pytest.importorskip("onnx")


@pytest.fixture(autouse=True)
def any_gain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and sharing whatever it saves: what is tested is whether it is right."""
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", -1e9)
    monkeypatch.setattr("edgert.trunks.alike.LEAST_SHARE", 0.0)
    monkeypatch.setattr("edgert.trunks.running.SECONDS", 0.0)


def group_of(files: list[Path], **more: Any) -> Group:
    members = []
    for file in files:
        [tensor] = load(file).inputs
        members.append(Member(file.stem, file, {tensor["name"]: "0"}))
    return Group(tuple(members), feeds, **more)


def feeds(first: int = 0) -> list[dict[str, Any]]:
    random = np.random.default_rng(first)
    return [{"0": random.standard_normal((1, WIDTH)).astype(np.float32)} for _ in range(3)]


def shared(files: list[Path]) -> Decision:
    [decision] = decide(group_of(files))
    assert decision.shared, decision.reason
    return decision


def check_equal(files: list[Path], decision: Decision) -> None:
    """On inputs that the decision wasn't made with."""
    whole = Whole(group_of(files).members, lambda file: load(file))
    pieces = InPieces(decision, lambda file: load(file))
    for feed in feeds(99):
        compare(whole.run(feed), pieces.run(feed), decision.models)


@pytest.mark.parametrize("seed", range(30))
def test_random_models_that_begin_alike_share_and_stay_equal(tmp_path: Path, seed: int) -> None:
    files = family(tmp_path, seed, count=2 + seed % 3)
    found = decide(group_of(files))
    assert found and all(decision.shared for decision in found), found
    [decision] = found
    check_equal(files, decision)
    operators = sum(len(formats.read(file).operators) for file in files)
    assert sum(piece.operators for piece in decision.pieces) < operators
    assert any(len(piece.owners) == len(files) for piece in decision.pieces)


def test_models_with_other_weights_have_nothing_in_common(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    recipes = [Recipe([("Gemm", [0], random.random((WIDTH, WIDTH)).astype(np.float32))]) for _ in "ab"]
    files = [write(each, tmp_path / f"{number}.onnx", random, [1]) for number, each in enumerate(recipes)]
    assert decide(group_of(files)) == []


def test_a_trunk_that_is_the_whole_of_one_model(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    trunk = Recipe()
    trunk.steps = [("Gemm", [0], np.eye(WIDTH, dtype=np.float32) * 2), ("Relu", [1], None)]
    longer = trunk.copy()
    longer.steps.append(("Gemm", [2], np.ones((WIDTH, WIDTH), np.float32)))
    files = [
        write(trunk, tmp_path / "a.onnx", random, [2]),
        write(longer, tmp_path / "b.onnx", random, [2, 3]),
    ]
    decision = shared(files)
    assert [piece.title for piece in decision.pieces] == ["trunk of a and b", "rest of b"]
    assert decision.of(0) == [0] and decision.of(1) == [0, 1]
    check_equal(files, decision)


def test_the_same_model_under_another_name_is_one_piece(tmp_path: Path) -> None:
    recipe, random = Recipe(), np.random.default_rng(3)
    recipe.grow(random, 8)
    recipe.steps.append(("Sigmoid", [8], None))
    files = [write(recipe, tmp_path / f"{name}.onnx", random, [9]) for name in "ab"]
    decision = shared(files)
    assert [piece.owners for piece in decision.pieces] == [(0, 1)]
    check_equal(files, decision)


def test_of_three_models_two_share_more(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    weights = [(random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32) for _ in range(6)]
    chains = [[0, 1, 2, 3], [0, 1, 2, 4], [0, 5]]
    files = []
    for number, chain in enumerate(chains):
        recipe = Recipe([("Gemm", [place], weights[each]) for place, each in enumerate(chain)])
        files.append(write(recipe, tmp_path / f"m{number}.onnx", random, [len(chain)]))
    networks = [
        Hashed(network, {network.inputs[0]: "0"}, str(number))
        for number, network in enumerate(formats.read(file) for file in files)
    ]
    made = cut(networks, savings(networks))
    assert [(sorted(piece.owners), len(piece.operators)) for piece in made.pieces] == [
        ([0, 1, 2], 1),
        ([0, 1], 2),
        ([2], 1),
        ([1], 1),
        ([0], 1),
    ]
    check_equal(files, shared(files))


def test_random_operators_are_never_shared(tmp_path: Path) -> None:
    random, files = np.random.default_rng(1), []
    for name in "ab":
        recipe = Recipe([("Relu", [0], None), ("RandomNormalLike", [1], None), ("Relu", [2], None)])
        files.append(write(recipe, tmp_path / f"{name}.onnx", random, [3]))
    networks = [formats.read(file) for file in files]
    hashed = [Hashed(each, {each.inputs[0]: "0"}, str(index)) for index, each in enumerate(networks)]
    assert sum(len(each) == 2 for each in savings(hashed)) == 1  # the first Relu alone
    made = cut(hashed, savings(hashed))
    assert [len(piece.operators) for piece in made.pieces] == [1, 2, 2]


def test_pieces_that_disagree_are_refused_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = family(tmp_path, 4)
    honest = formats.write

    def spoilt(piece: Any, networks: Any, suffix: str) -> bytes:
        model = onnx.load_from_string(honest(piece, networks, suffix))
        for tensor in model.graph.initializer:
            values = onnx.numpy_helper.to_array(tensor) * 1.5
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float32), tensor.name))
        return bytes(model.SerializeToString())

    monkeypatch.setattr(formats, "write", spoilt)
    [decision] = decide(group_of(files))
    assert not decision.shared and "in pieces than whole" in decision.reason
    assert decide(group_of(files)) == [decision], "a refusal is remembered"


def test_what_is_not_worth_it_is_left_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", 1.1)
    [decision] = decide(group_of(family(tmp_path, 6)))
    assert not decision.shared and decision.reason.endswith("too little is saved")
    assert decision.whole_us > 0 and decision.pieces_us > 0


def test_a_damaged_piece_is_made_anew(tmp_path: Path) -> None:
    files = family(tmp_path, 8)
    before = shared(files)
    damaged = before.pieces[0].file
    intact = damaged.read_bytes()
    damaged.write_bytes(intact[:-7] + b"garbage")
    after = shared(files)
    assert damaged.read_bytes() == intact and after.pieces[0].file == damaged
    check_equal(files, after)


def test_what_was_found_is_not_looked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = family(tmp_path, 9)
    before = shared(files)
    monkeypatch.setattr("edgert.trunks.deciding._decided", lambda group: pytest.fail("it was remembered"))
    assert shared(files) == before


def test_garbage_in_the_cache_is_passed_over(tmp_path: Path) -> None:
    files = family(tmp_path, 10)
    before = shared(files)
    for record in store.folder().glob("*.json"):
        record.write_text('{"decisions": [{"models": 3}]}')
    assert shared(files).pieces[0].file == before.pieces[0].file


def test_a_replaced_model_is_cut_anew(tmp_path: Path) -> None:
    files = family(tmp_path, 11)
    before = shared(files)
    (tmp_path / "new").mkdir()
    files[1].write_bytes(family(tmp_path / "new", 11, count=3)[2].read_bytes())
    after = shared(files)
    assert after.pieces != before.pieces
    check_equal(files, after)


def test_a_cache_that_cannot_be_written_leaves_models_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setenv("EDGERT_CACHE", str(blocked))
    [decision] = decide(group_of(family(tmp_path, 13)))
    assert not decision.shared
    assert "can't be written" in decision.reason and "EDGERT_CACHE" in decision.reason


def test_a_file_that_nobody_foresaw_runs_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(networks: Any) -> Any:
        raise KeyError("what")

    monkeypatch.setattr("edgert.trunks.deciding.savings", odd)
    [decision] = decide(group_of(family(tmp_path, 16)))
    assert not decision.shared and "can't be compared: KeyError" in decision.reason


def test_without_onnx_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    [decision] = decide(group_of(family(tmp_path, 14)))
    assert not decision.shared and "pip install 'edgert[trunks]'" in decision.reason


def test_weights_beside_the_file_are_compared(tmp_path: Path) -> None:
    files = family(tmp_path, 15)
    model = onnx.load(str(files[1]))
    for node in [node for node in model.graph.node if node.op_type == "Constant"]:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        model.graph.initializer.append(tensor)
        model.graph.node.remove(node)
    onnx.save(model, str(files[1]), save_as_external_data=True, location="beside.bin", size_threshold=0)
    decision = shared(files)
    check_equal(files, decision)
    before = store.content_of(files[1])
    beside = tmp_path / "beside.bin"
    beside.write_bytes(beside.read_bytes()[::-1])
    store._content.cache_clear()
    assert store.content_of(files[1]) != before


def test_a_model_of_a_fixed_number_of_items_stays_whole_and_spoils_nothing(tmp_path: Path) -> None:
    """One that takes four items a run can't be compared with those that take one; these still share."""
    random = np.random.default_rng(5)
    trunk = Recipe()
    trunk.grow(random, 6)
    files = []
    for name, batch in {"free": "N", "four": 4, "one": 1, "other": "N"}.items():
        own = trunk.copy()
        own.grow(random, 3, least=5)
        own.steps.append(("Relu", [len(own.steps)], None))
        files.append(write(own, tmp_path / f"{name}.onnx", random, [len(own.steps)], batch))
    found = {decision.models: decision for decision in decide(group_of(files))}
    assert set(found) == {("free", "one", "other"), ("four",)}
    assert found["free", "one", "other"].shared
    check_equal([file for file in files if file.stem != "four"], found["free", "one", "other"])
    assert not found["four",].shared
    assert "it can't be fed as the others are" in found["four",].reason
    assert "4×8" in found["four",].reason
