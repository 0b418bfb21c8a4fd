"""Models cut into pieces that run one after another: equal answers, told, and refused where they can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from edgert import Runtime, load, zoo
from edgert.cli import main
from edgert.documents import DocumentErrors, Duration, Model, read
from edgert.planner import plan
from edgert.trunks import Decision, Group, Member, formats, store
from edgert.trunks.network import Hashed
from edgert.trunks.running import InPieces, Whole, compare
from edgert.trunks.series import cut_at, places, refitted
from edgert.trunks.slicing import Slices, slice_model
from trunks_graphs import WIDTH, Recipe, of_input, push_all, write

onnx = pytest.importorskip("onnx")

LAYERS = 24


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces in a folder of their own, and no haste with the measurement."""
    monkeypatch.setattr("edgert.trunks.running.SECONDS", 0.0)
    monkeypatch.setattr(store, "folder", lambda: tmp_path / "trunks")


def group_of(file: Path, **more: Any) -> Group:
    inputs = load(file).inputs
    leaves = {tensor["name"]: str(place) for place, tensor in enumerate(inputs)}

    def feed(seed: int) -> dict[str, Any]:
        random = np.random.default_rng(seed)
        return {str(place): _values(random, tensor) for place, tensor in enumerate(inputs)}

    return Group((Member(file.stem, file, leaves, **more),), lambda: [feed(seed) for seed in range(3)])


def _values(random: Any, tensor: Any) -> Any:
    shape = [max(1, extent) for extent in tensor["shape"]]
    if tensor["dtype"] == "float32":
        return random.standard_normal(shape).astype(np.float32)
    return random.integers(0, 200, shape).astype(tensor["dtype"])


def check_equal(group: Group, decision: Decision) -> None:
    """On inputs that the decision wasn't made with."""
    whole, pieces = Whole(group.members, load), InPieces(decision, load)
    feed = {leaf: _values(np.random.default_rng(9), {"shape": value.shape, "dtype": str(value.dtype)})
            for leaf, value in group.feeds()[0].items()}  # fmt: skip
    compare(whole.run(feed), pieces.run(feed), decision.models)


def chain(folder: Path, name: str = "chain", layers: int = LAYERS) -> Path:
    """So many layers, one behind the other."""
    random = np.random.default_rng(1)
    weights = [(random.standard_normal((WIDTH, WIDTH)) / 3).astype(np.float32) for _ in range(layers)]
    recipe = Recipe([("Gemm", [place], weight) for place, weight in enumerate(weights)])
    return write(recipe, folder / f"{name}.onnx", random, [layers])


