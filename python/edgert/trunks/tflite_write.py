"""Pieces of networks as TensorFlow Lite files.

What is new, the list of a piece's operators and its inputs and outputs, is put in front of the whole old
file, and points into it: offsets of FlatBuffers lead forward and are relative, so that what is moved as a
whole stays good. Engines map the file, and the weights of other pieces are never touched.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from .errors import Uncut
from .flat import Table, root
from .network import Hashed
from .pieces import Piece
from .tflite_network import Source

ALIGNED = 64
"""Bytes by whose multiples the old file is moved, so that its weights stay aligned."""


def write(piece: Piece, networks: Sequence[Hashed]) -> bytes:
    """The file's bytes. Raises Uncut when two tensors at a cut have one name."""
    source: Source = networks[piece.first].network.source
    ends = [list(piece.inputs), list(piece.outputs.values())]
    for each in ends:
        _check_names([name_in(piece, networks, name) for name in each])
    inputs, outputs = ([source.names[name] for name in each] for each in ends)
    operators = source.subgraph.tables(3)
    return _Front(source.data).file(inputs, outputs, [operators[index] for index in piece.operators])


def name_in(piece: Piece, networks: Sequence[Hashed], tensor: str) -> str:
    """What the file of a piece calls a tensor of the piece."""
    source: Source = networks[piece.first].network.source
    return source.subgraph.tables(0)[source.names[tensor]].text(3)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            raise Uncut(f"two tensors where it would be cut are called {name!r}, and can't be told apart")


class _Front:
    """The part that comes before the old file: written twice, first to know its length."""

    def __init__(self, data: bytes) -> None:
        self.data, self.model = data, root(data)
        self.moved = 0

    def file(self, inputs: list[int], outputs: list[int], operators: list[Table]) -> bytes:
        self.moved = -(-len(self._front(inputs, outputs, operators)) // ALIGNED) * ALIGNED
        front = self._front(inputs, outputs, operators)
        return bytes(front.ljust(self.moved, b"\0")) + self.data

    def _front(self, inputs: list[int], outputs: list[int], operators: list[Table]) -> bytearray:
        made = bytearray(b"\0\0\0\0TFL3")
        subgraphs = self.model.tables(2)
        main = subgraphs[0]
        model = _table(made, 8)  # the fields of Model: version, operator_codes, subgraphs, -, buffers
        struct.pack_into("<I", made, 0, model)
        struct.pack_into("<I", made, model + 4, self.model.number(0, "I"))
        self._point(made, model + 8, self.model.vector(1)[0] - 4)
        self._point(made, model + 20, self.model.vector(4)[0] - 4)
        struct.pack_into("<I", made, model + 12, len(made) - (model + 12))
        listed = len(made) + 4
        made += struct.pack("<I", len(subgraphs)) + bytes(4 * len(subgraphs))
        for index, other in enumerate(subgraphs[1:], start=1):
            self._point(made, listed + 4 * index, other.at)
        graph = _table(made, 4)  # of SubGraph: tensors, inputs, outputs, operators
        struct.pack_into("<I", made, listed, graph - listed)
        self._point(made, graph + 4, main.vector(0)[0] - 4)
        for place, indices in ((8, inputs), (12, outputs)):
            struct.pack_into("<I", made, graph + place, len(made) - (graph + place))
            made += struct.pack(f"<I{len(indices)}i", len(indices), *indices)
        struct.pack_into("<I", made, graph + 16, len(made) - (graph + 16))
        begin = len(made) + 4
        made += struct.pack("<I", len(operators)) + bytes(4 * len(operators))
        for index, operator in enumerate(operators):
            self._point(made, begin + 4 * index, operator.at)
        return made

    def _point(self, made: bytearray, place: int, target: int) -> None:
        """Sets an offset to what lies in the old file."""
        struct.pack_into("<I", made, place, max(0, self.moved + target - place))


def _table(made: bytearray, fields: int) -> int:
    """Adds an empty table of so many fields of four bytes, all there but those of Model that are left out."""
    left_out = {3, 5, 6, 7} if fields == 8 else set()
    vtable = len(made)
    places = [0 if number in left_out else 4 + 4 * number for number in range(fields)]
    made += struct.pack(f"<HH{fields}H", 4 + 2 * fields, 4 + 4 * fields, *places)
    made += bytes(-len(made) % 4)
    table = len(made)
    made += struct.pack("<i", table - vtable) + bytes(4 * fields)
    return table
