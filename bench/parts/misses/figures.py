"""From counted frames to the figures of bench/misses.py."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

from common import say

from parts.misses.load import Driven

ORDERS = ("slack",)  # sides that are orders without a policy


def _share(found: list[dict[str, Any]]) -> float:
    return sum(cell["missed"] for cell in found) / sum(cell["submitted"] for cell in found)


def _of_models(found: list[dict[str, Any]]) -> float:
    return statistics.mean(share for cell in found for share in cell["by_model"])


def tell(
    cells: dict[tuple[str, float, str], Any],
    least: dict[tuple[str, float], list[float]],
    kind: str,
    load: float,
    sides: tuple[str, ...],
) -> None:
    told = [f"{side} {_share(cells[kind, load, side]):.3f} ({_of_models(cells[kind, load, side]):.3f})"
            for side in sides]  # fmt: skip
    floor = statistics.mean(least[kind, load])
    say(f"  {kind} {load:.0%}: {', '.join(told)}; every order {floor:.3f}")


def figures(cells: dict[tuple[str, float, str], Any], sides: tuple[str, ...]) -> dict[str, Any]:
    places = sorted({(kind, load) for kind, load, _ in cells})

    def share(place: tuple[str, float], side: str) -> float:
        return _share(cells[place[0], place[1], side])

    def mean(side: str, of: Callable[[Any], float] = _share) -> float:
        return statistics.mean(of(cells[kind, load, side]) for kind, load in places)

    def worst(side: str) -> float:
        return max(share(place, best) / max(share(place, side), 1e-9) for place in places)

    policies = [side for side in sides if side not in ORDERS]
    best = min(policies, key=mean)
    made: dict[str, Any] = {"best_side": best, "best_misses": mean(best)}
    for side, key in (("fifo", "fifo"), ("edf", "edf"), ("stability", "edgeserving")):
        if side in sides:
            made[f"{key}_misses"] = mean(side)
            made[f"best_over_{key}"] = worst(side)
            made[f"best_over_{key}_mean"] = mean(best) / mean(side)
    made["misses_mean"] = {side: round(mean(side), 4) for side in sides}
    made["misses_of_models"] = {side: round(mean(side, _of_models), 4) for side in sides}
    made["misses"] = {
        f"{kind} {load:g}": {side: _row(cells[kind, load, side]) for side in sides} for kind, load in places
    }
    return made


def _row(found: list[dict[str, Any]]) -> dict[str, Any]:
    reasons: dict[str, int] = {}
    for cell in found:
        for reason, count in cell["reasons"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    return {"share": round(_share(found), 4), "of_models": round(_of_models(found), 4), **reasons}


def driver(driven: list[Driven]) -> dict[str, float]:
    return {
        "driver_cpu": statistics.mean(one.cpu for one in driven),
        "driver_lag_ms_p50": statistics.median(one.lag_ms_p50 for one in driven),
        "driver_lag_ms_p99": max(one.lag_ms_p99 for one in driven),
    }


def rounded(ms: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in ms.items()}
