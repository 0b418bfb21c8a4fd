"""The registry of conversions: who can take data one step further.

    @conversion("thermal.picture")
    def thermal(given: Format, goal: Goal) -> Iterator[Move]:
        if given.kind == "table" and len(given.spec["columns"]) == 64 and goal["picture"]:
            yield Move("tensor.reshape", {"shape": [1, 8, 8, 1]}, means={"picture": goal["picture"]})

A conversion is asked with what there is and what is wanted, and offers moves; it knows nothing of the others.
What a move makes of a format is not its own claim: the core's transform says it (shape and dtype), so a chain
that is found can be built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from ..native import Params
from .cost import Cost
from .formats import Format, Goal

REGION, GATHER = "region", "gather"
"""Moves that are no operation: to one of several rows, and back to all of them."""
GROUP = "edgert.conversions"
"""Packages offer conversions as entry points of this group."""


@dataclass(frozen=True)
class Move:
    """One operation that goes on from a format."""

    op: str
    params: Params = field(default_factory=dict)
    means: Mapping[str, Any] = field(default_factory=dict)
    """The facts that hold afterwards; None takes one away."""
    beside: tuple[str, ...] = ()
    """Further inputs: frame, region."""
    cost: Cost | None = None
    """Where the operation's stated cost doesn't fit this move."""
    per_window: bool = False
    """Its cost is for each window that comes of it, and not for a run: of what runs on a stream's chunks."""
    rank: int = 0
    """Of chains that cost the same, the one whose moves have lower ranks first is taken."""


Moves = Callable[[Format, Goal], Iterable[Move]]


class Conversions:
    """Conversions by name. Their order has no meaning."""

    def __init__(self, entries: Mapping[str, Moves] | None = None) -> None:
        self._entries = dict(entries or {})

    def add(self, name: str, moves: Moves) -> None:
        """Adds one. Raises ValueError when the name is taken by another."""
        if self._entries.setdefault(name, moves) is not moves:
            raise ValueError(f"conversion {name!r}: is there already; choose another name")

    def remove(self, name: str) -> None:
        """Takes one away, if it is there."""
        self._entries.pop(name, None)

    def __iter__(self) -> Any:
        return iter(sorted(self._entries.items()))

    def __len__(self) -> int:
        return len(self._entries)


_registered = Conversions()
_loaded = False


def conversion(name: str) -> Callable[[Moves], Moves]:
    """Registers a function as a conversion for all plans that are made from now on."""

    def register(moves: Moves) -> Moves:
        _registered.add(name, moves)
        return moves

    return register


def registered() -> Conversions:
    """All conversions: edgert's own, those of installed packages, and those registered by decorator."""
    global _loaded
    if not _loaded:
        _loaded = True
        from .. import conversions  # noqa: F401 - registers edgert's own

        for entry in entry_points(group=GROUP):
            _registered.add(entry.name, entry.load())
    return _registered
