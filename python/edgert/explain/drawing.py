"""The picture of a plan: sensors left, models right of them, pipelines last; colours are applications'."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Any

from ..errors import InvalidError, make, missing_package
from ..writing import writing
from .boxes import MODEL, PIPELINE, SENSOR, Box, boxes
from .layout import Route, arrange
from .saved import saved, sentences
from .ways import Explanation

# Okabe and Ito's colours, which people who see colours differently can tell apart.
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")
COLOURS = (*OKABE_ITO, "#332288", "#882255", "#117733", "#999933")  # and of Tol's muted ones
SHARED, INK, PAPER = "#4d4d4d", "#1a1a1a", "#ffffff"
FILL = {SENSOR: "#eceff1", MODEL: "#fff8e6"}
LINE = 0.17  # inches a line of text
LETTER = 0.068  # inches a letter, about
ROOM = 0.75  # inches between columns
ROW = 0.2  # inches a row of the legend
ONCE, WAITS = "computed once, wanted so often", "runs only while that condition is open"
SUFFIXES = (".svg", ".png", ".pdf")


def draw(explanation: Explanation, file: Path) -> None:
    """Writes the picture; the file's ending says how. Raises InvalidError, UnavailableError, OSError."""
    if file.suffix.lower() not in SUFFIXES:
        raise make(
            InvalidError, str(file), f"pictures are {', '.join(SUFFIXES)}", "give the file such an ending"
        )
    made = boxes(explanation)
    if not made:
        raise make(InvalidError, str(file), "the plan has no pipelines to draw", "add a Pipeline document")
    _Drawing(made, explanation).save(file)


