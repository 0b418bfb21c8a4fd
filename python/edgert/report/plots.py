"""The report's plots, as SVG text that can stand inside HTML."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import missing_package

STAGE_COLOURS = {
    "decode": "#999999",
    "inbox": "#f0e442",
    "transform": "#56b4e9",
    "queue": "#e69f00",
    "model": "#0072b2",
}
STAGE_WORDS = {
    "decode": "decoding",
    "inbox": "waiting at the sensor",
    "transform": "preparing inputs, reading outputs",
    "queue": "waiting for a free core",
    "model": "running models",
}
LINES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000")
WIDTH = 9.0  # inches
DONE, WANTED = "#0072b2", "#cfe3f1"


def require() -> None:
    """Raises UnavailableError, with what to install, when there is nothing to plot with."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise missing_package("report", "matplotlib", "report") from error


def _figure(height: float) -> tuple[Any, Any]:
    require()
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update({"svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"})
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    return text.getvalue().split("?>", 1)[1].split('dtd">', 1)[-1]


def stages(means: Mapping[str, Mapping[str, float]]) -> str:
    """Bars: mean milliseconds of each stage, by pipeline."""
    names = list(means)
    figure, axes = _figure(1.3 + 0.34 * len(names))
    left = [0.0] * len(names)
    for stage, colour in STAGE_COLOURS.items():
        widths = [means[name].get(stage, 0.0) for name in names]
        axes.barh(names, widths, left=left, color=colour, label=STAGE_WORDS[stage], height=0.65)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    for row, end in enumerate(left):
        axes.annotate(f"{end:.1f} ms", (end, row), xytext=(4, 0), textcoords="offset points", va="center")
    axes.invert_yaxis()
    axes.set_xlabel("milliseconds, mean of all results")
    axes.margins(x=0.1, y=0.02)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return _svg(figure)


def rates(times: Sequence[float], series: Mapping[str, Sequence[float]], unit: str) -> str:
    """Lines: a rate over time, by name."""
    figure, axes = _figure(2.6)
    for index, (name, values) in enumerate(series.items()):
        style = "-" if index < len(LINES) else "--"
        colour = LINES[index % len(LINES)]
        axes.plot(times[-len(values) :], values, style, color=colour, label=name, linewidth=1.6)
    axes.set_xlabel("seconds since the start")
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    if series:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return _svg(figure)


def shared(rows: Sequence[tuple[str, int, int]]) -> str:
    """Bars: how often each node ran, over how often it was wanted. Rows: name, executed, wanted."""
    figure, axes = _figure(0.9 + 0.3 * len(rows))
    names = [name for name, _, _ in rows]
    axes.barh(names, [asked for _, _, asked in rows], color=WANTED, height=0.7, label="wanted")
    axes.barh(names, [done for _, done, _ in rows], color=DONE, height=0.4, label="done")
    for row, (_, done, asked) in enumerate(rows):
        axes.annotate(
            f"{done} for {asked}", (asked, row), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.invert_yaxis()
    axes.margins(x=0.12, y=0.02)
    axes.set_xlabel("times")
    axes.legend(loc="lower right", frameon=False)
    return _svg(figure)
