"""Trunks of real models: renamed, quantised, with several cuts, with state, and in TensorFlow Lite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import load, zoo
from edgert.trunks import Decision, Group, Member, Uncut, decide, formats, store, tflite_network
from edgert.trunks.flat import root
from edgert.trunks.network import Hashed
from edgert.trunks.pieces import cut, savings
from edgert.trunks.running import InPieces, Whole, compare

onnx = pytest.importorskip("onnx")


def cached(name: str) -> Path:
    """The zoo's model; skips where it isn't cached."""
    if not zoo.cached(name):
        pytest.skip(f"{name} is not in the cache")
    return zoo.get(name)


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces in a folder of their own, and no haste with the measurement."""
    monkeypatch.setattr("edgert.trunks.weighing.LEAST_GAIN", -1e9)
    monkeypatch.setattr("edgert.trunks.running.SECONDS", 0.0)
    monkeypatch.setattr(store, "folder", lambda: tmp_path / "trunks")


def decided(files: list[Path], **more: Any) -> Decision:
    opened = [load(file) for file in files]
    inputs = opened[0].inputs
    members = [
        Member(
            file.stem, file, {tensor["name"]: str(place) for place, tensor in enumerate(model.inputs)}, **more
        )
        for file, model in zip(files, opened, strict=True)
    ]

    def feed(seed: int) -> dict[str, Any]:
        random = np.random.default_rng(seed)
        return {str(place): _values(random, tensor) for place, tensor in enumerate(inputs)}

    [decision] = decide(Group(tuple(members), lambda: [feed(seed) for seed in range(3)]))
    assert decision.shared, decision.reason
    whole, pieces = Whole(members, load), InPieces(decision, load)
    assert decision.differ == compare(whole.run(feed(9)), pieces.run(feed(9)), decision.models) == 0.0
    return decision


def _values(random: Any, tensor: Any) -> Any:
    shape = [max(1, extent) for extent in tensor["shape"]]
    if tensor["dtype"] == "float32":
        return random.standard_normal(shape).astype(np.float32)
    return random.integers(0, 200, shape).astype(tensor["dtype"])


def disturbed(file: Path, target: Path, after: str) -> Path:
    """The same model with other weights from the operator on that makes the tensor `after`."""
    model = onnx.load(str(file))
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    first = next(place for place, node in enumerate(model.graph.node) if node.output[0].startswith(after))
    for node in model.graph.node[first:]:
        for name in node.input:
            if name in weights and len(weights[name].dims) > 1:
                values = onnx.numpy_helper.to_array(weights[name])
                weights[name].CopyFrom(
                    onnx.numpy_helper.from_array(
                        values // 2 if values.dtype.kind == "i" else values * 0.9, name
                    )
                )
    onnx.save(model, str(target))
    return target


def test_yamnet_and_its_trunk_in_another_file(tmp_path: Path) -> None:
    files = [cached("yamnet"), cached("yamnet-bicycle-bell")]
    parts = [
        onnx.compose.add_prefix(onnx.load(str(file)), f"{letter}_")
        for file, letter in zip(files, "xy", strict=True)
    ]
    merged = onnx.compose.merge_models(*parts, [("x_embedding", "y_embeddings")], outputs=["y_prob"])
    onnx.save(merged, str(tmp_path / "bell.onnx"))
    decision = decided([files[0], tmp_path / "bell.onnx"])
    assert decision.pieces[0].title == "trunk of yamnet and bell"
    assert list(decision.pieces[0].outputs.values()) == ["embedding"]


def test_a_classifier_with_another_last_block(tmp_path: Path) -> None:
    file = cached("efficientnet-lite0")
    decision = decided([file, disturbed(file, tmp_path / "other.onnx", "b15.expand")])
    assert list(decision.pieces[0].outputs.values()) == ["b14.add"]


def test_a_quantised_classifier_is_cut_where_its_numbers_are_small(tmp_path: Path) -> None:
    file = cached("efficientnet-lite0-qdq-int8")
    decision = decided([file, disturbed(file, tmp_path / "other.onnx", "b15.expand")])
    [output] = load(decision.pieces[0].file).outputs
    assert output["dtype"] in ("uint8", "int8")


def test_taps_are_several_cut_tensors() -> None:
    decision = decided([cached("efficientnet-lite0-taps"), cached("efficientnet-lite0")])
    assert len(decision.pieces[0].outputs) == 8
    assert decision.of(0) == [0] and decision.of(1) == [0, 1]


def test_what_depends_on_state_or_hides_in_subgraphs_is_not_shared() -> None:
    network = formats.read(cached("silero-vad"))
    leaves = [{"input": "0", "sr": "1", "state": f"state:{place}:state"} for place in range(2)]
    hashed = [Hashed(network, each, str(place)) for place, each in enumerate(leaves)]
    made = cut(hashed, savings(hashed))
    assert all(
        name in piece.outputs.values() for piece in made.pieces for name in ("stateN",) if not piece.shared
    )
    assert all("state" not in piece.inputs for piece in made.pieces if piece.shared)


def test_tensorflow_lite_is_cut(tmp_path: Path) -> None:
    file = cached("efficientnet-lite0-int8")
    data, network = bytearray(file.read_bytes()), tflite_network.read(file)
    late = next(
        each
        for each in network.operators[-9:]
        if len(each.inputs) > 1 and each.inputs[1] in network.constants
    )
    tensor = network.source.subgraph.tables(0)[network.source.names[late.inputs[1]]]
    begin, count = root(bytes(data)).tables(4)[tensor.number(2, "I")].vector(0)
    data[begin : begin + count] = (np.frombuffer(data, np.int8, count, begin) // 2).tobytes()
    (tmp_path / "other.tflite").write_bytes(data)
    decision = decided([file, tmp_path / "other.tflite"])
    assert len(decision.pieces) == 3 and decision.pieces[0].operators > 40


def test_two_streaming_tflite_models_keep_their_state_apart() -> None:
    networks = [tflite_network.read(cached(name)) for name in ("wake-alexa", "wake-hey-jarvis")]
    hashed = [Hashed(each, {each.inputs[0]: "0"}, str(place)) for place, each in enumerate(networks)]
    stateful = [operator for each in networks for operator in each.operators if operator.signature is None]
    assert len(stateful) > 20
    shared = [piece for piece in cut(hashed, savings(hashed)).pieces if piece.shared]
    kinds = {networks[0].operators[index].signature is None for piece in shared for index in piece.operators}
    assert kinds <= {False}


@pytest.mark.parametrize("damage", [lambda data: data[:1000], lambda data: b"\0\0\0\0TFL3" + data[8:60]])
def test_a_damaged_tflite_file_is_told(tmp_path: Path, damage: Any) -> None:
    file = tmp_path / "broken.tflite"
    file.write_bytes(damage(cached("face-detection-short").read_bytes()))
    with pytest.raises(Uncut, match="can't be read as TensorFlow Lite"):
        tflite_network.read(file)
