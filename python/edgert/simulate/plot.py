"""Latencies with their bounds, misses over time and lanes' work, as a picture or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgert.report import plots
from edgert.report.picture import save

from .outcome import Outcome, PipelineOutcome

SHOWN = 24  # pipelines: those that are nearest to their bound, or over it
LINES = 6  # of misses and of lanes
LEAST = 0.1  # ms: what is quicker (frames that fill no window) is drawn there
DECADE = 8  # times: an axis that spans less has evenly spaced numbers
RED = "#cc0000"
BUTT = {"solid_capstyle": "butt"}
LEGEND = {"frameon": False, "fontsize": 8, "loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}


def draw(outcome: Outcome, file: Path, said: str) -> None:
    """Draws into a picture (.svg, .png, .pdf) or a page (.html); `said` is the verdict."""
    save(_figure(outcome), file, "edgert: what the box would do", said)


def _figure(outcome: Outcome) -> Any:
    from matplotlib.figure import Figure

    shown = nearest(outcome)
    tall = 1.1 + 0.26 * len(shown)
    figure = Figure(figsize=(9.0, tall + 5.0), layout="constrained")
    latencies, misses, lanes = figure.subplots(3, 1, height_ratios=[tall, 2.3, 2.3])
    _latencies(latencies, shown, len(outcome.pipelines))
    _misses(misses, outcome)
    _lanes(lanes, outcome)
    for axes in (latencies, misses, lanes):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    return figure


def nearest(outcome: Outcome) -> list[PipelineOutcome]:
    """The pipelines that a picture has room for: what misses most, then what is nearest to its bound."""

    def place(one: PipelineOutcome) -> tuple[float, float]:
        p99 = one.quantile(0.99) or 0.0
        return one.share, -(p99 / one.bound_ms) if one.bound_ms else 0.0

    return sorted(outcome.pipelines, key=place)[:SHOWN]


def _latencies(axes: Any, shown: list[PipelineOutcome], total: int) -> None:
    for row, one in enumerate(shown):
        found = [one.quantile(at) for at in (0.01, 0.1, 0.5, 0.9, 0.99)]
        low, tenth, half, ninety, most = (max(value or 0.0, LEAST) for value in found)
        colour = plots.LINES[0] if one.fits else plots.LINES[5]
        if one.counts.sum():
            axes.plot([low, most], [row, row], color=colour, linewidth=1.2, zorder=2)
            axes.plot([tenth, ninety], [row, row], color=colour, linewidth=7, alpha=0.45, zorder=2, **BUTT)
            axes.plot([half], [row], "o", color=colour, markersize=5, zorder=3)
        if one.bound_ms is not None:
            axes.plot([one.bound_ms] * 2, [row - 0.38, row + 0.38], color=RED, linewidth=2, zorder=4)
    axes.set_yticks(range(len(shown)), [_titled(one) for one in shown], fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    _plain_scale(axes)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_xlabel("latency, ms: half of the answers (dot), 80 % (bar), 98 % (line), bound (red)")
    more = f"; {len(shown)} of {total} pipelines" if total > len(shown) else ""
    axes.set_title(f"Latency of answers, and what was missed{more}", loc="left", fontsize=10)


def _plain_scale(axes: Any) -> None:
    """A logarithmic scale whose numbers are written out, also where it spans less than a decade."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(MaxNLocator(6) if high < DECADE * low else LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _titled(one: PipelineOutcome) -> str:
    name = one.name if len(one.name) <= 36 else one.name[:35] + "…"
    return f"{name}  {1 - one.share:.2%} missed"


def _misses(axes: Any, outcome: Outcome) -> None:
    ends = [one.end for one in outcome.slices]
    order = sorted(range(len(outcome.pipelines)), key=lambda index: outcome.pipelines[index].share)
    missing = [index for index in order if outcome.pipelines[index].kept < outcome.pipelines[index].asked]
    for line, index in enumerate(missing[:LINES]):
        values = [_percent(one.missed[index], one.asked[index]) for one in outcome.slices]
        name = outcome.pipelines[index].name
        axes.plot(ends, values, color=plots.LINES[line], linewidth=1.2, label=name[-28:])
    every = [_percent(sum(one.missed), sum(one.asked)) for one in outcome.slices]
    axes.plot(ends, every, color="#000000", linewidth=1.8, label="all together")
    axes.set_ylim(-0.03 * max(1.0, axes.get_ylim()[1]), max(1.0, axes.get_ylim()[1]))
    axes.set_xlim(0, outcome.seconds)
    axes.set_ylabel("missed, %")
    axes.set_xlabel("s")
    axes.set_title("Misses over time", loc="left", fontsize=10)
    axes.legend(**LEGEND)


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def _lanes(axes: Any, outcome: Outcome) -> None:
    ends = [one.end for one in outcome.slices]
    for index, lane in enumerate(outcome.lanes[:LINES]):
        values = [100 * one.lanes[index] for one in outcome.slices]
        label = f"{lane.name}: {lane.share:.0%}"
        axes.plot(ends, values, color=plots.LINES[index], linewidth=1.2, label=label)
    if len(outcome.lanes) > LINES:
        mean = [100 * sum(one.lanes) / len(one.lanes) for one in outcome.slices]
        label = (
            f"all {len(outcome.lanes)}: {sum(one.share for one in outcome.lanes) / len(outcome.lanes):.0%}"
        )
        axes.plot(ends, mean, color="#000000", linewidth=1.8, label=label)
    axes.set_ylim(0, 105)
    axes.set_xlim(0, outcome.seconds)
    axes.set_ylabel("busy, %")
    axes.set_xlabel("s")
    axes.set_title("Lanes at work", loc="left", fontsize=10)
    axes.legend(**LEGEND)
