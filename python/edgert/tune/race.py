"""Comparing ways on a machine that is never quite still: short rounds in turn, the best of each counts.

What disturbs a measurement makes it slower, hardly ever faster, and meets all sides alike when they take
turns. Ways that fall clearly behind are dropped, so most of the time goes to those that are close.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

KEPT = (0.4, 0.7, 0.85, 0.95)
"""Of the best: who has less after so many rounds is dropped."""


def race(ways: Iterable[T], measure: Callable[[T], float], rounds: int = 4) -> list[T]:
    """The ways, best first, by the best of their rounds. `measure` gives what shall be great."""
    best: dict[T, float] = {}
    left = list(dict.fromkeys(ways))
    dropped: list[T] = []
    for turn in range(rounds):
        if turn and len(left) == 1:
            break
        for way in left if turn % 2 == 0 else list(reversed(left)):
            best[way] = max(best.get(way, 0.0), measure(way))
        top = max((best[way] for way in left), default=0.0)
        limit = KEPT[min(turn, len(KEPT) - 1)] * top
        dropped += [way for way in left if best[way] < limit]
        left = [way for way in left if best[way] >= limit]
    return sorted(left, key=lambda way: -best[way]) + sorted(dropped, key=lambda way: -best[way])
