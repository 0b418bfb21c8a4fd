"""Which points are measured: instances × threads × batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgert.errors import InvalidError, make

MOST = {"instances": 256, "threads": 256, "batch": 4096}
BATCHES = (1, 2, 4, 8)
OVERLOAD = 2  # of a default grid: not more threads in all than so many times the cores

Place = tuple[int, int, int]
"""(instances, threads, batch)."""


@dataclass(frozen=True)
class Grid:
    """What to combine. `full`: every combination, also where there are many more threads than cores.

    Raises InvalidError for a list that is empty, or a number out of range.
    """

    instances: Sequence[int]
    threads: Sequence[int]
    batch: Sequence[int]
    full: bool = True

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            values = getattr(self, name)
            if not values:
                raise make(InvalidError, f"grid: {name}", "the list is empty", "give 1, or several numbers")
            for value in values:
                if not 1 <= value <= most:
                    raise make(InvalidError, f"grid: {name}", f"{value} can't be", f"give 1 to {most}")

    def places(self, batch: int | str, cores: int) -> list[Place]:
        """The points for a model, those of few threads first. `batch`: "free", or the one that it takes."""
        batches = sorted(set(self.batch)) if batch == "free" else [int(batch)]
        found = [
            (instances, threads, items)
            for instances in sorted(set(self.instances))
            for threads in sorted(set(self.threads))
            for items in batches
            if self.full or instances * threads <= OVERLOAD * cores
        ]
        return sorted(found, key=lambda place: (place[2], place[0] * place[1], place))


def default_grid(cores: int, quick: bool = False) -> Grid:
    """Doublings up to the cores, and batches up to 8 (of a quick one, 4)."""
    counts = doublings(cores)
    return Grid(counts, counts, BATCHES[: 3 if quick else None], full=False)


def doublings(most: int) -> list[int]:
    """1, 2, 4 … and `most` itself."""
    values = [1]
    while values[-1] * 2 <= most:
        values.append(values[-1] * 2)
    return values if values[-1] == most else [*values, most]
