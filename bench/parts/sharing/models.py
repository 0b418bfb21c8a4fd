"""The models of bench/sharing.py that the zoo hasn't: the same layers in files of other names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from edgert import zoo
from onnx import TensorProto, compose, helper, numpy_helper

MEL_WINDOW, MEL_STEP, MEL_FFT = 76, 8, 512
"""Frames that the embedding reads, and from one to the next; samples of a frame."""
EMBEDDINGS, SIZE = 16, 96
"""What a keyword head reads: about two seconds."""
SAMPLES = MEL_FFT + 160 * (MEL_WINDOW + MEL_STEP * (EMBEDDINGS - 1) - 1)


def folder() -> Path:
    """Where they are kept."""
    made = zoo.folder() / "bench"
    made.mkdir(parents=True, exist_ok=True)
    return made


def bell_whole() -> Path:
    """yamnet's trunk and the bicycle bell's head as one model, all names changed."""
    trunk = compose.add_prefix(onnx.load(zoo.get("yamnet")), "backbone/")
    head = compose.add_prefix(onnx.load(zoo.get("yamnet-bicycle-bell")), "bell/")
    joint = [("backbone/embedding", "bell/embeddings")]
    return _saved(compose.merge_models(trunk, head, joint, outputs=["bell/prob"]), "bell-whole")


def tuned_classifier() -> Path:
    """efficientnet-lite0 whose last block, and what follows, is another: here, with a little noise."""
    model = compose.add_prefix(onnx.load(zoo.get("efficientnet-lite0")), "tuned_")
    random = np.random.default_rng(0)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    outputs = [node.output[0] for node in model.graph.node]
    for node in model.graph.node[outputs.index("tuned_b15.expand") :]:
        for name in node.input:
            if name in weights and len(weights[name].dims) > 1:
                values = numpy_helper.to_array(weights[name])
                noise = 1 + 0.1 * random.standard_normal(values.shape)
                weights[name].CopyFrom(numpy_helper.from_array((values * noise).astype(np.float32), name))
    return _saved(model, "tuned-classifier")


def keyword_head(word: str, weight: Any, bias: float) -> Path:
    """A keyword's logistic regression on sixteen embeddings."""
    nodes = [
        helper.make_node("Flatten", ["embeddings"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    weights = [
        numpy_helper.from_array(np.asarray(weight, np.float32).reshape(EMBEDDINGS * SIZE, 1), "w"),
        numpy_helper.from_array(np.array([bias], np.float32), "b"),
    ]
    ends = {"embeddings": [1, EMBEDDINGS, SIZE]}, {"probability": [1, 1]}
    return _saved(_model(nodes, *ends, weights), f"keyword-{word}")


def keyword_whole(word: str) -> Path:
    """Mel spectrogram, embedding and a keyword's head as one model from two seconds of sound on."""
    mel = compose.add_prefix(_plain(onnx.load(zoo.get("keyword-melspectrogram"))), f"{word}/mel/")
    embedding = compose.add_prefix(_plain(onnx.load(zoo.get("keyword-embedding"))), f"{word}/embedding/")
    head = compose.add_prefix(onnx.load(str(folder() / f"keyword-{word}.onnx")), f"{word}/head/")
    windows = compose.add_prefix(_windows(), f"{word}/windows/")
    stacked = compose.add_prefix(_stacked(), f"{word}/stack/")
    merged = _merge(mel, windows, f"{word}/mel/output", f"{word}/windows/mel")
    merged = _merge(merged, embedding, f"{word}/windows/patches", f"{word}/embedding/input_1")
    merged = _merge(merged, stacked, f"{word}/embedding/conv2d_19", f"{word}/stack/rows")
    merged = _merge(merged, head, f"{word}/stack/embeddings", f"{word}/head/embeddings")
    for dim, extent in zip(merged.graph.input[0].type.tensor_type.shape.dim, (1, SAMPLES), strict=True):
        dim.dim_value = extent
    return _saved(merged, f"keyword-{word}-whole")


def _windows() -> Any:
    """The mel spectrogram, scaled as the embedding wants it, as its sixteen windows."""
    starts = np.arange(EMBEDDINGS)[:, None] * MEL_STEP + np.arange(MEL_WINDOW)[None]
    constants = {
        "frames": np.array([-1, 32], np.int64),
        "tenth": np.array(0.1, np.float32),
        "two": np.array(2, np.float32),
        "starts": starts.astype(np.int64),
        "last": np.array([3], np.int64),
    }
    nodes = [
        helper.make_node("Reshape", ["mel", "frames"], ["rows"]),
        helper.make_node("Mul", ["rows", "tenth"], ["scaled"]),
        helper.make_node("Add", ["scaled", "two"], ["moved"]),
        helper.make_node("Gather", ["moved", "starts"], ["windows"], axis=0),
        helper.make_node("Unsqueeze", ["windows", "last"], ["patches"]),
    ]
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    return _model(nodes, {"mel": ["time", 1, "f", 32]}, {"patches": [EMBEDDINGS, MEL_WINDOW, 32, 1]}, weights)


def _stacked() -> Any:
    shape = numpy_helper.from_array(np.array([1, EMBEDDINGS, SIZE], np.int64), "shape")
    nodes = [helper.make_node("Reshape", ["rows", "shape"], ["embeddings"])]
    return _model(nodes, {"rows": ["n", 1, 1, SIZE]}, {"embeddings": [1, EMBEDDINGS, SIZE]}, [shape])


def _merge(first: Any, second: Any, given: str, taken: str) -> Any:
    return compose.merge_models(first, second, [(given, taken)])


def _plain(model: Any) -> Any:
    """With the one operator set and format that all pieces have."""
    kept = [each for each in model.opset_import if each.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    model.ir_version = 8
    return model


def _model(nodes: Any, inputs: dict[str, Any], outputs: dict[str, Any], weights: Any) -> Any:
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in each.items()]
        for each in (inputs, outputs)
    ]
    graph = helper.make_graph(nodes, "part", *ends, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def _saved(model: Any, name: str) -> Path:
    file = folder() / f"{name}.onnx"
    onnx.save(model, str(file))
    return file