@pytest.mark.parametrize("seed", range(40))
def test_random_models_cut_anywhere_give_what_they_give_whole(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(seed)
    recipe = Recipe([("Relu", [0], None)])
    recipe.grow(random, int(random.integers(4, 20)))
    recipe.steps.append(("Relu", [int(random.integers(1, len(recipe.steps) + 1))], None))
    count = len(recipe.steps)
    outputs = sorted({count, count - 1, int(random.integers(1, count + 1))} - of_input(recipe))
    group = group_of(write(recipe, tmp_path / "any.onnx", random, outputs))

    def anywhere(hashed: Hashed, work: list[float], pieces: int) -> list[int]:
        most = min(pieces - 1, len(work) - 1)
        return sorted(int(place) for place in random.choice(np.arange(1, len(work)), most, replace=False))

    monkeypatch.setattr("edgert.trunks.slicing.places", anywhere)
    decision = slice_model(group, Slices(count=int(random.integers(2, 6))))
    assert decision.shared, decision.reason
    check_equal(group, decision)
    for index, piece in enumerate(decision.pieces):  # each reads the input, or earlier ones
        said = [source.split(":") for source in piece.inputs.values()]
        assert all(int(parts[1]) < index for parts in said if parts[0] == "piece")


def test_pieces_are_about_equal_and_in_order(tmp_path: Path) -> None:
    group = group_of(chain(tmp_path))
    decision = slice_model(group, Slices(count=4))
    assert decision.shared and decision.in_series and decision.differ == 0.0, decision.reason
    assert sum(piece.operators for piece in decision.pieces) == LAYERS
    assert [piece.title for piece in decision.pieces] == [f"piece {n} of 4 of chain" for n in (1, 2, 3, 4)]
    assert "in 4 pieces, the longest" in decision.reason
    check_equal(group, decision)


def test_cuts_follow_the_work_and_few_bytes(tmp_path: Path) -> None:
    hashed = Hashed(formats.read(chain(tmp_path)), {formats.read(chain(tmp_path)).inputs[0]: "0"}, "chain")
    assert places(hashed, [1.0] * LAYERS, 3) == [8, 16]
    assert places(hashed, [1.0] * 4 + [100.0] + [1.0] * (LAYERS - 5), 2) in ([4], [5])
    assert [len(piece.operators) for piece in cut_at(hashed, [8, 16]).pieces] == [8, 8, 8]
    assert refitted([1.0, 1.0, 2.0, 2.0], [2], [6.0, 2.0]) == [3.0, 3.0, 1.0, 1.0]


def test_what_was_cut_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_of(chain(tmp_path))
    first = slice_model(group, Slices(count=3))
    monkeypatch.setattr("edgert.trunks.slicing._decided", None)
    assert slice_model(group, Slices(count=3)) == first
    first.pieces[1].file.write_bytes(b"damaged")
    assert slice_model(group, Slices(count=3)).failed  # it would be made anew


def test_what_is_short_or_can_not_be_cut_stays_whole(tmp_path: Path) -> None:
    short = slice_model(group_of(chain(tmp_path)), Slices(longest=1.0))
    assert not short.shared and not short.failed and "short enough" in short.reason
    single = write(Recipe([("Relu", [0], None)]), tmp_path / "one.onnx", np.random.default_rng(0), [1])
    alone = slice_model(group_of(single), Slices(count=2))
    assert alone.failed and "no place to cut it" in alone.reason
    (tmp_path / "no.onnx").write_bytes(b"no model")
    group = Group((Member("no", tmp_path / "no.onnx", {"x": "0"}),), lambda: [])
    assert "can't be read" in slice_model(group, Slices(count=2)).reason


def test_what_costs_too_much_in_pieces_stays_whole(tmp_path: Path) -> None:
    decision = slice_model(group_of(chain(tmp_path)), Slices(count=4, most_cost=0.0))
    assert not decision.shared and decision.reason.endswith("in pieces it costs too much")


def test_a_state_stays_in_one_piece_or_refuses_the_cut(tmp_path: Path) -> None:
    names = ["x", "s", *(f"t{number}" for number in range(8))]
    nodes = [onnx.helper.make_node("Add", ["x", "s"], ["t0"])]
    weights = []
    for number in range(1, 8):
        weight = onnx.numpy_helper.from_array(np.eye(WIDTH, dtype=np.float32) / 2, f"w{number}")
        weights.append(weight)
        nodes.append(onnx.helper.make_node("Gemm", [names[number + 1], weight.name], [f"t{number}"]))

    def saved(name: str, state: str) -> Group:
        ends = [onnx.helper.make_tensor_value_info(each, 1, [1, WIDTH]) for each in ("x", "s", "t7", state)]
        graph = onnx.helper.make_graph(nodes, "g", ends[:2], ends[2:], weights)
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)])
        model.ir_version = 8
        onnx.save(model, str(tmp_path / name))
        return group_of(tmp_path / name, state={"s": state})

    assert slice_model(saved("early.onnx", "t1"), Slices(count=2)).shared
    decision = slice_model(saved("late.onnx", "t6"), Slices(count=2))
    assert (
        decision.failed and "its state 's' would be read in one piece and made in another" in decision.reason
    )


@pytest.mark.parametrize("name", ["efficientnet-lite0-qdq-int8", "face-detection-short", "yamnet"])
def test_real_models(name: str) -> None:
    if not zoo.cached(name):
        pytest.skip(f"{name} is not in the cache")
    group = group_of(zoo.get(name))
    decision = slice_model(group, Slices(count=3))
    assert decision.shared and len(decision.pieces) == 3, decision.reason
    check_equal(group, decision)


# -- in documents

SENSOR = """
kind: Sensor
name: watch
source: {{type: push, format: {{kind: table, columns: [{columns}], rate: 100}}}}
---
kind: Model
name: chain
file: chain.onnx
input: {{table: {{window: 1}}}}
MORE
---
kind: Pipeline
name: p
sensor: watch
PIPELINE
steps: [{{name: net, model: chain}}]
""".format(columns=", ".join(f"c{number}" for number in range(WIDTH)))


def box(folder: Path, more: str = "", pipeline: str = "", documents: str = "") -> Path:
    chain(folder)
    file = folder / "box.yaml"
    file.write_text(SENSOR.replace("MORE", more).replace("PIPELINE", pipeline) + documents)
    return file


