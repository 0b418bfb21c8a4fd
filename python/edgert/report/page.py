"""The report's page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from ..writing import writing
from . import plots
from .history import History
from .labels import labels
from .memory import ModelBytes, memory_tiles
from .outcomes import MEANING, NONE, OUTCOMES, count, latency
from .savings import CONTROL, dropped, saved_seconds, savings, wanted

WORDS = {
    "decodes": "frames were read and decoded",
    "models": "models ran",
    "transforms": "the steps around them, which prepare inputs and read outputs, ran",
}
NO_MODELS = ModelBytes()
SHOWN = 24  # nodes in the plot of what was shared


def write(
    path: str | Path,
    history: History,
    metrics: Mapping[str, Any],
    users: Mapping[str, int],
    nodes: Sequence[Mapping[str, Any]] = (),
    picture: bytes | None = None,
    title: str = "edgert: report of a run",
    said: Sequence[str] = (),
    lead: str = "",
    models: ModelBytes = NO_MODELS,
) -> Path:
    """Writes one HTML file that needs no other. `users`: pipelines on each sensor; `nodes`: of
    PlanSpec.describe(), for their names; `picture`: PNG; `lead`: a first
    paragraph, `said`: further sentences for the top; `models`: what their files take. Raises
    UnavailableError without matplotlib."""
    template = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    names = labels(nodes)
    parts = {
        "title": escape(title),
        "words": "".join(f"<p>{escape(text)}</p>" for text in (lead, *in_words(metrics, users)) if text),
        "said": "".join(f"<li>{escape(text)}" for text in said),
        "tiles": _tiles(metrics, users, models),
        "picture": _picture(picture),
        "stages": plots.stages(history.stages()) if history.stages() else "",
        "sensors": plots.rates(history.times, history.sensor_rates, "frames a second"),
        "pipelines": plots.rates(history.times, history.pipeline_rates, "results a second"),
        "shared": plots.shared(shared_rows(metrics, names)),
        "tables": _tables(metrics, names),
    }
    target = Path(path)
    with writing(target):
        target.write_text(template.substitute(parts), encoding="utf-8")
    return target


def in_words(metrics: Mapping[str, Any], users: Mapping[str, int]) -> list[str]:
    """What happened, for a person who has never heard of edgert."""
    applications = {name.split("/")[0] for name in metrics["pipelines"]}
    frames = sum(int(row.get("frames", 0)) for row in metrics["sensors"].values())
    results = sum(int(row["results"]) for row in metrics["pipelines"].values())
    sensors, asked = count(len(metrics["sensors"]), "sensor"), count(len(metrics["pipelines"]), "kind")
    models, owners = count(len(metrics["models"]), "model"), count(len(applications), "application")
    ran = (
        f"One process read {sensors} for {metrics['uptime_s']:.0f} seconds and ran {models} on them for "
        f"{owners}, which asked for {asked} of results. {count(frames, 'frame')} came in, "
        f"{count(results, 'result')} went out."
    )
    shared = [
        f"{WORDS[kind]} {value.done:,} times" + (f", not {value.wanted:,}" if value.saved else "")
        for kind, value in savings(metrics, users).items()
        if value.wanted
    ]
    once = "Each thing that several of them needed was done once. "
    if (seconds := saved_seconds(metrics)) >= 0.1:
        shared.append(f"that saved {seconds:,.1f} seconds of a processor core")
    return [ran, *([f"{once}{_capital('; '.join(shared))}."] if shared else [])]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def shared_rows(metrics: Mapping[str, Any], names: Mapping[int, str]) -> list[tuple[str, int, int]]:
    """(name, executed, wanted): models first, then what else was shared, most beyond what it ran first.

    Without either, all that ran."""
    ran = [node for node in metrics["nodes"] if node["op"] not in CONTROL and wanted(node)]
    nodes = [node for node in ran if _told(node)] or ran
    nodes.sort(key=lambda node: (node["op"] != "model", int(node["executed"]) - wanted(node)))
    return [
        (names.get(int(node["id"]), node["name"]), int(node["executed"]), wanted(node))
        for node in nodes[:SHOWN]
    ]


def _told(node: Mapping[str, Any]) -> bool:
    """Models, and what else was shared."""
    return bool(node["op"] == "model" or wanted(node) > int(node["executed"]))


def _tiles(metrics: Mapping[str, Any], users: Mapping[str, int], models: ModelBytes) -> str:
    words = {
        "decodes": "frame decodings",
        "transforms": "steps around models",
        "models": "model runs",
    }
    tiles = [
        (f"{value.saved:,}", f"of {value.wanted:,} {words[kind]} saved")
        for kind, value in savings(metrics, users).items()
        if value.wanted
    ]
    if (seconds := saved_seconds(metrics)) >= 0.1:
        tiles.append((f"{seconds:,.1f} s", "of a processor core saved by sharing"))
    tiles += memory_tiles(metrics, models)
    return "".join(f"<div class=tile><b>{number}</b>{escape(text)}</div>" for number, text in tiles)


def _picture(picture: bytes | None) -> str:
    if picture is None:
        return ""
    data = base64.b64encode(picture).decode("ascii")
    return (
        f'<img alt="annotated picture" src="data:image/png;base64,{data}">'
        "<p class=note>A frame of each camera, and what each pipeline (application/name) said of it, in its "
        "colour. What came from another sensor at that time has that sensor's name.</p>"
    )


def _tables(metrics: Mapping[str, Any], names: Mapping[int, str]) -> str:
    pipelines = [
        (
            name,
            row["results"],
            *(row[outcome] for outcome in OUTCOMES),
            f"{row['rate']:.1f}",
            latency(row),
            latency(row, "p99"),
        )
        for name, row in metrics["pipelines"].items()
    ]
    models = [
        (
            names.get(int(node["id"]), node.get("model", node["name"])),
            node["executed"],
            wanted(node),
            node["skipped"],
            f"{node['run_ms_mean']:.2f}",
            f"{node['run_ms_p99']:.2f}",
            ", ".join(node["applications"]),
        )
        for node in metrics["nodes"]
        if node["op"] == "model"
    ]
    sensors = [
        (
            name,
            row.get("frames", 0),
            f"{row.get('fps', 0):.1f}",
            sum(dropped(row).values()),
            row.get("reconnects", 0),
            row.get("stalls", 0),
            row.get("state", ""),
            row.get("reason", ""),
        )
        for name, row in metrics["sensors"].items()
    ]
    return (
        _table(
            "Sensors",
            ("sensor", "frames", "a second", "dropped", "reconnects", "stalls", "state", "reason"),
            sensors,
        )
        + _table(
            "Pipelines",
            (
                "pipeline",
                "results",
                *OUTCOMES,
                "a second",
                "latency ms (median)",
                "(99 % are below)",
            ),
            pipelines,
        )
        + _note("Each result counts once: " + "; ".join(f"{key}: {text}" for key, text in MEANING.items()))
        + _table(
            "Models",
            ("model", "runs", "wanted", "skipped", "run ms (mean)", "(99 % are below)", "for"),
            models,
        )
    )


def _note(text: str) -> str:
    return f"<p class=note>{escape(text)}. Latency is of the answers: results that are ok or late.</p>"


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    kinds = [_kind([row[column] for row in rows]) for column in range(len(header))]
    head = _cells("th", header, kinds)
    body = "".join(f"<tr>{_cells('td', row, kinds)}" for row in rows)
    return f"<h3>{escape(title)}</h3><table><tr>{head}{body}</table>"


def _cells(tag: str, cells: Sequence[object], kinds: Sequence[str]) -> str:
    return "".join(f"<{tag}{kind}>{escape(str(cell))}" for cell, kind in zip(cells, kinds, strict=True))


def _kind(column: Sequence[object]) -> str:
    """Words stand left, numbers right."""
    numbers = all(
        str(cell) == NONE or str(cell).replace(".", "").replace(",", "").isdigit() for cell in column
    )
    return "" if numbers else " class=words"
