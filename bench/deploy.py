"""What a deploy costs those who stay, and what adding one more pipeline to 1,000 costs.

    python bench/deploy.py

A push sensor's frames go through a model that takes a millisecond, one every 5 ms, while a pipeline with
another model, and state behind it, is added and taken away again. `gap_ms`: the longest time between two
results of the pipeline that stays while 20 deploys happen (the median of some rounds); `gap_alone_ms`: the
same without deploys, in turns with it. All results must be there, in order and equal. `add_1001st_ms`: wall
time of one more document from its text to the plan that runs, 1,000 pipelines running (those of
parts/sharing/planning.py), the least of some: other work on the machine only adds;
`add_1001st_median_ms`: their median. Of the least, `add_plan_ms` is reading, planning and all else in Python,
`add_compile_ms` the core's aside, `add_swap_ms` the change of plans. The plan that has grown is compared
with one of the same documents that is planned at once.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from common import finish, machine, say
from parts.sharing.planning import PIPELINES, documents, pipeline

ROUNDS, DEPLOYS, PERIOD = 5, 20, 0.005
ADDED = 20
BOX = """
kind: Sensor
name: belt
source: {type: push, format: {kind: table, columns: [a, b], rate: 200, max_rows: 1}}
inbox: {policy: block, size: 64}
---
{kind: Model, name: echo, file: echo.null, input: {table: {window: 1}}}
---
{kind: Model, name: other, file: other.null, input: {table: {window: 2, hop: 1}}}
---
kind: Pipeline
name: stays
sensor: belt
steps: [{name: answer, model: echo}]
"""
MORE = """
kind: Pipeline
name: comes
sensor: belt
steps: [{name: answer, model: echo}, {name: more, model: other}]
"""


def write_models(folder: Path) -> None:
    """Both echo; the first takes a millisecond."""
    text = "input x float32 1x{0}x2\noutput y float32 1x{0}x2\necho\n{1}"
    (folder / "echo.null").write_text(text.format(1, "work_us 1000\n").replace("1x1x2", "1x2"))
    (folder / "other.null").write_text(text.format(2, ""))


def longest_gap(runtime: Any, deploys: bool, more: Path) -> float:
    """Milliseconds; pushes and reads while another thread deploys, or none does."""
    stop = threading.Event()
    results = runtime.results("stays")
    pushed = 0

    def push() -> None:
        nonlocal pushed
        due = time.perf_counter()
        while not stop.is_set():
            runtime.push("belt", np.full((1, 2), pushed % 1000, np.float32), media_time=pushed / 200)
            pushed += 1
            due += PERIOD
            time.sleep(max(0.0, due - time.perf_counter()))
        runtime.finish("belt")

    def deploy() -> None:
        for index in range(DEPLOYS):
            if deploys and index % 2 == 0:
                runtime.add(more)
            elif deploys:
                runtime.remove(pipeline="comes")
            else:
                time.sleep(0.02)
        stop.set()

    threads = [threading.Thread(target=push), threading.Thread(target=deploy)]
    for thread in threads:
        thread.start()
    times, seen = [], 0
    for result in results:
        times.append(time.perf_counter())
        [(_, rows)] = result.outputs["answer"]
        assert float(np.asarray(rows).flat[0]) == seen % 1000, (seen, rows)
        seen += 1
    for thread in threads:
        thread.join()
    assert seen == pushed, f"{pushed} frames gave {seen} results"
    return 1e3 * max(after - before for before, after in itertools.pairwise(times))


def gaps(folder: Path) -> dict[str, float]:
    """Both sides in turns."""
    from edgert import Runtime

    write_models(folder)
    (folder / "box.yaml").write_text(BOX)
    (folder / "more.yaml").write_text(MORE)
    found: dict[bool, list[float]] = {True: [], False: []}
    for index in range(2 * ROUNDS):
        deploys = index % 2 == 0
        with Runtime(folder / "box.yaml") as runtime:
            found[deploys].append(longest_gap(runtime, deploys, folder / "more.yaml"))
    say(f"longest gaps, ms: with deploys {found[True]}, without {found[False]}")
    return {"gap_ms": statistics.median(found[True]), "gap_alone_ms": statistics.median(found[False])}


def adding(folder: Path) -> dict[str, float]:
    """The 1,001st, and some after it."""
    import random

    from edgert import Runtime
    from edgert.documents import read
    from edgert.planner import Planning

    (folder / "big.yaml").write_text(yaml.safe_dump_all(documents(folder)))
    choose, rows = random.Random(6), []
    with Runtime(folder / "big.yaml") as runtime:
        for index in range(ADDED):
            one = folder / f"later{index:02}.yaml"
            one.write_text(yaml.safe_dump({**pipeline(PIPELINES, choose), "name": f"one-more-{index}"}))
            began = time.perf_counter()
            runtime.add(read(one))
            took = 1e3 * (time.perf_counter() - began)
            said = runtime.metrics()["deploy"]
            rows.append((took, said["compile_ms"], said["swap_ms"]))
            assert len(runtime.pipelines) == PIPELINES + 1 + index
        at_once = Planning(read([folder / "big.yaml", *sorted(folder.glob("later*.yaml"))])).plan()
        assert runtime.plan.spec.describe() == at_once.spec.describe()
    for took, inside, swap in rows:
        say(f"one more: {took:.1f} ms, {inside:.1f} of it to compile, {swap:.1f} to swap")
    took, inside, swap = min(rows)
    rest = took - inside - swap
    return {
        "add_1001st_ms": took,
        "add_1001st_median_ms": statistics.median(row[0] for row in rows),
        "add_plan_ms": rest,
        "add_compile_ms": inside,
        "add_swap_ms": swap,
    }


def measure() -> dict[str, Any]:
    """The figures for the JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        return {**gaps(Path(folder)), **adding(Path(folder))}


if __name__ == "__main__":
    finish({**measure(), **machine()})
