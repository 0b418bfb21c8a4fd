"""Parts a set of networks that are fed alike into pieces: what several compute alike is in one piece.

Each operator belongs to the set of networks that compute the very same thing, and the operators of one set
make a piece. Since whoever computes something computes all that it is made from, a piece reads only pieces of
larger sets: the pieces are in order, and there is no way out of a piece and back into it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .network import Hash, Hashed

Owners = frozenset[int]


@dataclass
class Piece:
    """A part of a network. Its tensors' names are those of its first owner's network."""

    owners: Owners
    operators: list[int] = field(default_factory=list)
    """Of the first owner, each after what it reads."""
    constants: list[str] = field(default_factory=list)
    inputs: dict[str, Hash] = field(default_factory=dict)
    outputs: dict[Hash, str] = field(default_factory=dict)

    @property
    def shared(self) -> bool:
        """Whether several networks use it."""
        return len(self.owners) > 1

    @property
    def first(self) -> int:
        """The network whose names it has."""
        return min(self.owners)


@dataclass
class Cut:
    """All pieces, each after those that it reads, and of each network which tensor each output is."""

    pieces: list[Piece]
    outputs: list[dict[str, Hash]]

    def giver(self, tensor: Hash) -> int | None:
        """The piece that gives a tensor; None for an input."""
        return next((index for index, piece in enumerate(self.pieces) if tensor in piece.outputs), None)


def owners_of(networks: Sequence[Hashed]) -> dict[Hash, Owners]:
    """Which networks compute a tensor."""
    found: dict[Hash, set[int]] = defaultdict(set)
    for index, network in enumerate(networks):
        for tensor in network.producer:
            found[tensor].add(index)
    return {tensor: frozenset(owners) for tensor, owners in found.items()}


def savings(networks: Sequence[Hashed]) -> dict[Owners, float]:
    """What is saved at most by computing the operators of each set once."""
    found: dict[Owners, float] = defaultdict(float)
    for tensor, owners in owners_of(networks).items():
        network = networks[min(owners)]
        operator = network.network.operators[network.producer[tensor]]
        if len(owners) > 1 and tensor in network.fed:
            share = operator.cost / max(1, sum(1 for name in operator.outputs if name))
            found[owners] += share * (len(owners) - 1)
    return dict(found)


def cut(networks: Sequence[Hashed], chosen: Iterable[Owners]) -> Cut:
    """The pieces, when the operators of the `chosen` sets are computed once. Those of other sets are repeated
    where they are needed, as are light ones: each network computes for itself what no chosen set gives."""
    return _Cutter(networks, set(chosen)).cut()


class _Cutter:
    def __init__(self, networks: Sequence[Hashed], chosen: set[Owners]) -> None:
        self.networks = networks
        self.owners = owners_of(networks)
        self.chosen = chosen
        self.wanted: dict[Owners, dict[Hash, str]] = defaultdict(dict)
        self.own: list[dict[str, Hash]] = [{} for _ in networks]

    def cut(self) -> Cut:
        outputs = [self._outputs(index) for index in range(len(self.networks))]
        pieces: list[Piece] = []
        sets = {frozenset({index}) for index in range(len(self.networks))} | self.chosen
        for owners in sorted(sets, key=lambda each: (len(each), sorted(each))):
            if wanted := self.wanted.get(owners):
                pieces.append(self._piece(owners, wanted))
        return Cut(pieces[::-1], outputs)

    def _outputs(self, index: int) -> dict[str, Hash]:
        """Has each output of a network made by the piece that computes it, or by its own."""
        network = self.networks[index]
        found = {}
        for name in network.network.outputs:
            tensor = network.of[name]
            owners = self.owners.get(tensor, frozenset())
            owners = owners if owners in self.chosen else frozenset({index})
            self.wanted[owners].setdefault(tensor, self._name(owners, tensor, name))
            found[name] = tensor
        return found

    def _name(self, owners: Owners, tensor: Hash, name: str = "") -> str:
        """What the piece's first owner calls a tensor."""
        if len(owners) == 1 and name:
            return name
        network = self.networks[min(owners)]
        operator = network.network.operators[network.producer[tensor]]
        return next(each for each in operator.outputs if network.of[each] == tensor)

    def _piece(self, owners: Owners, wanted: dict[Hash, str]) -> Piece:
        """The operators that make what is wanted of a piece, back to what other pieces give."""
        piece = Piece(owners, outputs=dict(wanted))
        network = self.networks[piece.first]
        operators: set[int] = set()
        constants: dict[str, None] = {}
        seen = {""}
        waiting = list(wanted.values())
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            tensor = network.of[name]
            if name in network.network.constants:
                constants[name] = None
            elif tensor in network.leaf:
                piece.inputs[name] = tensor
            elif (giver := self._giver(tensor, piece)) is not None:
                piece.inputs[name] = tensor
                self.wanted[giver].setdefault(tensor, self._name(giver, tensor))
            else:
                operators.add(network.made[name])
                waiting += network.network.operators[network.made[name]].inputs
        piece.operators, piece.constants = sorted(operators), list(constants)
        return piece

    def _giver(self, tensor: Hash, piece: Piece) -> Owners | None:
        """The other piece that a tensor is read from; None when this piece computes it."""
        owners = self.owners.get(tensor, frozenset())
        if owners not in self.chosen or owners == piece.owners:
            return None
        network = self.networks[piece.first]
        operator = network.network.operators[network.producer[tensor]]
        return None if operator.light or tensor not in network.fed else owners
