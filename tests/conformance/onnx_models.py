"""The conformance models as ONNX files."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DTYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "float64": TensorProto.DOUBLE,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


def _value(name, shape, dtype="float32"):
    return helper.make_tensor_value_info(name, DTYPES.get(dtype, dtype), shape)


def _save(path: Path, nodes, inputs, outputs, constants=(), metadata=None):
    graph = helper.make_graph(
        nodes, path.stem, inputs, outputs, [numpy_helper.from_array(array, name) for name, array in constants]
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="edgert conformance"
    )
    model.ir_version = 9
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)


def _node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def write(folder: Path, dense_weights, dense_bias, heavy_weights):
    for dtype in DTYPES:
        _save(
            folder / f"echo_{dtype}.onnx",
            [_node("Reshape", ["x", "to"], ["y"])],
            [_value("x", [2, 3], dtype)],
            [_value("y", [2, 3], dtype)],
            [("to", np.array([2, 3], np.int64))],
        )
    _save(
        folder / "echo_two.onnx",
        [_node("Identity", ["a"], ["p"]), _node("Identity", ["b"], ["q"])],
        [_value("a", [1, 4]), _value("b", [3], "int64")],
        [_value("p", [1, 4]), _value("q", [3], "int64")],
    )
    _save(
        folder / "sum_difference.onnx",
        [_node("Add", ["a", "b"], ["s"]), _node("Sub", ["a", "b"], ["d"])],
        [_value("a", [2, 3]), _value("b", [2, 3])],
        [_value("s", [2, 3]), _value("d", [2, 3])],
    )
    _save(
        folder / "dynamic.onnx",
        [_node("Add", ["x", "x"], ["y"])],
        [_value("x", ["N", 3])],
        [_value("y", ["N", 3])],
    )
    _save(
        folder / "dense.onnx",
        [_node("MatMul", ["x", "w"], ["m"]), _node("Add", ["m", "b"], ["y"])],
        [_value("x", [1, 16])],
        [_value("y", [1, 4])],
        [("w", dense_weights), ("b", dense_bias)],
        {"author": "the conformance suite"},
    )
    _save(
        folder / "carried_state.onnx",
        [_node("Add", ["x", "state"], ["y"]), _node("Identity", ["y"], ["new_state"])],
        [_value("x", [1, 4]), _value("state", [1, 4])],
        [_value("y", [1, 4]), _value("new_state", [1, 4])],
    )
    _save(folder / "scalar.onnx", [_node("Neg", ["x"], ["y"])], [_value("x", [])], [_value("y", [])])
    # Outputs that no kernel writes: an input handed through and a constant.
    _save(
        folder / "passed_through.onnx",
        [_node("Identity", ["x"], ["same"]), _node("Identity", ["k"], ["constant"])],
        [_value("x", [1, 4])],
        [_value("same", [1, 4]), _value("constant", [1, 4])],
        [("k", np.array([[1, 2, 3, 4]], np.float32))],
    )
    _save(
        folder / "missing_operator.onnx",
        [_node("NoSuchOperator", ["x"], ["y"])],
        [_value("x", [1, 4])],
        [_value("y", [1, 4])],
    )
    _save(
        folder / "text.onnx",
        [_node("Identity", ["x"], ["y"])],
        [_value("x", [1], TensorProto.STRING)],
        [_value("y", [1], TensorProto.STRING)],
    )
    _save(
        folder / "bfloat16.onnx",
        [_node("Identity", ["x"], ["y"])],
        [_value("x", [1], TensorProto.BFLOAT16)],
        [_value("y", [1], TensorProto.BFLOAT16)],
    )
    _long_chain(folder / "slow.onnx")
    _heavy(folder / "heavy.onnx", heavy_weights)


def _long_chain(path: Path, width=256, length=24):
    """Some hundred microseconds of work, for runs that must overlap."""
    weights = (np.eye(width) * 0.5).astype(np.float32)
    nodes = [_node("MatMul", [f"t{i}" if i else "x", "w"], [f"t{i + 1}"]) for i in range(length)]
    nodes.append(_node("Identity", [f"t{length}"], ["y"]))
    _save(path, nodes, [_value("x", [8, width])], [_value("y", [8, width])], [("w", weights)])


def _heavy(path: Path, weights):
    """Weights of 4 MB a layer."""
    count, width = weights.shape[:2]
    nodes = [_node("MatMul", [f"t{i}" if i else "x", f"w{i}"], [f"t{i + 1}"]) for i in range(count)]
    nodes.append(_node("Identity", [f"t{count}"], ["y"]))
    constants = [(f"w{i}", matrix) for i, matrix in enumerate(weights)]
    _save(path, nodes, [_value("x", [1, width])], [_value("y", [1, width])], constants)
