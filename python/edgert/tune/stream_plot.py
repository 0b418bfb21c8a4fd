"""The curves of a device's search."""

from __future__ import annotations

from typing import Any

from edgert.report import plots

from .stream_search import FoundStreams

STAR = {"color": "#d55e00", "markersize": 13, "fillstyle": "none", "zorder": 5}
MILLI = 1e3  # ms of a second


def stream_curves(found: FoundStreams, left: Any, right: Any) -> None:
    """Rounds a second and how long runs are held, by runs enqueued, of the smallest batches; the star is what
    was chosen, also of larger ones."""
    single = [way for way in found.tried if way.batches == found.least]
    for index, depth in enumerate(sorted({way.in_flight for way in single})):
        ways = sorted((way for way in single if way.in_flight == depth), key=lambda way: way.runs)
        style = {"color": plots.LINES[index % len(plots.LINES)], "marker": "o", "markersize": 4}
        runs = [way.runs for way in ways]
        left.plot(runs, [found.tried[way].rounds for way in ways], label=f"{depth} in flight", **style)
        right.plot(runs, [_held(found, way) for way in ways], **style)
    best = found.setting
    left.plot([best.runs], [found.taken.rounds], "*", label=f"best: {best.described()}", **STAR)
    right.plot([best.runs], [_held(found, best)], "*", **STAR)
    for axes in (left, right):
        axes.axvline(found.saturation.runs, color="#999999", linestyle=":", linewidth=1, label="saturated")
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
        axes.set_xlabel("runs enqueued")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    if found.bounds:
        bound = min(found.bounds.values()) * MILLI
        if bound < right.get_ylim()[1]:
            right.axhline(bound, color="#cc0000", linewidth=1)
        right.set_title(f"a run may take {bound:.4g} ms", loc="left", fontsize=10)
    left.set_ylabel("rounds/s")
    right.set_ylabel("ms (90 %)")
    left.legend(frameon=False, fontsize=8)


def _held(found: FoundStreams, way: Any) -> float:
    return max(found.tried[way].held.values()) * MILLI
