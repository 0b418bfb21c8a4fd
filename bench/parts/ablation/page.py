"""The page of bench/ablation.py: one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from parts.ablation import plots
from parts.ablation.work import ORDER, SIDES

PAGE = Path(__file__).parent / "page.html"
COLUMNS = {
    "rounds_s": "rounds/s", "cpu_ms": "CPU ms a round", "pss_mib": "MiB", "p99_ms": "99 % within, ms",
    "p99_quick_ms": "of the quick ones, ms", "missed": "missed",
}  # fmt: skip
RATIOS = {"rounds_s": "rounds a second", "cpu_ms": "CPU time a round", "pss_mib": "memory"}
TILES = {
    "no_sharing": ("cpu_ms", "the CPU time without sharing"),
    "no_acquisition": ("cpu_ms", "the CPU time when each reads its sensor itself"),
    "no_fusing": ("cpu_ms", "the CPU time without fusing"),
    "no_adaptive": ("p99_quick_ms", "the latency (99 %) without adaptive scheduling"),
}


def write(path: Path, figures: Mapping[str, Any]) -> None:
    """Writes the page. Raises UnavailableError without matplotlib."""
    from edgert.report import require

    require()
    results = {scenario: figures[scenario] for scenario in plots.WANTED if figures.get(scenario)}
    shown = {name: plots.svg(figure) for name, figure in drawn(figures).items()}
    scenario, count = _most(results)
    parts = {
        "machine": escape(_machine(figures["machine"])),
        "order": escape(", ".join(ORDER)),
        "tiles": _tiles(results[scenario][count]["sides"]),
        "where": escape(f"{count} models, {plots.WANTED[scenario]}"),
        "tables": "".join(_table(scenario, places) for scenario, places in results.items()),
        "changes_table": _effort(figures["effort"]),
        "base": _base(figures["effort"]),
        **{name: shown.get(name, "") for name in PICTURES},
    }
    path.write_text(Template(PAGE.read_text(encoding="utf-8")).substitute(parts), encoding="utf-8")


PICTURES = ("ratios", "throughput", "latencies", "cpu", "memory", "changes")


def drawn(figures: Mapping[str, Any]) -> dict[str, Any]:
    """All plots, as matplotlib's figures, by name."""
    results = {scenario: figures[scenario] for scenario in plots.WANTED if figures.get(scenario)}
    scenario, count = _most(results)
    sides = results[scenario][count]["sides"]
    return {
        "ratios": plots.ratios(
            [(side, {key: row[key] / sides["all_on"][key] for key in RATIOS})
             for side, row in sides.items() if side != "all_on"],
            RATIOS,
        ),
        "throughput": plots.by_models(results, "rounds_s", "rounds a second", log=True),
        "latencies": plots.latencies(results.get("one") or results[scenario]),
        "cpu": plots.by_models(results, "cpu_ms", "CPU milliseconds a round"),
        "memory": plots.by_models(results, "pss_mib", "MiB (proportional set size)"),
        **({"changes": plots.changes(figures["effort"])} if figures.get("effort") else {}),
    }  # fmt: skip


def _most(results: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """The scenario and the number of models where most is to be shared."""
    scenario = list(results)[-1]
    return scenario, max(results[scenario], key=int)


def _machine(here: Mapping[str, Any]) -> str:
    return f"{here['cpu']}, {here['cores']} cores, load {here['load']} at the start, Python {here['python']}"


def _tiles(sides: Mapping[str, Mapping[str, Any]]) -> str:
    tiles = []
    for side, (key, words) in TILES.items():
        own, full = sides[side][key], sides["all_on"][key]
        number = f"{own / full:.2f}×" if own is not None and full else "never"
        tiles.append(f"<div class=tile><b>{number}</b>{escape(words)}</div>")
    return "".join(tiles)


def _table(scenario: str, places: Mapping[str, Any]) -> str:
    header = ["models", "at", "", *COLUMNS.values()]
    rows = [
        [count, f"{place['rate']:.1f}/s", SIDES[side].label, *(_cell(key, row[key]) for key in COLUMNS)]
        for count, place in places.items()
        for side, row in place["sides"].items()
    ]
    return f"<h3>{escape(plots.WANTED[scenario].capitalize())}</h3>" + _rows(header, rows, words=(2,))


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "never"
    return f"{value:.1%}" if key == "missed" else f"{value:.1f}"


def _effort(effort: Mapping[str, Any]) -> str:
    header = ["change", "", "lines written", "removed", "files", "commands"]
    sides = {"box": "documents", "by_hand": "by hand"}
    rows = [
        [row["what"] if side == "box" else "", words]
        + [row[side][key] for key in ("lines", "removed", "files", "commands")]
        for name, row in effort.items()
        if name != "base"
        for side, words in sides.items()
    ]
    return _rows(header, rows, words=(0, 1)) if rows else ""


def _base(effort: Mapping[str, Any]) -> str:
    if not effort:
        return ""
    lines = {side: effort["base"][side]["lines"] for side in ("box", "by_hand")}
    return f"Before any change, the documents have {lines['box']} lines and the program {lines['by_hand']}."


def _rows(header: Sequence[str], rows: Sequence[Sequence[object]], words: Sequence[int]) -> str:
    def cells(tag: str, row: Sequence[object]) -> str:
        return "".join(
            f"<{tag}{' class=words' if index in words else ''}>{escape(str(cell))}"
            for index, cell in enumerate(row)
        )

    return (
        f"<table><tr>{cells('th', header)}" + "".join(f"<tr>{cells('td', row)}" for row in rows) + "</table>"
    )
