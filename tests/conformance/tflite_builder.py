"""A TensorFlow Lite file from a list of tensors and operators."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "float64": schema.TensorType.FLOAT64,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
    "bool": schema.TensorType.BOOL,
    "string": schema.TensorType.STRING,
    "resource": schema.TensorType.RESOURCE,
    "bfloat16": schema.TensorType.BFLOAT16,
}


class Graph:
    """One subgraph. Tensors are numbered in the order in which they are added."""

    def __init__(self, model):
        self._model = model
        self.table = schema.SubGraphT()
        self.table.tensors, self.table.operators = [], []
        self.table.inputs, self.table.outputs = [], []

    def tensor(self, name, shape, dtype="float32", data=None, signature=None, quant=None):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), TYPES[dtype]
        tensor.buffer = self._model.buffer(data)
        if signature is not None:
            tensor.shapeSignature, tensor.hasRank = list(signature), True
        if quant:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = np.array([quant[0]], np.float32)
            tensor.quantization.zeroPoint = np.array([quant[1]], np.int64)
        self.table.tensors.append(tensor)
        return len(self.table.tensors) - 1

    def operator(self, name, inputs, outputs, options=None, custom=False):
        operator = schema.OperatorT()
        operator.opcodeIndex = self._model.code(name, custom)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        if options is not None:
            operator.builtinOptionsType = getattr(
                schema.BuiltinOptions, type(options).__name__.removesuffix("T")
            )
            operator.builtinOptions = options
        self.table.operators.append(operator)

    def ends(self, inputs, outputs):
        self.table.inputs, self.table.outputs = list(inputs), list(outputs)


class Model:
    def __init__(self, description="edgert conformance"):
        self._table = schema.ModelT()
        self._table.version, self._table.description = 3, description
        self._table.buffers, self._table.operatorCodes = [schema.BufferT()], []
        self._table.subgraphs, self._codes = [], {}

    def graph(self):
        graph = Graph(self)
        self._table.subgraphs.append(graph.table)
        return graph

    def buffer(self, data):
        if data is None:
            return 0
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        self._table.buffers.append(buffer)
        return len(self._table.buffers) - 1

    def code(self, name, custom):
        if name not in self._codes:
            code = schema.OperatorCodeT()
            code.builtinCode = (
                schema.BuiltinOperator.CUSTOM if custom else getattr(schema.BuiltinOperator, name)
            )
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.customCode, code.version = name if custom else None, 1
            self._codes[name] = len(self._table.operatorCodes)
            self._table.operatorCodes.append(code)
        return self._codes[name]

    def save(self, path):
        builder = flatbuffers.Builder(4096)
        builder.Finish(self._table.Pack(builder), b"TFL3")
        path.write_bytes(builder.Output())
