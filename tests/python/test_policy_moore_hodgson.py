"""The order moore-hodgson on the virtual clock, with models in pieces: where all is too much, more frames are
in time than by the earliest deadline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edgert import _native
from edgert.documents import read
from edgert.planner import plan
from edgert.policies.moore_hodgson import MooreHodgson
from edgert.policy import Order

PIECES = {"quick": 1, "middling": 3, "long": 8}  # of 2 ms each
PIECE_MS = 2.0
KINDS: dict[str, dict[str, Any]] = {"poisson": {"kind": "poisson"}, "bursts": {"kind": "bursts", "burst": 4}}
MODEL = """kind: Model
name: {name}
file: {name}.null
input: {{{fed}}}
"""
REST = """kind: Sensor
name: {name}
source: {{type: push, format: {{kind: table, columns: [x, y], rate: 1000, max_rows: 1}}}}
inbox: {{policy: queue, size: 1024, in_flight: 64}}
---
kind: Pipeline
name: {name}
sensor: {name}
latency: {bound}ms
on_miss: {on_miss}
steps: [{steps}]
"""


def documents(folder: Path, on_miss: str) -> Path:
    """A pipeline for each chain of pieces, which has three times what it takes alone."""
    texts = []
    for name, count in PIECES.items():
        steps = []
        for piece in range(count):
            model = f"{name}-{piece}"
            # Files that differ: equal ones are one model.
            ports = f"input x float32 1x2\noutput y float32 1x2\necho\n# {model}\n"
            (folder / f"{model}.null").write_text(ports, encoding="utf-8")
            fed = "features: {}" if piece else "table: {window: 1, shape: [1, 2]}"
            texts.append(MODEL.format(name=model, fed=fed))
            from_ = f", from: {name}-{piece - 1}.y" if piece else ""
            steps.append(f"{{name: {model}, model: {model}{from_}}}")
        bound = 3 * count * PIECE_MS
        texts.append(REST.format(name=name, bound=bound, on_miss=on_miss, steps=", ".join(steps)))
    (folder / "box.yaml").write_text("---\n".join(texts), encoding="utf-8")
    return folder / "box.yaml"


def simulation(folder: Path, order: str, load: float, kind: str, on_miss: str = "drop", seed: int = 5) -> Any:
    """Equal work of each chain, on two lanes."""
    spec = plan(read(documents(folder, on_miss))).spec
    assert spec is not None
    described = spec.describe()
    point = (1, 1, 1, PIECE_MS, 1.05 * PIECE_MS, 1.1 * PIECE_MS, 0.02)
    models = {index: {"threads": 1, "points": [point]} for index in range(len(described["models"]))}
    rows = {node["id"]: 1.0 for node in described["nodes"] if node["outputs"]}
    arrivals = {
        name: {**KINDS[kind], "period_ms": len(PIECES) * count * PIECE_MS / load / 2}
        for name, count in PIECES.items()
    }
    return _native.Simulation(spec, 2, order=order, models=models, rows=rows, arrivals=arrivals, seed=seed)


def total(made: Any, what: str) -> int:
    return sum(row[what] for row in made.metrics()["pipelines"].values())


@pytest.mark.parametrize(("kind", "load"), [("bursts", 0.7), ("bursts", 1.2), ("poisson", 1.5)])
def test_more_frames_are_in_time(tmp_path: Path, kind: str, load: float) -> None:
    missed = {}
    for order in ("edf", "moore-hodgson"):
        made = simulation(tmp_path, order, load, kind)
        made.run(20.0)
        missed[order] = total(made, "dropped")
    assert missed["moore-hodgson"] < 0.97 * missed["edf"]


def test_a_box_that_is_not_full_misses_no_more(tmp_path: Path) -> None:
    missed = {}
    for order in ("edf", "moore-hodgson"):
        made = simulation(tmp_path, order, 0.2, "poisson")
        made.run(20.0)
        missed[order] = total(made, "dropped")
    assert missed["moore-hodgson"] <= missed["edf"]


def test_every_frame_is_answered_once(tmp_path: Path) -> None:
    made = simulation(tmp_path, "moore-hodgson", 2.0, "bursts")
    made.run(20.0)
    metrics = made.metrics()
    for name in PIECES:
        row, sensor = metrics["pipelines"][f"default/{name}"], metrics["sensors"][name]
        answered = sum(row[what] for what in ("ok", "dropped", "late", "refused", "failed"))
        assert 0 <= sensor["frames"] - answered <= sensor["in_flight"] + sensor["waiting"], name
        assert row["ok"] > 0, name


def test_what_is_wanted_late_comes_under_lasting_overload(tmp_path: Path) -> None:
    made = simulation(tmp_path, "moore-hodgson", 1.5, "poisson", on_miss="late")
    made.run(20.0)
    rows = made.metrics()["pipelines"]
    for name in PIECES:
        row = rows[f"default/{name}"]
        assert row["late"] > 0 and row["ok"] + row["late"] > 100, name


def test_the_policy_says_the_order() -> None:
    assert MooreHodgson().order(None) == Order("moore-hodgson")  # type: ignore[arg-type]
