"""Pieces of networks as ONNX files.

A shared piece bears names that are made of what its tensors are, so that its file is the same bytes whichever
of its models it was cut out of. A piece of one model keeps that model's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import onnx

from .errors import Uncut
from .network import Hashed
from .onnx_network import Source
from .pieces import Piece

LARGEST = 1 << 30
"""Bytes of weights in one file: Protocol Buffers end at 2 GiB."""


def write(piece: Piece, networks: Sequence[Hashed]) -> bytes:
    """The file's bytes. Raises Uncut when the type or the rank of a tensor at a cut isn't known."""
    return _Writer(piece, networks).bytes()


class _Writer:
    def __init__(self, piece: Piece, networks: Sequence[Hashed]) -> None:
        self.piece, self.networks = piece, networks
        self.network = networks[piece.first]
        self.source: Source = self.network.network.source

    def bytes(self) -> bytes:
        source = self.source.model
        nodes = list(self._nodes())
        model = onnx.ModelProto()
        model.ir_version = max(source.ir_version, 4)  # since when a weight need not be an input
        model.opset_import.extend(source.opset_import)
        model.producer_name = "edgert"
        graph = model.graph
        graph.name = "piece"
        graph.node.extend(nodes)
        graph.initializer.extend(self._weights())
        graph.input.extend(self._ends(self.piece.inputs))
        graph.output.extend(self._ends(self.piece.outputs.values()))
        if sum(len(tensor.raw_data) for tensor in graph.initializer) > LARGEST:
            raise Uncut(f"a piece has more than {LARGEST >> 30} GiB of weights, which no ONNX file holds")
        return bytes(model.SerializeToString(deterministic=True))

    def _nodes(self) -> Iterable[Any]:
        """The piece's nodes; of a shared one, each computation once, in an order that is always the same."""
        graph = self.source.model.graph
        if not self.piece.shared:
            return [graph.node[index] for index in self.piece.operators]
        operators, of = self.network.network.operators, self.network.of
        depth: dict[bytes, int] = {}
        found: dict[tuple[int, bytes], Any] = {}
        for index in self.piece.operators:
            operator = operators[index]
            if operator.alias:
                continue
            deep = 1 + max((depth.get(of[name], 0) for name in operator.inputs), default=0)
            hashed = next(of[name] for name in operator.outputs if name)
            if hashed in depth:
                continue
            depth.update((of[name], deep) for name in operator.outputs)
            found[deep, hashed] = self._renamed(graph.node[index])
        return [found[key] for key in sorted(found)]

    def _renamed(self, node: Any) -> Any:
        made = onnx.NodeProto()
        made.op_type, made.domain = node.op_type, node.domain
        made.attribute.extend(sorted(node.attribute, key=lambda each: str(each.name)))
        made.input.extend(self.name(name) for name in node.input)
        made.output.extend(self.name(name) for name in node.output)
        made.name = next(name for name in made.output if name)
        return made

    def name(self, tensor: str) -> str:
        """What the piece calls a tensor."""
        if not self.piece.shared or not tensor:
            return tensor
        return ("w" if tensor in self.network.network.constants else "t") + self.network.of[tensor].hex()

    def _weights(self) -> Iterable[Any]:
        names = self.piece.constants
        if self.piece.shared:
            names = sorted({self.name(name): name for name in names}.values(), key=self.name)
        return [self.source.weights.inside(self.source.constants[name], self.name(name)) for name in names]

    def _ends(self, names: Iterable[str]) -> Iterable[Any]:
        ends = {self.name(name): self._end(name) for name in names}
        return [ends[name] for name in (sorted(ends) if self.piece.shared else ends)]

    def _end(self, name: str) -> Any:
        """Type and shape of an input or output: what all who use the piece say of it."""
        tensor = self.network.of[name]
        said = []
        for owner in sorted(self.piece.owners):
            network = self.networks[owner]
            types = network.network.source.types
            known = (types[each] for each, hashed in network.of.items() if hashed == tensor and each in types)
            said += [each.type for each in known if _is_known(each)][:1]
        if not said:
            raise Uncut(f"the type or shape of the tensor {name!r}, where it would be cut, isn't known")
        made = onnx.ValueInfoProto()
        made.name = self.name(name)
        made.type.CopyFrom(_common(said, made.name))
        return made


def _is_known(value: Any) -> bool:
    kind = value.type.tensor_type
    return bool(value.type.HasField("tensor_type") and kind.elem_type != 0 and kind.HasField("shape"))


def _common(types: Sequence[Any], name: str) -> Any:
    """The type with what all agree on; an extent in which they differ is free."""
    made = onnx.TypeProto()
    made.tensor_type.elem_type = types[0].tensor_type.elem_type
    shapes = [each.tensor_type.shape.dim for each in types]
    if len({len(shape) for shape in shapes}) > 1:
        raise Uncut(f"models disagree on the rank of the tensor {name!r}, where they would be cut")
    made.tensor_type.shape.SetInParent()
    for axis, extents in enumerate(zip(*shapes, strict=True)):
        numbers = {each.dim_value for each in extents}
        extent = made.tensor_type.shape.dim.add()
        if len(numbers) == 1 and 0 not in numbers:
            extent.dim_value = numbers.pop()
        else:
            extent.dim_param = f"{name}_{axis}"
    return made


def name_in(piece: Piece, networks: Sequence[Hashed], tensor: str) -> str:
    """What the file of a piece calls a tensor of the piece."""
    return _Writer(piece, networks).name(tensor)
