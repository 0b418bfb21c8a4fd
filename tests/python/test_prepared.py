"""Prepared ONNX models: equal answers, weights that versions share, and what goes wrong with files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import edgert  # noqa: E402
from edgert.errors import Error  # noqa: E402

SIZE = 512


def write(path: Path, head: int = 0, **saving: Any) -> Path:
    """A convolution, and a product as head; heads differ by their number."""
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    draw = np.random.default_rng(1)
    kernel = draw.normal(size=(SIZE, 16, 5, 5)).astype(np.float32)
    matrix = np.random.default_rng(100 + head).normal(size=(SIZE, SIZE)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "matrix"], ["y"]),
    ]
    weights = [
        onnx.numpy_helper.from_array(kernel, "kernel"),
        onnx.numpy_helper.from_array(matrix, "matrix"),
    ]
    values = [
        helper.make_tensor_value_info(name, float32, shape)
        for name, shape in (("x", [1, 16, 9, 9]), ("y", [1, SIZE]))
    ]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {"made_by": "a test"})
    onnx.save(model, str(path), **saving)
    return path


def answer(path: Path) -> Any:
    picture = np.random.default_rng(3).normal(size=(1, 16, 9, 9)).astype(np.float32)
    return np.array(edgert.load(path).session().run(picture)["y"])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("EDGERT_PREPARED", raising=False)
    return tmp_path / "cache" / "prepared"


def as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as context:
        context.setenv("EDGERT_PREPARED", "off")
        return answer(path)


def folders(cache: Path) -> list[Path]:
    return sorted(path.parent for path in cache.glob("*/model.onnx"))


def test_answers_are_equal_and_the_file_says_the_same(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.onnx")
    plain = as_it_is(path, monkeypatch)
    assert not cache.exists()
    for _ in range(2):  # when it is prepared, and from then on
        model = edgert.load(path)
        assert model.metadata["made_by"] == "a test" if hasattr(model, "metadata") else True
        del model
        assert np.array_equal(answer(path), plain)
        assert len(folders(cache)) == 1
    assert {file.name for file in cache.iterdir()} == {folders(cache)[0].name, "weights"}


def test_two_versions_have_their_equal_tensors_once(tmp_path: Path, cache: Path) -> None:
    for head in (0, 1):
        answer(write(tmp_path / f"{head}.onnx", head))
    first, second = ({file.stat().st_ino for file in each.iterdir()} for each in folders(cache))
    common = first & second
    assert len(common) == 1, "the convolution's kernel is one file"
    kernel = next(file for file in (cache / "weights").iterdir() if file.stat().st_ino in common)
    assert kernel.stat().st_size == SIZE * 16 * 5 * 5 * 4
    assert len(list((cache / "weights").iterdir())) == 3


@pytest.mark.parametrize("damage", ["weights", "model", "sum", "lost"])
def test_what_is_damaged_is_made_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    path = write(tmp_path / "a.onnx")
    plain = as_it_is(path, monkeypatch)
    answer(path)
    [folder] = folders(cache)
    files = {file.name: file for file in folder.iterdir()}
    if damage == "weights":
        largest = max(files.values(), key=lambda file: file.stat().st_size)
        content = bytearray(largest.read_bytes())
        content[1000] ^= 1
        largest.write_bytes(content)
    elif damage == "lost":
        files["sum"].unlink()
    else:
        name = "model.onnx" if damage == "model" else "sum"
        files[name].write_bytes(files[name].read_bytes()[:-1])
    assert np.array_equal(answer(path), plain)
    assert np.array_equal(answer(path), plain)


def test_without_a_place_to_write_models_open_as_they_are(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.onnx")
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "a-file"))
    assert np.array_equal(answer(path), as_it_is(path, monkeypatch))


def test_weights_in_other_files_and_small_models_are_left_alone(tmp_path: Path, cache: Path) -> None:
    together = {"save_as_external_data": True, "location": "w.data", "size_threshold": 0}
    path = write(tmp_path / "a.onnx", **together)
    answer(path)
    assert folders(cache) == []


def test_a_broken_model_is_refused_as_before(tmp_path: Path, cache: Path) -> None:
    path = write(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes()[: 1 << 20])
    with pytest.raises(Error):
        edgert.load(path)
    assert folders(cache) == [] and (not cache.exists() or list(cache.glob("*.??????")) == [])