def answers(documents: Path) -> tuple[list[bytes], list[str]]:
    """What 20 frames gave, and the models that ran."""
    found: list[bytes] = []
    runtime = Runtime(documents)
    runtime.on_result("p", lambda result: found.append(_bytes(result)))
    with runtime:
        push_all(runtime)
        ran = [row["name"] for row in runtime.metrics()["models"]]
    return found, ran


def _bytes(result: Any) -> bytes:
    return b"".join(np.array(array).tobytes() for value in result.outputs.values() for _, array in value)


def test_a_document_cuts_its_model_and_answers_stay_equal(tmp_path: Path) -> None:
    whole, models = answers(box(tmp_path))
    assert models == ["chain"] and len(whole) == 20
    pieces, models = answers(box(tmp_path, "pieces: 4"))
    assert models == [f"piece {number} of 4 of chain" for number in (1, 2, 3, 4)]
    assert pieces == whole


def test_what_pieces_take_is_known_before_they_run(tmp_path: Path) -> None:
    planned = plan(read(box(tmp_path, "pieces: 2")))
    [decision] = planned.trunks
    runtime = Runtime(box(tmp_path, "pieces: 2"))
    expected = {row["name"]: row["expected_ms"] for row in _queues(runtime)}
    assert expected == {piece.title: pytest.approx(piece.us / 1e3, rel=1e-3) for piece in decision.pieces}


def _queues(runtime: Runtime) -> list[dict[str, Any]]:
    """Queues as a policy sees them."""
    from edgert.policy.outline import outline_of
    from edgert.policy.record import Reader

    native = runtime._native
    outline = outline_of(runtime.plan, native.queues(), {}, {"cpu": 2})
    seen = Reader(outline).read(native.load(), {}, {})
    return [{"name": queue.name, "expected_ms": queue.expected_ms} for queue in seen.queues.values()]


def test_the_scheduler_cuts_what_is_long(tmp_path: Path) -> None:
    scheduler = "---\nkind: Scheduler\nname: box\npieces: {span}\n"
    found = plan(read(box(tmp_path, documents=scheduler.replace("{span}", "1s"))))
    assert found.models[0].index == 0 and not found.trunks  # short enough: nothing to tell
    file = box(tmp_path, "pieces: 1", documents=scheduler.replace("{span}", "1us"))
    assert not plan(read(file)).trunks  # its own document goes first


def test_explain_and_check_tell_the_pieces(tmp_path: Path) -> None:
    file = str(box(tmp_path, "pieces: 2"))
    said = CliRunner().invoke(main, ["explain", file]).output
    assert "chain runs in pieces: a run takes" in " ".join(said.split())
    assert "piece 2 of 2 of chain" in said
    assert "pieces" in CliRunner().invoke(main, ["check", file]).output


@pytest.mark.parametrize(
    ("more", "pipeline", "why"),
    [
        ("pieces: 2\nbatch: 4", "", "it runs in batches"),
        ("pieces: 2", "share: private", "it is private"),
    ],
)
def test_what_can_not_be_cut_says_why_and_runs_whole(
    tmp_path: Path, more: str, pipeline: str, why: str
) -> None:
    planned = plan(read(box(tmp_path, more, pipeline)))
    [decision] = planned.trunks
    assert decision.failed and why in decision.reason
    assert planned.models[0].index == 0


@pytest.mark.parametrize("said", ["0", "65", "-1", "true", "0ms", "5", "[4]", "5 parsecs"])
def test_wrong_pieces_are_refused_with_the_line(tmp_path: Path, said: str) -> None:
    text = said if said != "5" else "'5'"
    with pytest.raises(DocumentErrors, match=r"box\.yaml:\d+"):
        plan(read(box(tmp_path, f"pieces: {text}")))


def test_pieces_are_a_number_or_a_time() -> None:
    made = {"name": "m", "file": "m.onnx", "input": {"table": {"window": 1}}}
    assert Model(**made, pieces=4).pieces == 4
    span = Model(**made, pieces="5ms").pieces
    assert isinstance(span, Duration) and float(span) == 0.005


def test_split_cuts_one_model(tmp_path: Path) -> None:
    file, folder = str(chain(tmp_path)), tmp_path / "out"
    done = CliRunner().invoke(main, ["split", file, "--pieces", "3", "-o", str(folder)])
    assert done.exit_code == 0, done.output
    assert "in 3 pieces, the longest" in done.output
    assert sorted(each.name for each in folder.iterdir()) == [
        f"piece-{number}-3-chain.onnx" for number in (1, 2, 3)
    ]
    assert CliRunner().invoke(main, ["split", file, file, "--pieces", "3"]).exit_code == 2
    assert CliRunner().invoke(main, ["split", file, "--pieces", "often"]).exit_code == 2
