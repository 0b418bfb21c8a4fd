"""Parts one network into pieces that run one after another: between two of them other work may run.

Cuts lie in the file's order of operators, before operators that do much work (so that what an engine fuses
behind such a one stays with it), near where the work so far is the wanted part of all, and where few bytes
cross.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from .network import Hash, Hashed
from .pieces import Cut, Piece

HEAVY = 0.001
"""Of all work: an operator that does more is no addition to the one before it."""
AWAY = 0.6
"""Of a piece's work: how far from its place a cut may lie, unless there is nothing nearer."""
BREAKS = 0.3
"""What a cut before an operator that does little counts: it may break what an engine fuses."""
BYTES = 0.15
"""What twice the bytes across a cut count. All these are against a whole piece's work away from its place."""


def places(hashed: Hashed, work: Sequence[float], pieces: int) -> list[int]:
    """Before which operators to cut, for so many pieces or, where there are too few places, fewer. `work` is
    what each operator takes, in any unit."""
    operators, cost = hashed.network.operators, hashed.network.cost
    across = _across(hashed)
    before = [0.0, *accumulate(work)]
    part = before[-1] / pieces
    heavy = {place for place, operator in enumerate(operators) if operator.cost > HEAVY * cost}
    found: list[int] = []
    for number in range(1, pieces):
        off = {
            place: abs(before[place] - number * part) / part
            for place in range(found[-1] + 1 if found else 1, len(operators))
        }
        near = [place for place in off if off[place] <= AWAY] or [place for place in off if off[place] < 1]
        if near:
            least = max(1.0, min(across[place] for place in near))
            costs = {
                place: off[place] + BYTES * (across[place] / least - 1) + BREAKS * (place not in heavy)
                for place in near
            }
            found.append(min(near, key=lambda place: costs[place]))
    return found


def cut_at(hashed: Hashed, cuts: Sequence[int]) -> Cut:
    """The pieces that end before these operators."""
    return _Series(hashed, cuts).cut()


def _across(hashed: Hashed) -> list[float]:
    """Of each place, the bytes that are made before it and read behind it. Light operators are repeated
    behind a cut, so that what they read crosses in their place."""
    operators = hashed.network.operators
    last: dict[Hash, int] = {}
    for place in reversed(range(len(operators))):
        operator = operators[place]
        until = max((last.get(hashed.of[name], place) for name in operator.outputs), default=place)
        for name in operator.inputs:
            tensor = hashed.of[name]
            last[tensor] = max(last.get(tensor, 0), until if operator.light else place)
    changes = [0.0] * (len(operators) + 2)
    for tensor, place in hashed.producer.items():
        operator = operators[place]
        if operator.light or tensor not in hashed.fed or last.get(tensor, 0) <= place:
            continue
        size = operator.written / max(1, sum(1 for name in operator.outputs if name))
        changes[place + 1] += size
        changes[last[tensor] + 1] -= size
    return list(accumulate(changes))


class _Series:
    """Each computation is done by the piece of the first operator that does it, so that pieces read only
    earlier ones."""

    def __init__(self, hashed: Hashed, cuts: Sequence[int]) -> None:
        self.hashed, self.network = hashed, hashed.network
        self.begins = [0, *cuts]
        self.wanted: list[dict[Hash, str]] = [{} for _ in self.begins]

    def cut(self) -> Cut:
        outputs = {}
        for name in self.network.outputs:
            outputs[name] = self.hashed.of[name]
            self._want(outputs[name])
        pieces = [self._piece(number) for number in reversed(range(len(self.begins)))]
        return Cut([piece for piece in reversed(pieces) if piece.outputs], [outputs])

    def _want(self, tensor: Hash) -> None:
        place = self.hashed.producer[tensor]
        names = self.network.operators[place].outputs
        name = next(each for each in names if each and self.hashed.of[each] == tensor)
        self.wanted[self._number(place)].setdefault(tensor, name)

    def _number(self, place: int) -> int:
        return bisect_right(self.begins, place) - 1

    def _piece(self, number: int) -> Piece:
        """The operators that make what is wanted of a piece, back to what earlier ones give."""
        piece = Piece(frozenset({0}), outputs=dict(self.wanted[number]))
        operators: set[int] = set()
        constants: dict[str, None] = {}
        seen = {""}
        waiting = list(piece.outputs.values())
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            tensor = self.hashed.of[name]
            if name in self.network.constants:
                constants[name] = None
            elif tensor in self.hashed.leaf:
                piece.inputs[name] = tensor
            elif self._given(tensor, number):
                piece.inputs[name] = tensor
                self._want(tensor)
            else:
                operators.add(self.hashed.made[name])
                waiting += self.network.operators[self.hashed.made[name]].inputs
        piece.operators, piece.constants = sorted(operators), list(constants)
        return piece

    def _given(self, tensor: Hash, number: int) -> bool:
        """Whether an earlier piece gives it."""
        place = self.hashed.producer[tensor]
        operator = self.network.operators[place]
        return self._number(place) < number and not operator.light and tensor in self.hashed.fed


def refitted(work: Sequence[float], cuts: Sequence[int], took: Sequence[float]) -> list[float]:
    """The work of operators, when the pieces that end before `cuts` took so long: each piece's share of the
    time goes to its operators by what they were thought to take."""
    bounds = [0, *cuts, len(work)]
    found = []
    for (begin, end), seconds in zip(pairwise(bounds), took, strict=True):
        total = sum(work[begin:end]) or 1.0
        found += [each * seconds / total for each in work[begin:end]]
    return found
