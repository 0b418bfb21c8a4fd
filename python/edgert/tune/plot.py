"""The curves of a search, as a picture or a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edgert.errors import InvalidError, make
from edgert.report import plots, require
from edgert.report.picture import PICTURES, save

from .search import Found
from .stream_plot import stream_curves
from .stream_search import FoundStreams

PAGES = (".html", ".htm")
WIDTH, HEIGHT = 9.0, 2.8  # inches; height of a model
INTRODUCTION = (
    "Left: items a second, by items in flight (instances × batch). Right: what 90 % of the runs take "
    "at most. A line a number of threads. The star is the best place of the model by itself within the "
    "bound, which is red where it is in sight; the dotted line marks saturation: to its right, more in "
    "flight mostly adds latency."
)

OF_DEVICES = (
    "Of a device with all its models, by runs enqueued (streams × in flight): rounds of all a second, "
    "and how long 90 % of the runs of the slowest are held. A line a number in flight."
)


def check(file: Path) -> None:
    """Raises InvalidError for a file name that says no format, UnavailableError without matplotlib, and
    OSError where it can't be written."""
    require()
    if file.suffix.lower() not in (*PICTURES, *PAGES):
        raise make(
            InvalidError, str(file), "is no kind of picture or page", "end it in .html, .svg, .png or .pdf"
        )
    there = file.exists()
    file.open("ab").close()
    if not there:
        file.unlink()


def draw(
    found: Mapping[str, Found], file: Path, said: str = "", devices: Mapping[str, FoundStreams] | None = None
) -> None:
    """Draws the curves of each model and each device into a picture (.svg, .png, .pdf) or a page (.html);
    `said` is what was chosen for all of them together."""
    words = " ".join(part for part in (INTRODUCTION, OF_DEVICES if devices else "", said) if part)
    save(_figure(found, devices or {}), file, "edgert: throughput and latency on this box", words)


def _figure(found: Mapping[str, Found], devices: Mapping[str, FoundStreams]) -> Any:
    from matplotlib.figure import Figure

    count = len(found) + len(devices)
    figure = Figure(figsize=(WIDTH, HEIGHT * count), layout="constrained")
    rows = figure.subplots(count, 2, squeeze=False)
    for (name, one), (left, right) in zip(found.items(), rows, strict=False):
        _curves(one, left, right)
        left.set_title(name, loc="left", fontsize=10)
    for (name, streams), (left, right) in zip(devices.items(), rows[len(found) :], strict=True):
        stream_curves(streams, left, right)
        left.set_title(name, loc="left", fontsize=10)
    return figure


def _called(place: tuple[int, int, int]) -> str:
    """What the best place is, beside its star."""
    instances, threads, batch = place
    times = f"{instances} × {threads} thread{'' if threads == 1 else 's'}"
    return f"best: {times}" + (f", batch {batch}" if batch > 1 else "")


def _curves(found: Found, left: Any, right: Any) -> None:
    for index, threads in enumerate(sorted({point.threads for point in found.points})):
        points = sorted(
            (point for point in found.points if point.threads == threads),
            key=lambda point: point.instances * point.batch,
        )
        flight = [point.instances * point.batch for point in points]
        style = {
            "color": plots.LINES[index % len(plots.LINES)],
            "marker": "o",
            "markersize": 4,
            "linewidth": 1.3,
        }
        label = f"{threads} thread{'' if threads == 1 else 's'}"
        left.plot(flight, [point.throughput for point in points], label=label, **style)
        right.plot(flight, [float(point.p90) * 1e3 for point in points], label=label, **style)
    best = found.point
    at = best.instances * best.batch
    star = {"color": "#d55e00", "markersize": 13, "fillstyle": "none", "zorder": 5}
    left.plot([at], [best.throughput], "*", label=_called(best.place), **star)
    right.plot([at], [float(best.p90) * 1e3], "*", **star)
    saturated = found.saturation[0] * found.saturation[2]
    for axes in (left, right):
        axes.axvline(saturated, color="#999999", linestyle=":", linewidth=1, label="saturated")
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
        axes.set_xlabel("items in flight")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    if found.bound is not None:
        if found.bound * 1e3 < right.get_ylim()[1]:
            right.axhline(found.bound * 1e3, color="#cc0000", linewidth=1)
        right.set_title(f"a run may take {found.bound * 1e3:.4g} ms", loc="left", fontsize=10)
    left.set_ylabel("items/s")
    right.set_ylabel("ms (90 %)")
    left.legend(frameon=False, fontsize=8)
