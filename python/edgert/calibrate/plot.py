"""The curve of savings against losses, as a picture or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgert.report import plots
from edgert.report.picture import save

from .calibration import Calibration
from .curve import Point

STAR: dict[str, Any] = {
    "color": "#d55e00", "markersize": 13, "zorder": 5, "linestyle": "", "clip_on": False,
}  # fmt: skip


def draw(calibration: Calibration, file: Path) -> None:
    """Draws into a picture (.svg, .png, .pdf) or a page (.html)."""
    title = f"edgert: what {calibration.pipeline.key}/{calibration.step.name} may reuse"
    save(_figure(calibration), file, title, told(calibration))


def told(calibration: Calibration) -> str:
    """The outcome in a sentence or two."""
    frames = len(calibration.recording.times)
    found = sum(map(len, calibration.recording.detections))
    best = calibration.best
    start = f"{frames} frames with {found} detections."
    if found * calibration.loss < 1 and calibration.loss:
        start += f" So few can't show a loss of {calibration.loss:.2%}: take more --seconds."
    if best is None or best.grid is None:
        return f"{start} No threshold saves anything at {calibration.loss:.2%} lost."
    return (
        f"{start} With a threshold of {best.threshold:g} levels on {best.grid[0]}x{best.grid[1]} cells "
        f"{best.saved:.1%} of the runs are saved, and {best.lost:.2%} of the detections are lost."
    )


def _figure(calibration: Calibration) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    axes = figure.subplots()
    lines: dict[str, list[Point]] = {}
    for point in [*calibration.scene, *calibration.age]:
        name = f"{point.grid[0]}x{point.grid[1]} cells" if point.grid else "max_age"
        lines.setdefault(name, []).append(point)
    for index, (name, points) in enumerate(lines.items()):
        style = "--" if points[0].grid is None else "-"
        color = plots.LINES[index % len(plots.LINES)]
        x, y = [100 * one.saved for one in points], [100 * one.lost for one in points]
        axes.plot(x, y, style, color=color, marker="o", markersize=3, linewidth=1.3, label=name)
    axes.axhline(100 * calibration.loss, color="#cc0000", linewidth=1, label="may be lost")
    if best := calibration.best:
        axes.plot([100 * best.saved], [100 * best.lost], "*", label="chosen", **STAR)
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("runs saved, %")
    axes.set_ylabel("detections lost, %")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    return figure
