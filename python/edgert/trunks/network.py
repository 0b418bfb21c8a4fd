"""A model as a network of operators, whatever its file's format, and the hashes by which equal work is
found.

A tensor's hash says how it is computed: from which inputs, by which operators, with which weights (a Merkle
tree from the inputs on; R. Merkle, "A Digital Signature Based on a Conventional Encryption Function", CRYPTO
1987). Names and the order in which a file lists its operators are no part of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Hash = bytes


@dataclass(frozen=True)
class Operator:
    """One operator of a network."""

    signature: Hash | None
    """What it computes, but for its inputs; None: not known to be the same each time, so never shared."""
    inputs: tuple[str, ...]
    """Tensors, with those that only its subgraphs read; "" for one that is left out."""
    outputs: tuple[str, ...]
    cost: float = 1.0
    """Work, in multiplications or numbers written."""
    written: float = 0.0
    """Bytes of its outputs."""
    light: bool = False
    """Repeated on both sides of a cut rather than cut behind: what expands data that was small."""
    alias: bool = False
    """Its output is its input."""


@dataclass(frozen=True)
class Network:
    """The operators of a model, each after what it reads. `source` is what its format's writer needs."""

    operators: tuple[Operator, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, Hash]
    """Weights, by content."""
    source: Any = field(repr=False, compare=False, default=None)

    @property
    def cost(self) -> float:
        """Of one run."""
        return sum(operator.cost for operator in self.operators)


class Hashed:
    """The hashes of one network's tensors. `leaves`: of each input what feeds it; equal keys, equal data."""

    def __init__(self, network: Network, leaves: Mapping[str, str], own: str) -> None:
        self.network = network
        self.of: dict[str, Hash] = {"": b""}
        self.producer: dict[Hash, int] = {}
        self.made: dict[str, int] = {}
        self.fed: set[Hash] = set()
        """Hashes of tensors that depend on an input."""
        self.leaf: dict[Hash, str] = {}
        for name in network.inputs:
            self.of[name] = digest("leaf", leaves[name])
            self.leaf[self.of[name]] = leaves[name]
        self.fed.update(self.leaf)
        for name, content in network.constants.items():
            self.of[name] = digest("constant", content)
        for index, operator in enumerate(network.operators):
            self._operator(index, operator, own)

    def _operator(self, index: int, operator: Operator, own: str) -> None:
        inputs = [self.of[name] for name in operator.inputs]
        said = operator.signature or digest("opaque", own, str(index))
        for place, name in enumerate(operator.outputs):
            if not name:
                continue
            hashed = inputs[0] if operator.alias else digest(said, str(place), *inputs)
            self.of[name] = hashed
            self.made[name] = index
            if not operator.alias:
                self.producer.setdefault(hashed, index)
            if not operator.signature or any(each in self.fed for each in inputs):
                self.fed.add(hashed)


def digest(*parts: str | bytes) -> Hash:
    """Of these parts, told apart by their lengths."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.digest()