class _Drawing:
    def __init__(self, made: list[Box], explanation: Explanation) -> None:
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise missing_package("pictures", "matplotlib", "report") from error
        self.boxes = made
        self.times = (
            "times: before and of models measured here, each alone; others as stated"
            if explanation.measured
            else "times: as operations are stated to take"
        )
        found = saved(explanation)
        asked = f"{found.nodes} nodes do what {found.asked_for} are asked for"
        self.saved = "; ".join([asked, *sentences(found)])
        applications = explanation.planned.applications
        self.colours = {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(applications)}
        lines, self.routes = arrange(made)
        self.widths = _widths(made)
        self.lefts = [sum(self.widths[:index]) + index * ROOM + 0.3 for index in range(len(self.widths))]
        self.width = self.lefts[-1] + self.widths[-1] + 0.3
        self.keys = _rows([*self.colours, ONCE, WAITS], self.width)
        self.notes = [*self._wrapped(self.times), *self._wrapped(self.saved)]
        self.top = 0.35 + ROW * len(self.keys) + LINE * len(self.notes)
        self.height = lines * LINE + self.top + 0.2
        self.figure = Figure(figsize=(self.width, self.height), facecolor=PAPER)
        self.axes: Any = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        self.axes.axis("off")

    def save(self, file: Path) -> None:
        import matplotlib

        for route in self.routes:
            self._line(route)
        for box in self.boxes:
            self._box(box)
        self._legend()
        with matplotlib.rc_context({"svg.fonttype": "none"}), writing(file):
            self.figure.savefig(file, dpi=150)

    def _place(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, width and height in inches."""
        height = box.height * LINE
        return self.lefts[box.column], box.y * LINE - height / 2 + self.top, self.widths[box.column], height

    def _box(self, box: Box) -> None:
        from matplotlib.patches import FancyBboxPatch, Rectangle

        left, top, width, height = self._place(box)
        edge = self._colour(box)
        shape = FancyBboxPatch(
            (left, top),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=edge if box.kind == PIPELINE else FILL.get(box.kind, PAPER),
            edgecolor=edge,
            linewidth=2.0 if box.shared else 1.1,
            zorder=3,
        )
        self.axes.add_patch(shape)
        if box.kind != PIPELINE:
            for index, name in enumerate(box.applications):
                part = height / len(box.applications)
                stripe = Rectangle(
                    (left, top + index * part), 0.07, part, facecolor=self.colours[name], zorder=4
                )
                stripe.set_clip_path(shape)
                self.axes.add_patch(stripe)
        self._text(box, left + 0.16, top)
        if box.shared:
            self._badge(left + width, top, f"×{box.shared}")

    def _text(self, box: Box, left: float, top: float) -> None:
        for index, line in enumerate(box.lines):
            main = index == 0 and box.kind in (SENSOR, PIPELINE, MODEL)
            self.axes.text(
                left,
                top + (index + 1.05) * LINE,
                line,
                fontsize=8.2,
                weight="bold" if main else "normal",
                color=_readable(self._colour(box)) if box.kind == PIPELINE else INK,
                verticalalignment="center",
                zorder=5,
            )

    def _badge(self, x: float, y: float, said: str) -> None:
        style = {"boxstyle": "round,pad=0.25", "facecolor": SHARED, "edgecolor": PAPER, "linewidth": 0.8}
        self.axes.text(
            x - 0.04, y, said, fontsize=7, weight="bold", color=PAPER, ha="center", va="center", bbox=style,
            zorder=6,
        )  # fmt: skip

    def _line(self, route: Route) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path as Curve

        points: list[tuple[float, float]] = []
        kinds: list[Any] = []
        for box in [route.first, *route.vias, route.second]:
            left, top, width, height = self._place(box)
            y = top + height / 2
            if points:
                x, before = points[-1]
                points += [((x + left) / 2, before), ((x + left) / 2, y), (left, y)]
                kinds += [Curve.CURVE4] * 3
            if box is not route.second:
                points.append((left + width, y))
                kinds.append(Curve.LINETO if kinds else Curve.MOVETO)
        end = route.second if len(route.second.applications) == 1 else route.first
        style = "--" if route.waits else "-"
        self.axes.add_patch(
            PathPatch(
                Curve(points, kinds), fill=False, edgecolor=self._colour(end), linewidth=1.2,
                linestyle=style, alpha=0.75, zorder=1,
            )
        )  # fmt: skip

    def _legend(self) -> None:
        for row, keys in enumerate(self.keys):
            y = 0.3 + row * ROW
            for x, said in keys:
                self._key(x, y, said)
                self.axes.text(x + _sign(said), y, said, fontsize=8.5, va="center", color=INK)
        y = 0.3 + len(self.keys) * ROW
        plain = len(self._wrapped(self.times))
        for index, line in enumerate(self.notes):
            style = {"color": SHARED} if index < plain else {"color": INK, "weight": "bold"}
            self.axes.text(0.3, y + index * LINE, line, fontsize=7.5, va="center", **style)

    def _key(self, x: float, y: float, said: str) -> None:
        """The sign before a word of the legend."""
        if said == ONCE:
            self._badge(x + 0.2, y, "×2")
        elif said == WAITS:
            self.axes.plot([x, x + 0.4], [y, y], linestyle="--", color=INK, linewidth=1.2)
        else:
            self.axes.plot([x + 0.06], [y], marker="s", color=self.colours[said], markersize=8)

    def _wrapped(self, said: str) -> list[str]:
        return wrap(said, max(20, int((self.width - 0.6) / LETTER)))

    def _colour(self, box: Box) -> str:
        return self.colours[box.applications[0]] if len(box.applications) == 1 else SHARED


def _sign(said: str) -> float:
    """Inches that the sign before a word of the legend takes."""
    return {ONCE: 0.45, WAITS: 0.5}.get(said, 0.2)


def _rows(words: list[str], width: float) -> list[list[tuple[float, str]]]:
    """The legend's words with their places from the left, in as many rows as the width asks for."""
    rows: list[list[tuple[float, str]]] = [[]]
    x = 0.3
    for said in words:
        takes = _sign(said) + len(said) * LETTER * 1.15
        if rows[-1] and x + takes > width - 0.1:
            rows.append([])
            x = 0.3
        rows[-1].append((x, said))
        x += takes + 0.2
    return rows


def _widths(made: list[Box]) -> list[float]:
    """Of each column, in inches."""
    longest = [0] * (max(box.column for box in made) + 1)
    for box in made:
        longest[box.column] = max(longest[box.column], *(len(line) for line in box.lines))
    return [0.35 + letters * LETTER for letters in longest]


def _readable(colour: str) -> str:
    """Ink or paper, whichever is told better from a colour (by ITU-R BT.601's luma)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else PAPER
