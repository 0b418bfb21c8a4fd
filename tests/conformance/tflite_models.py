"""The conformance models as TensorFlow Lite files."""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from tflite_builder import Model

DTYPES = ["float32", "float16", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
QUANT = (0.5, -3)


def _reshape(graph, source, target, shape, to):
    options = schema.ReshapeOptionsT()
    options.newShape = list(shape)
    graph.operator("RESHAPE", [source, to], [target], options)


def _echo(path: Path, dtype):
    model = Model()
    graph = model.graph()
    quant = QUANT if dtype in ("int8", "uint8") else None
    x = graph.tensor("x", [2, 3], dtype, quant=quant)
    y = graph.tensor("y", [2, 3], dtype, quant=quant)
    to = graph.tensor("to", [2], "int32", np.array([2, 3], np.int32))
    _reshape(graph, x, y, [2, 3], to)
    graph.ends([x], [y])
    model.save(path)


def _echo_two(path: Path):
    model = Model()
    graph = model.graph()
    a, b = graph.tensor("a", [1, 4]), graph.tensor("b", [3], "int64")
    p, q = graph.tensor("p", [1, 4]), graph.tensor("q", [3], "int64")
    _reshape(graph, a, p, [1, 4], graph.tensor("t", [2], "int32", np.array([1, 4], np.int32)))
    _reshape(graph, b, q, [3], graph.tensor("u", [1], "int32", np.array([3], np.int32)))
    graph.ends([a, b], [p, q])
    model.save(path)


def _sum_difference(path: Path):
    model = Model()
    graph = model.graph()
    a, b, s, d = (graph.tensor(name, [2, 3]) for name in "absd")
    graph.operator("ADD", [a, b], [s], schema.AddOptionsT())
    graph.operator("SUB", [a, b], [d], schema.SubOptionsT())
    graph.ends([a, b], [s, d])
    model.save(path)


def _dynamic(path: Path):
    model = Model()
    graph = model.graph()
    x = graph.tensor("x", [1, 3], signature=[-1, 3])
    y = graph.tensor("y", [1, 3], signature=[-1, 3])
    graph.operator("ADD", [x, x], [y], schema.AddOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _dense(path: Path, weights, bias):
    model = Model()
    graph = model.graph()
    x, y = graph.tensor("x", [1, 16]), graph.tensor("y", [1, 4])
    w = graph.tensor("w", [4, 16], data=weights.T)
    b = graph.tensor("b", [4], data=bias)
    graph.operator("FULLY_CONNECTED", [x, w, b], [y], schema.FullyConnectedOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _carried_state(path: Path):
    model = Model()
    graph = model.graph()
    x, state, y, new = (graph.tensor(name, [1, 4]) for name in ("x", "state", "y", "new_state"))
    graph.operator("ADD", [x, state], [y], schema.AddOptionsT())
    to = graph.tensor("to", [2], "int32", np.array([1, 4], np.int32))
    _reshape(graph, y, new, [1, 4], to)
    graph.ends([x, state], [y, new])
    model.save(path)


def _inner_state(path: Path):
    """y counts up by x at each run, in a resource variable that an initial subgraph zeroes."""
    model = Model()
    graph, start = model.graph(), model.graph()

    def variable(owner):
        handle = owner.tensor("handle", [], "resource")
        options = schema.VarHandleOptionsT()
        options.container, options.sharedName = "", "count"
        owner.operator("VAR_HANDLE", [], [handle], options)
        return handle

    first = variable(start)
    zero = start.tensor("zero", [1, 4], data=np.zeros((1, 4), np.float32))
    start.operator("ASSIGN_VARIABLE", [first, zero], [], schema.AssignVariableOptionsT())
    start.ends([], [])

    once = schema.CallOnceOptionsT()
    once.initSubgraphIndex = 1
    graph.operator("CALL_ONCE", [], [], once)
    x, y, old = graph.tensor("x", [1, 4]), graph.tensor("y", [1, 4]), graph.tensor("old", [1, 4])
    handle = variable(graph)
    graph.operator("READ_VARIABLE", [handle], [old], schema.ReadVariableOptionsT())
    graph.operator("ADD", [old, x], [y], schema.AddOptionsT())
    graph.operator("ASSIGN_VARIABLE", [handle, y], [], schema.AssignVariableOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _scalar(path: Path):
    model = Model()
    graph = model.graph()
    x, y = graph.tensor("x", []), graph.tensor("y", [])
    graph.operator("NEG", [x], [y], schema.NegOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _passed_through(path: Path):
    """Outputs that no kernel writes: an input handed through and a constant."""
    model = Model()
    graph = model.graph()
    x, y = graph.tensor("x", [1, 4]), graph.tensor("unused", [1, 4])
    k = graph.tensor("k", [1, 4], data=np.array([[1, 2, 3, 4]], np.float32))
    graph.operator("ADD", [x, k], [y], schema.AddOptionsT())
    graph.ends([x], [x, k])
    model.save(path)


def _mixed_kernels(path: Path):
    """The input feeds an operator that XNNPACK takes and one that only the engine's kernels run."""
    model = Model()
    graph = model.graph()
    x = graph.tensor("x", [1, 8])
    doubled, floored, y = graph.tensor("d", [1, 8]), graph.tensor("f", [1, 8]), graph.tensor("y", [1, 8])
    graph.operator("ADD", [x, x], [doubled], schema.AddOptionsT())
    modulus = graph.tensor("m", [1, 8], data=np.full((1, 8), 3, np.float32))
    graph.operator("FLOOR_MOD", [x, modulus], [floored], schema.FloorModOptionsT())
    graph.operator("ADD", [doubled, floored], [y], schema.AddOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _int8_add(path: Path):
    model = Model()
    graph = model.graph()
    a = graph.tensor("a", [1, 64], "int8", quant=(0.5, -3))
    b = graph.tensor("b", [1, 64], "int8", quant=(0.25, 7))
    y = graph.tensor("y", [1, 64], "int8", quant=(1.0, 5))
    graph.operator("ADD", [a, b], [y], schema.AddOptionsT())
    graph.ends([a, b], [y])
    model.save(path)


def _int8_rows(path: Path):
    """Rows of three bytes, which kernels may read eight at a time: past the end of the last."""
    model = Model()
    graph = model.graph()
    x = graph.tensor("x", [1365, 3], "int8", quant=(1.0, 0))
    w = graph.tensor("w", [4, 3], "int8", np.ones((4, 3), np.int8), quant=(1.0, 0))
    y = graph.tensor("y", [1365, 4], "int8", quant=(1.0, 0))
    graph.operator("FULLY_CONNECTED", [x, w, -1], [y], schema.FullyConnectedOptionsT())
    graph.ends([x], [y])
    model.save(path)


def _custom(path: Path, name):
    model = Model()
    graph = model.graph()
    x, y = graph.tensor("x", [1, 4]), graph.tensor("y", [1, 4])
    graph.operator(name, [x], [y], custom=True)
    graph.ends([x], [y])
    model.save(path)


def _unmapped(path: Path, dtype):
    model = Model()
    graph = model.graph()
    x, y = graph.tensor("x", [1], dtype), graph.tensor("y", [1], dtype)
    to = graph.tensor("to", [1], "int32", np.array([1], np.int32))
    _reshape(graph, x, y, [1], to)
    graph.ends([x], [y])
    model.save(path)


def _slow(path: Path, width=256, length=24):
    """Some hundred microseconds of work, for runs that must overlap."""
    model = Model()
    graph = model.graph()
    x = last = graph.tensor("x", [8, width])
    w = graph.tensor("w", [width, width], data=(np.eye(width) * 0.5).astype(np.float32))
    for i in range(length):
        following = graph.tensor(f"t{i}", [8, width])
        graph.operator("FULLY_CONNECTED", [last, w, -1], [following], schema.FullyConnectedOptionsT())
        last = following
    graph.ends([x], [last])
    model.save(path)


def _heavy(path: Path, weights):
    """Weights of 4 MB a layer, in two parts of XNNPACK's with an operator of the engine's own between."""
    model = Model()
    graph = model.graph()
    width = weights.shape[1]
    x = last = graph.tensor("x", [1, width])
    modulus = graph.tensor("m", [1, width], data=np.full((1, width), 1000, np.float32))
    for i, matrix in enumerate(weights):
        w, product = graph.tensor(f"w{i}", [width, width], data=matrix.T), graph.tensor(f"p{i}", [1, width])
        graph.operator("FULLY_CONNECTED", [last, w, -1], [product], schema.FullyConnectedOptionsT())
        last = product
        if i == 1:
            last = graph.tensor("f", [1, width])
            graph.operator("FLOOR_MOD", [product, modulus], [last], schema.FloorModOptionsT())
    graph.ends([x], [last])
    model.save(path)


def write(folder: Path, dense_weights, dense_bias, heavy_weights):
    for dtype in DTYPES:
        _echo(folder / f"echo_{dtype}.tflite", dtype)
    _echo_two(folder / "echo_two.tflite")
    _sum_difference(folder / "sum_difference.tflite")
    _dynamic(folder / "dynamic.tflite")
    _dense(folder / "dense.tflite", dense_weights, dense_bias)
    _dense(folder / "dense_negated.tflite", -dense_weights, -dense_bias)
    _carried_state(folder / "carried_state.tflite")
    _inner_state(folder / "inner_state.tflite")
    _scalar(folder / "scalar.tflite")
    _passed_through(folder / "passed_through.tflite")
    _mixed_kernels(folder / "mixed_kernels.tflite")
    _int8_add(folder / "int8_add.tflite")
    _int8_rows(folder / "int8_rows.tflite")
    _custom(folder / "missing_operator.tflite", "NoSuchOperator")
    _custom(folder / "delegated.tflite", "edgert-double")
    _unmapped(folder / "text.tflite", "string")
    _unmapped(folder / "bfloat16.tflite", "bfloat16")
    _slow(folder / "slow.tflite")
    _heavy(folder / "heavy.tflite", heavy_weights)
