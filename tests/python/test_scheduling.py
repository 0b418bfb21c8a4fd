"""Orders, limits and misses as documents say them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import edgert
import numpy as np
import pytest
from click.testing import CliRunner
from edgert.cli import main
from edgert.documents import DocumentErrors, load
from edgert.errors import InvalidError

BOX = """\
kind: Sensor
name: rows
source: {type: push, format: {kind: table, columns: [x, y], rate: 100, max_rows: 1}}
inbox: {policy: queue, size: 64, in_flight: 32}
---
kind: Model
name: echo
file: echo.null
input: {table: {window: 1, shape: [1, 2]}}
---
kind: Application
name: shop
weight: 2
---
kind: Scheduler
name: box
order: fair
---
kind: Pipeline
name: p
application: shop
sensor: rows
steps:
  - {name: echo, model: echo}
"""


def write(folder: Path, text: str = BOX, delay_us: int = 0) -> Path:
    model = f"input x float32 1x2\noutput y float32 1x2\necho\ndelay_us {delay_us}\n"
    (folder / "echo.null").write_text(model)
    file = folder / "box.yaml"
    file.write_text(text)
    return file


def problems(folder: Path, text: str) -> str:
    with pytest.raises(DocumentErrors) as caught:
        edgert.Runtime(write(folder, text))
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("weight: 2", "weight: -1", "box.yaml:13: Application/shop: 'weight' is -1; write more than 0"),
        ("weight: 2", "share: 1.5", "box.yaml:13: Application/shop: 'share' is 1.5"),
        ("weight: 2", "share: 0", "box.yaml:13: Application/shop: 'share' is 0"),
        ("weight: 2", "queue_limit: 0", "box.yaml:13: Application/shop: 'queue_limit' is 0"),
        ("weight: 2", "rate_limit: 0", "box.yaml:13: Application/shop"),
        ("weight: 2", "memory_limit: 0", "box.yaml:13: Application/shop: 'memory_limit' is 0"),
        ("weight: 2", "priority: 1.5", "box.yaml:13: Application/shop: 'priority' is 1.5"),
        ("order: fair", "order: rank", "box.yaml:17: Scheduler/box: 'order' is 'rank'"),
        ("order: fair", "ageing: 0ms", "box.yaml:17: Scheduler/box"),
        ("order: fair", "ageing: 25h", "box.yaml:17: Scheduler/box: 'ageing' is '25h'; write at most 24h"),
        ("order: fair", "order: edf\n---\nkind: Scheduler\nname: b", "box.yaml:20: Scheduler/b: there is a"),
        (
            "sensor: rows\n",
            "sensor: rows\nevery: 2000000\n",
            "Pipeline/shop/p: 'every' is 2000000; write at most",
        ),
        (
            "echo.null",
            "echo.null\ndevice: npu",
            "there is no Device 'npu'; leave device out for the processor",
        ),
    ],
)
def test_what_can_not_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in problems(tmp_path, BOX.replace(old, new))


def test_a_model_beyond_the_memory_limit_is_refused(tmp_path: Path) -> None:
    text = problems(tmp_path, BOX.replace("weight: 2", "memory_limit: 20"))
    assert "Pipeline/shop/p" in text and "needs" in text and "of its 20 B, 20 B is left" in text


def test_the_order_of_the_document_and_another_while_running(tmp_path: Path) -> None:
    assert load(write(tmp_path)).scheduler.order == "fair"
    with edgert.Runtime(tmp_path) as runtime:
        for order in ("fifo", "edf", "slack", "priority", "fair", "moore-hodgson"):
            runtime.set_order(order)
            runtime.push("rows", np.zeros((1, 2), np.float32))
        with pytest.raises(InvalidError, match="known are: fifo, edf, slack, priority, fair, moore-hodgson"):
            runtime.set_order("rank")
    metrics = runtime.metrics()
    assert metrics["pipelines"]["shop/p"]["ok"] == 6
    assert metrics["applications"]["shop"]["weight"] == 2
    assert metrics["applications"]["shop"]["device_s"] > 0
    assert 'edgert_application_device_seconds_total{application="shop"}' in runtime.prometheus()


def test_a_queue_limit_refuses_and_counts(tmp_path: Path) -> None:
    write(tmp_path, BOX.replace("weight: 2", "queue_limit: 1"), delay_us=100_000)
    with edgert.Runtime(tmp_path) as runtime:
        for _ in range(3):
            runtime.push("rows", np.zeros((1, 2), np.float32))
    metrics = runtime.metrics()
    assert metrics["pipelines"]["shop/p"]["not_admitted"] == {"queue": 2, "rate": 0, "share": 0, "no time": 0}
    assert metrics["sensors"]["rows"]["dropped"]["not_admitted"] == 2
    assert metrics["pipelines"]["shop/p"]["results"] == 1


def test_a_miss_is_answered_from_the_last_result_with_its_age(tmp_path: Path) -> None:
    text = BOX.replace("sensor: rows\nsteps", "sensor: rows\nlatency: 20ms\non_miss: last\nsteps")
    write(tmp_path, text, delay_us=60_000)
    runtime = edgert.Runtime(tmp_path)
    results = runtime.results("shop/p", timeout=20)
    with runtime:
        runtime.push("rows", np.full((1, 2), 7, np.float32))
        assert next(results).outcome == "dropped"
        while runtime.metrics()["sensors"]["rows"]["in_flight"]:
            time.sleep(0.005)
        runtime.push("rows", np.full((1, 2), 8, np.float32))
        stale = next(results)
    assert stale.outcome == "stale" and stale.status == "ok"
    assert stale.age_ms >= 60
    assert stale.outputs["echo"][0][1].ravel().tolist() == [7, 7]


def test_however_little_a_quota_allows_it_is_no_more(tmp_path: Path) -> None:
    """Limits whose unit is longer than a clock can count."""
    for limit in ("rate_limit: 1e-300", "share: 1e-300"):
        with edgert.Runtime(write(tmp_path, BOX.replace("weight: 2", limit))) as runtime:
            results = runtime.results("shop/p", timeout=20)
            runtime.push("rows", np.zeros((1, 2), np.float32))
            assert next(results).outcome == "ok"
            for _ in range(5):
                runtime.push("rows", np.zeros((1, 2), np.float32))
        refused = runtime.metrics()["applications"]["shop"]["not_admitted"]
        assert refused["rate"] + refused["share"] == 5, limit


def test_a_miss_needs_a_bound(tmp_path: Path) -> None:
    write(tmp_path, BOX.replace("sensor: rows\nsteps", "sensor: rows\non_miss: last\nsteps"))
    with pytest.raises(
        DocumentErrors, match=r"box.yaml:\d+: Pipeline/shop/p: 'on_miss' is 'last', and there is no bound"
    ):
        edgert.Runtime(tmp_path)


def test_the_flag_of_run(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["run", str(write(tmp_path)), "--order", "rank"])
    assert answer.exit_code == 2 and "slack" in answer.output
    schema = CliRunner().invoke(main, ["schema", "--kind", "Scheduler"])
    assert json.loads(schema.output)["properties"]["order"]["default"] == "edf"


KEEP = "order: fair\nkeep_free: {lanes: 1, longer_than: 20ms}"


def test_documents_keep_a_lane_free_of_long_runs(tmp_path: Path) -> None:
    """Two long frames never run at once: on two lanes they take as long as on one."""
    file = write(tmp_path, BOX.replace("order: fair", KEEP), delay_us=60_000)
    with edgert.Runtime(file, lanes=2, policy="none") as runtime:
        results = runtime.results("p", timeout=20.0)
        for _ in range(2):  # what a run takes is known after the first
            runtime.push("rows", np.zeros((1, 2), np.float32))
            next(results)
        began = time.monotonic()
        for _ in range(4):
            runtime.push("rows", np.zeros((1, 2), np.float32))
        for _ in range(4):
            next(results)
        assert time.monotonic() - began >= 0.24


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        ("{lanes: 0, longer_than: 20ms}", "lanes"),
        ("{lanes: 1}", "longer_than"),
        ("{lanes: 1, longer_than: 0ms}", "longer_than"),
        ("{lanes: 1, longer: 20ms}", "longer"),
    ],
)
def test_what_keeps_no_lane_free_is_refused(tmp_path: Path, keep: str, expected: str) -> None:
    assert expected in problems(tmp_path, BOX.replace("order: fair", f"order: fair\nkeep_free: {keep}"))
