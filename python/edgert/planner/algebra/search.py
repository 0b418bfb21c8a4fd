"""The cheapest chain of moves from a format to a goal: Dijkstra's algorithm over formats."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..native import said_by
from .conversion import GATHER, REGION, Conversions, Move
from .cost import SOME, size, stated
from .formats import Format, Goal
from .frozen import Frozen

MOST = 5000
"""Formats that are looked at before the search gives up: one that never repeats a format would go on."""

Mapped = Callable[[str, dict[str, Any], list[Any]], list[Any]]
"""What an operation makes of specs: the outputs' specs. Raises the native module's errors."""


@dataclass(frozen=True)
class Link:
    """A move that was made: which conversion offered it, its cost (picoseconds) and what is there then."""

    conversion: str
    move: Move
    cost: int
    format: Format


@dataclass(frozen=True)
class Chain:
    """From a format to a goal."""

    start: Format
    links: tuple[Link, ...] = ()

    @property
    def end(self) -> Format:
        return self.links[-1].format if self.links else self.start

    @property
    def cost(self) -> int:
        """Picoseconds that one run of it is expected to take."""
        return sum(link.cost for link in self.links)

    def __str__(self) -> str:
        return " → ".join([str(self.start), *(f"{link.move.op} {link.format}" for link in self.links)])


class Unreachable(Exception):
    """No chain leads there. `nearest` come nearest, best first; `refused` is an operation's own words, where
    one refused to go on from the best of them."""

    def __init__(self, goal: Goal, nearest: list[Chain], refused: Exception | None) -> None:
        super().__init__(str(goal))
        self.goal, self.nearest, self.refused = goal, nearest, refused


def search(
    start: Format, goal: Goal, beside: Mapping[str, Any], conversions: Conversions, mapped: Mapped
) -> Chain:
    """The cheapest chain. `beside`: specs of further inputs, by name. Raises Unreachable.

    Equal costs are decided by what the moves say, never by the order of registration, so equal wants give
    equal chains, whoever wants them.
    """
    finder = _Search(goal, beside, conversions, mapped)
    found = finder.run(start)
    if found is None:
        raise finder.unreachable()
    return found


class _Search:
    def __init__(
        self, goal: Goal, beside: Mapping[str, Any], conversions: Conversions, mapped: Mapped
    ) -> None:
        self.goal, self.beside, self.conversions, self.mapped = goal, beside, conversions, mapped
        self.settled: dict[Format, Chain] = {}
        self.refused: dict[Format, Exception] = {}

    def run(self, start: Format) -> Chain | None:
        waiting: list[tuple[int, tuple[Any, ...], int, Chain]] = [(0, (), 0, Chain(start))]
        count = 0
        while waiting and len(self.settled) < MOST:
            cost, key, _, chain = heapq.heappop(waiting)
            if chain.end in self.settled:
                continue
            self.settled[chain.end] = chain
            if self.goal.met_by(chain.end):
                return chain
            for link in self._links(chain.end):
                count += 1  # chains themselves are never compared
                further = Chain(chain.start, (*chain.links, link))
                heapq.heappush(waiting, (cost + link.cost, (*key, _key(link)), count, further))
        return None

    def _links(self, given: Format) -> Iterator[Link]:
        for name, moves in self.conversions:
            for move in moves(given, self.goal):
                made = self._made(given, move)
                if made is not None:
                    yield Link(name, move, _cost(move, given, made), made)

    def _made(self, given: Format, move: Move) -> Format | None:
        meaning = given.meaning.but(move.means)
        if move.op in (REGION, GATHER):
            return Format(_rows(given, move.op == REGION), meaning)
        inputs = [given.spec.thawed(), *(self.beside[name] for name in move.beside)]
        try:
            outputs = self.mapped(move.op, move.params, inputs)
        except Exception as error:
            if said_by(error) is None:
                raise
            self.refused.setdefault(given, error)
            return None
        return Format.of(outputs[0], **meaning)

    def unreachable(self) -> Unreachable:
        ranked = sorted(self.settled.values(), key=lambda chain: (self.goal.far(chain.end), chain.cost))
        return Unreachable(self.goal, ranked, self.refused.get(ranked[0].end))


def _cost(move: Move, given: Format, made: Format) -> int:
    if move.op in (REGION, GATHER):
        return 0
    return (move.cost or stated(move.op)).of(size(given.spec), size(made.spec))


def _rows(given: Format, one: bool) -> Frozen:
    """One of several rows, or several of one, for which there must be some bound."""
    if one:
        return given.spec.but(shape=given.shape[1:], max_bytes=None)
    bound = given.spec["max_bytes"] or round(size(given.spec))
    return given.spec.but(shape=[-1, *given.shape[1:]], max_bytes=SOME * bound)


def _key(link: Link) -> tuple[Any, ...]:
    return link.move.rank, link.move.op, repr(sorted(link.move.params.items())), link.conversion
