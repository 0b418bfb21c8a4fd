"""The plots of bench/ablation.py's page, as SVG text that can stand inside HTML."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from parts.ablation.work import SIDES

COLOURS = {
    "all_on": "#222222", "no_sharing": "#d55e00", "no_acquisition": "#0072b2", "no_adaptive": "#cc79a7",
    "no_fusing": "#009e73",
}  # fmt: skip
MARKERS = {"all_on": "o", "no_sharing": "s", "no_acquisition": "^", "no_adaptive": "v", "no_fusing": "D"}
BOX, BY_HAND = "#0072b2", "#d9a441"
WIDTH = 9.6  # inches
WANTED = {"one": "each model for one application", "two": "each model for two applications"}

Results = Mapping[str, Mapping[str, Any]]
"""By scenario and number of models: rate, sides."""


def _figure(height: float, columns: int, **options: Any) -> tuple[Any, Any]:
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update({"svg.fonttype": "none", "font.size": 10, "font.family": "sans-serif"})
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    rows = figure.subplots(1, columns, squeeze=False, **options)[0]
    for axes in rows:
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
        axes.set_axisbelow(True)
    return figure, rows


def svg(figure: Any) -> str:
    """The picture; `draw` of the callers makes it, so that it can be saved as another kind, too."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    return text.getvalue().split("?>", 1)[1].split('dtd">', 1)[-1]


def _lines(axes: Any, places: Mapping[str, Any], value: Callable[[Mapping[str, Any]], float | None]) -> None:
    """A line a side, over the number of models. All on lies broad under the others, which stand a little
    apart so that equal ones show; what has no value stands at the upper edge, with a word."""
    counts = [int(count) for count in places]
    for index, (side, words) in enumerate(SIDES.items()):
        apart = 0.009 * (counts[-1] - counts[0] + 3) * (index - 2) if index else 0.0
        points = [(int(count) + apart, value(place["sides"][side])) for count, place in places.items()]
        known = [(x, y) for x, y in points if y is not None]
        style = {"color": COLOURS[side], "marker": MARKERS[side], "zorder": 2 if side == "all_on" else 3}
        axes.plot(
            [x for x, _ in known], [y for _, y in known], label=words.label, clip_on=False,
            linewidth=4 if side == "all_on" else 1.5, markersize=8 if side == "all_on" else 5, **style,
        )  # fmt: skip
        for x in (x for x, y in points if y is None):
            axes.plot([x], [1.0], transform=axes.get_xaxis_transform(), clip_on=False, markersize=6, **style)
            axes.annotate(
                "never", (x, 1.0), xycoords=axes.get_xaxis_transform(), xytext=(-6, -4),
                textcoords="offset points", ha="right", color=COLOURS[side], fontsize=9,
            )  # fmt: skip
    axes.set_xticks(counts)
    axes.set_xlabel("models")
    axes.set_xlim(counts[0] - 0.7, counts[-1] + 0.7)


def _logarithmic(axes: Any) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")


def _legend(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9.5)


def by_models(results: Results, key: str, unit: str, log: bool = False) -> Any:
    """A panel a scenario: `key` over the number of models, by side."""
    shown = [scenario for scenario in WANTED if results.get(scenario)]
    figure, rows = _figure(3.7, len(shown), sharey=True)
    for scenario, axes in zip(shown, rows, strict=True):
        _lines(axes, results[scenario], lambda side: side[key])
        axes.set_title(WANTED[scenario], loc="left", fontsize=10.5)
    if log:
        _logarithmic(rows[0])
    else:
        rows[0].set_ylim(0, 1.08 * rows[0].get_ylim()[1])  # of all panels, once all lines are there
    rows[0].set_ylabel(unit)
    _legend(figure, rows[0])
    return figure


def latencies(places: Mapping[str, Any]) -> Any:
    """p99 of the quick models, and what was missed of all, over the number of models."""
    figure, (left, right) = _figure(3.7, 2)
    _lines(left, places, lambda side: side["p99_quick_ms"])
    left.axhline(100, color="#cc0000", linewidth=1, linestyle=(0, (4, 3)))
    left.annotate("their bound", (0, 100), xycoords=left.get_yaxis_transform(), xytext=(4, 3),
                  textcoords="offset points", color="#cc0000", fontsize=9)  # fmt: skip
    _logarithmic(left)
    left.set_title("what somebody waits for: 99 % come within", loc="left", fontsize=10.5, pad=10)
    left.set_ylabel("milliseconds")
    _lines(right, places, lambda side: 100 * side["missed"])
    right.set_title("missed of all that was asked", loc="left", fontsize=10.5, pad=10)
    right.set_ylabel("%")
    right.set_ylim(0, max(5.0, 1.08 * right.get_ylim()[1]))
    _legend(figure, left)
    return figure


def ratios(rows: Sequence[tuple[str, Mapping[str, float]]], titles: Mapping[str, str]) -> Any:
    """Bars: what a side has over all on. Rows: a side and its quotient by figure."""
    figure, panels = _figure(0.9 + 0.42 * len(rows), len(titles), sharey=True)
    for (key, title), axes in zip(titles.items(), panels, strict=True):
        values = [row[key] for _, row in rows]
        names = [SIDES[side].label for side, _ in rows]
        axes.barh(names, [value - 1 for value in values], left=1, height=0.6,
                  color=[COLOURS[side] for side, _ in rows])  # fmt: skip
        for index, value in enumerate(values):
            axes.annotate(
                f"{value:.2f}×", (max(value, 1.0), index), xytext=(5, 0), textcoords="offset points",
                va="center", fontsize=9,
            )  # fmt: skip
        axes.axvline(1, color="#222222", linewidth=1.2)
        span = max(0.25, *(abs(value - 1) for value in values))
        low = min(0.0, *(value - 1 for value in values))
        axes.set_xlim(max(0.0, 1 + 1.1 * low - 0.05 * span), 1 + 1.4 * span)
        axes.set_title(title, loc="left", fontsize=10.5)
        axes.grid(visible=False, axis="y")
        axes.grid(axis="x", color="#e6e6e6", linewidth=0.8)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    panels[0].invert_yaxis()
    return figure


def changes(effort: Mapping[str, Any]) -> Any:
    """Bars: lines that a change writes, in documents and by hand."""
    rows = [(row["what"], row["box"]["lines"], row["by_hand"]["lines"])
            for name, row in effort.items() if name != "base"]  # fmt: skip
    figure, (axes,) = _figure(0.9 + 0.62 * len(rows), 1)
    for offset, index, colour, label in ((-0.19, 1, BOX, "documents"), (0.19, 2, BY_HAND, "by hand")):
        places = [place + offset for place in range(len(rows))]
        values = [row[index] for row in rows]
        axes.barh(places, values, height=0.34, color=colour, label=label)
        for place, value in zip(places, values, strict=True):
            axes.annotate(f"{value}", (value, place), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [_wrapped(row[0]) for row in rows])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("lines written")
    axes.legend(loc="lower right", frameon=False)
    return figure


def _wrapped(words: str) -> str:
    return words.replace(", ", ",\n", 1)
