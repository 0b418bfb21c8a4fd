"""From counted frames to the figures of bench/misses.py: medians over rounds, and their spread."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from common import say

from parts.misses.cells import ORDERS
from parts.misses.load import Driven
from parts.misses.rounds import Place, Round

NAMED = (("fifo", "fifo"), ("edf", "edf"), ("stability", "edgeserving"))
Cell = dict[str, Any]


def share_of(cell: Cell) -> float:
    return float(cell["share"])


def of_models(cell: Cell) -> float:
    return statistics.mean(cell["by_model"])


class Figures:
    """What some rounds say of sides."""

    def __init__(self, rounds: Sequence[Round], sides: Sequence[str]) -> None:
        self.rounds, self.sides = rounds, sides
        self.places: list[Place] = sorted(rounds[0].least)

    def each(self, place: Place, side: str, of: Callable[[Cell], float] = share_of) -> list[float]:
        """Of each round."""
        return [of(one.cells[(*place, side)]) for one in self.rounds]

    def mean(self, side: str, of: Callable[[Cell], float] = share_of) -> float:
        """Over loads and kinds of arrival, of medians."""
        return statistics.mean(statistics.median(self.each(place, side, of)) for place in self.places)

    def over(self, best: str, side: str) -> dict[Place, float]:
        """Medians of the rounds' quotients, by place; of those in which the other side missed some."""
        found = {}
        for place in self.places:
            pairs = zip(self.each(place, best), self.each(place, side), strict=True)
            if quotients := [one / other for one, other in pairs if other > 0]:
                found[place] = statistics.median(quotients)
        return found

    def data(self) -> dict[str, Any]:
        """As JSON takes it."""
        best = min((side for side in self.sides if side not in ORDERS), key=self.mean)
        made: dict[str, Any] = {"rounds": len(self.rounds), "best_side": best, "best_misses": self.mean(best)}
        for side, key in NAMED:
            if side in self.sides:
                made[f"{key}_misses"] = self.mean(side)
                made[f"best_over_{key}"] = max(self.over(best, side).values(), default=0.0)
                made[f"best_over_{key}_mean"] = self.mean(best) / max(self.mean(side), 1e-9)
                made[f"best_over_{key}_of"] = {
                    _said(p): round(q, 3) for p, q in self.over(best, side).items()
                }
        made["misses_mean"] = {side: round(self.mean(side), 4) for side in self.sides}
        made["misses_of_models"] = {side: round(self.mean(side, of_models), 4) for side in self.sides}
        made["misses"] = {
            _said(place): {side: self._row(place, side) for side in self.sides} for place in self.places
        }
        floors = {_said(place): round(self.least(place), 4) for place in self.places}
        speeds = [speed for one in self.rounds for speed in one.speeds]
        return {**made, "least_misses": statistics.mean(floors.values()), "least_misses_of": floors,
                "speed_spread": max(speeds) / min(speeds) - 1, **self.slower()}  # fmt: skip

    def slower(self) -> dict[str, float]:
        """How much longer runs of whole models took under load than when the capacity was measured: so much
        more than said the load really was."""
        found = sorted(cell["slower"] for one in self.rounds for cell in one.cells.values() if cell["slower"])
        if not found:
            return {}
        return {"runs_slower_p50": statistics.median(found), "runs_slower_most": found[-1]}

    def least(self, place: Place) -> float:
        """What every order misses."""
        return statistics.median(one.least[place] for one in self.rounds)

    def tell(self) -> None:
        """A line a load and kind."""
        for place in self.places:
            told = [f"{side} {_range(self.each(place, side))}" for side in self.sides]
            say(f"  {_said(place)}: {', '.join(told)}; every order {self.least(place):.3f}")

    def _row(self, place: Place, side: str) -> dict[str, Any]:
        found = [one.cells[(*place, side)] for one in self.rounds]
        shares = self.each(place, side)
        reasons: dict[str, int] = {}
        for cell in found:
            for reason, count in cell["reasons"].items():
                reasons[reason] = reasons.get(reason, 0) + count
        return {
            "share": round(statistics.median(shares), 4),
            "spread": [round(min(shares), 4), round(max(shares), 4)],
            "of_models": round(statistics.median(self.each(place, side, of_models)), 4),
            **reasons,
        }


def _said(place: Place) -> str:
    return f"{place[0]} {place[1]:g}"


def _range(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def driver(driven: list[Driven]) -> dict[str, float]:
    return {
        "driver_cpu": statistics.mean(one.cpu for one in driven),
        "driver_lag_ms_p50": statistics.median(one.lag_ms_p50 for one in driven),
        "driver_lag_ms_p99": max(one.lag_ms_p99 for one in driven),
    }


def rounded(ms: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in ms.items()}
