"""How results end: each counts once, in the metrics, the summary, the live views and the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_boxes import PICKS, picker
from edgert import Runtime
from edgert.cli.live import line, tables
from edgert.cli.summary import summary
from edgert.report.outcomes import OUTCOMES

BOX = (
    PICKS
    + """---
kind: Pipeline
name: hopeless
sensor: watch
latency: 1us
steps: [{name: out, transform: table.select, from: frame}]
---
kind: Pipeline
name: late
sensor: watch
latency: 1us
on_miss: late
steps: [{name: out, transform: table.select, from: frame}]
---
kind: Pipeline
name: quiet
sensor: watch
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: loud, condition: {from: rows, above: 1000000, index: 0}}
  - {name: out, transform: table.select, from: frame, when: loud}
outputs: [out]
"""
)


@pytest.fixture
def figures(tmp_path: Path) -> dict[str, Any]:
    """The metrics of three frames, of which the second makes the model fail."""
    picker(tmp_path / "pick.onnx")
    (tmp_path / "box.yaml").write_text(BOX)
    with Runtime(tmp_path / "box.yaml") as runtime:
        results = {name: runtime.results(name, timeout=20) for name in ("picks", "late", "quiet")}
        seen: dict[str, list[str]] = {name: [] for name in results}
        for at in (0, 999, 2):
            runtime.push("watch", np.array([[at]], np.float32))
            for name, each in results.items():
                seen[name].append(next(each).outcome)
        metrics = runtime.metrics()
        text = runtime.prometheus()
    return {"metrics": metrics, "seen": seen, "prometheus": text}


def test_each_result_counts_once(figures: dict[str, Any]) -> None:
    assert figures["seen"] == {
        "picks": ["ok", "failed", "ok"],
        "late": ["late"] * 3,
        "quiet": ["skipped"] * 3,
    }
    rows = figures["metrics"]["pipelines"]
    for row in rows.values():
        assert sum(row[outcome] for outcome in OUTCOMES) == row["results"]
    counted = {
        name.split("/")[1]: {key: row[key] for key in OUTCOMES if row[key]} for name, row in rows.items()
    }
    assert counted["picks"] == {"ok": 2, "failed": 1}
    assert counted["late"] == {"late": 3} and counted["quiet"] == {"skipped": 3}
    hopeless = rows["default/hopeless"]
    assert hopeless["dropped"] + hopeless["refused"] == 3 and hopeless["ok"] == hopeless["late"] == 0


def test_prometheus_counts_by_outcome(figures: dict[str, Any]) -> None:
    found = re.findall(
        r'results_total\{pipeline="default/picks",outcome="(\w+)"\} (\d+)', figures["prometheus"]
    )
    assert dict(found) == {
        "ok": "2",
        "late": "0",
        "skipped": "0",
        "dropped": "0",
        "failed": "1",
        "stale": "0",
    }
    assert 'edgert_pipeline_latency_seconds{pipeline="default/quiet"' not in figures["prometheus"]
    assert 'op="source"' not in figures["prometheus"]


def test_views_say_what_ended_how_and_no_latency_without_answers(figures: dict[str, Any]) -> None:
    metrics = figures["metrics"]
    text = "\n".join(summary(metrics, {"watch": 4}, {}))
    assert "pipeline default/picks: 3 results: 2 ok, 1 failed; answers in " in text
    assert "pipeline default/quiet: 3 results: 3 skipped; no answers, so no latency" in text
    assert "pipeline default/late: 3 results: 3 late; answers in " in text
    assert re.search(r"default/picks \S+/s \d+ ms \(1 failed\)", line(metrics))
    assert re.search(r"default/quiet \S+/s – ms", line(metrics))

    from rich.console import Console

    console = Console(width=140, record=True)
    console.print(tables(metrics))
    (shown,) = re.findall(r"default/late .*", console.export_text())
    assert [word for word in re.split(r"[\s│]+", shown) if word][-6:] == ["0", "3", "0", "0", "0", "0"]


def test_what_works_itself_out_is_counted_and_a_source_is_no_node(figures: dict[str, Any]) -> None:
    nodes = figures["metrics"]["nodes"]
    assert {node["op"] for node in nodes} & {"source", "region"} == set()
    (gate,) = [node for node in nodes if node["op"] == "gate"]
    assert gate["executed"] == 3 and gate["demanded"] == 3
