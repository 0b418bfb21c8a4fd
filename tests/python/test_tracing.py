"""Traces: every execution has a slice, slices of a lane never overlap, arrows go forward in time."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.errors import InvalidError
from edgert.tracing.chrome import LANES, SENSORS
from edgert.tracing.counters import counters
from edgert.tracing.names import Names
from edgert.tracing.record import ADMITTED, RAN, Record

BOX = """
kind: Sensor
name: camera
source: {type: synthetic, width: 64, height: 48, pixel: rgb24, count: 60, speed: max}
---
kind: Application
name: shop
---
kind: Application
name: door
---
kind: Pipeline
name: people
application: shop
sensor: camera
steps:
  - {name: tensor, transform: image.to_tensor, params: {width: 32, height: 24, scale: 1.0}, from: frame}
---
kind: Pipeline
name: guests
application: door
sensor: camera
steps:
  - {name: picture, transform: image.to_tensor, params: {width: 32, height: 24, scale: 1.0}, from: frame}
  - {name: half, transform: tensor.softmax, from: picture}
"""
Events = list[dict[str, Any]]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.yaml"
    path.write_text(BOX, encoding="utf-8")
    return path


def traced(box: Path, path: Path) -> tuple[dict[str, Any], Events]:
    """The metrics of a run, and the events of its trace."""
    runtime = Runtime(box, lanes=2)
    with runtime.trace(path), runtime:
        for name in runtime.pipelines:
            runtime.on_result(name, lambda result: None)
        assert runtime.wait(30)
    read = gzip.open if path.suffix == ".gz" else open
    with read(path, "rt", encoding="utf-8") as file:
        events: Events = json.load(file)["traceEvents"]
    return runtime.metrics(), events


@pytest.fixture
def run(box: Path, tmp_path: Path) -> tuple[dict[str, Any], Events]:
    return traced(box, tmp_path / "trace.json")


def slices(events: Events) -> Events:
    """Executions."""
    return [event for event in events if event["ph"] == "X" and event["pid"] == LANES]


def test_each_execution_has_one_slice_with_its_name(run: tuple[dict[str, Any], Events]) -> None:
    metrics, events = run
    found = Counter(event["name"] for event in slices(events))
    assert found == {node["label"]: node["executed"] for node in metrics["nodes"]}
    assert sum(found.values()) == 120
    frames = [(event["name"], event["args"]["frame"]) for event in slices(events)]
    assert len(set(frames)) == len(frames)


def test_slices_say_for_whom_they_were_done(run: tuple[dict[str, Any], Events]) -> None:
    owners = {event["args"]["step"]: event["args"]["pipelines"] for event in slices(run[1])}
    assert sorted(owners["tensor"].split(", ")) == ["door/guests", "shop/people"]
    assert owners["half"] == "door/guests"
    for event in slices(run[1]):
        args = event["args"]
        assert (args["sensor"], args["outcome"], args["batch"]) == ("camera", "ok", 1)
        assert args["queue_ms"] >= 0


def test_slices_of_a_lane_never_overlap(run: tuple[dict[str, Any], Events]) -> None:
    lanes: dict[int, Events] = defaultdict(list)
    for event in slices(run[1]):
        lanes[event["tid"]].append(event)
    for lane in lanes.values():
        ordered = sorted(lane, key=lambda event: float(event["ts"]))
        for before, after in pairwise(ordered):
            assert before["ts"] + before["dur"] <= after["ts"] + 0.0011  # µs; what is read was rounded


def test_arrows_lead_forward_from_a_slice_to_the_begin_of_one(run: tuple[dict[str, Any], Events]) -> None:
    _, events = run
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = [event for event in events if event["ph"] == "f"]
    assert len(ends) == len(begins) >= 60  # each frame's first step waited for a lane
    whole = [event for event in events if event["ph"] == "X"]
    at = {(event["pid"], event["tid"], event["ts"]) for event in whole}
    for end in ends:
        begin = begins[end["id"]]
        assert begin["ts"] <= end["ts"]
        assert (end["pid"], end["tid"], end["ts"]) in at
        same = [one for one in whole if (one["pid"], one["tid"]) == (begin["pid"], begin["tid"])]
        assert any(one["ts"] <= begin["ts"] <= one["ts"] + one["dur"] for one in same)


def test_frames_and_results_have_their_tracks(run: tuple[dict[str, Any], Events]) -> None:
    metrics, events = run
    said = [event for event in events if event["ph"] == "M"]
    named = {(one["name"], one["args"]["name"]) for one in said if "name" in one["args"]}
    for name in ("lanes", "sensors", "application shop", "application door"):
        assert ("process_name", name) in named
    assert ("thread_name", "camera") in named
    assert any(kind == "thread_name" and name.startswith("lane ") for kind, name in named)
    frames = [event for event in events if event["ph"] == "X" and event["pid"] == SENSORS]
    assert [event["args"]["frame"] for event in frames] == list(range(60))
    results = [event for event in events if event["ph"] == "b" and event["name"] in ("people", "guests")]
    assert len(results) == sum(row["results"] for row in metrics["pipelines"].values()) == 120
    assert {event["args"]["outcome"] for event in results} == {"ok"}
    for name in ("waiting executions", "camera: frames in flight"):
        values = [event["args"]["value"] for event in events if event["ph"] == "C" and event["name"] == name]
        assert min(values) == 0 == values[-1] and max(values) >= 1


def test_a_trace_may_be_packed(box: Path, tmp_path: Path) -> None:
    _, events = traced(box, tmp_path / "trace.json.gz")
    assert len(slices(events)) == 120


def test_what_finds_no_place_is_counted(box: Path, tmp_path: Path) -> None:
    runtime = Runtime(box)
    runtime.start_trace(most=50)
    with pytest.raises(InvalidError, match="being taken already"):
        runtime.start_trace()
    with runtime:
        assert runtime.wait(30)
    told = runtime.stop_trace(tmp_path / "trace.json")
    assert told.lost == 60 + 120 + 120 - 50  # admissions, executions and results
    assert "found no place" in str(told)
    about = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["otherData"]
    assert about["records_lost"] == told.lost


def test_a_trace_can_be_of_a_part_of_a_run(tmp_path: Path) -> None:
    text = BOX.replace("type: synthetic, width: 64, height: 48, pixel: rgb24, count: 60, speed: max",
                       "type: push, format: {kind: image, pixel: rgb24, width: 64, height: 48}")  # fmt: skip
    (tmp_path / "box.yaml").write_text(text, encoding="utf-8")
    picture = np.zeros((48, 64, 3), np.uint8)
    with Runtime(tmp_path / "box.yaml") as runtime:
        results = runtime.results("door/guests")
        for index in range(6):
            if index == 2:
                runtime.start_trace()
            runtime.push("camera", picture)
            next(results)
            if index == 3:
                told = runtime.stop_trace(tmp_path / "part.json")
        assert 3 <= told.executions <= 4 + 2
    events = json.loads((tmp_path / "part.json").read_text(encoding="utf-8"))["traceEvents"]
    assert {2, 3} <= {event["args"]["frame"] for event in slices(events)} <= {1, 2, 3}


def test_names_and_places_are_checked(box: Path, tmp_path: Path) -> None:
    runtime = Runtime(box)
    expected = pytest.raises(InvalidError, match=r"end it with \.json or \.json\.gz")
    with expected, runtime.trace(tmp_path / "t.txt"):
        pass
    runtime.start_trace()
    with pytest.raises(OSError, match="nowhere"):
        runtime.stop_trace(tmp_path / "nowhere" / "t.json")


def test_run_writes_a_trace(box: Path, tmp_path: Path) -> None:
    testing = pytest.importorskip("click.testing")
    from edgert.cli import main

    def run(*arguments: object) -> Any:
        return testing.CliRunner().invoke(main, ["run", "-q", *map(str, arguments)])

    path = tmp_path / "trace.json.gz"
    said = run(box, "--trace", path)
    assert said.exit_code == 0, said.output
    assert "120 executions" in said.output
    with gzip.open(path, "rt", encoding="utf-8") as file:
        assert len(slices(json.load(file)["traceEvents"])) == 120
    for wrong, reason in ((tmp_path / "t.txt", "end it with"), (tmp_path / "no" / "t.json", "No such file")):
        refused = run(box, "--trace", wrong)
        assert refused.exit_code == 1
        assert reason in refused.output + str(refused.exception)


def test_counters_are_the_sum_of_what_began_and_ended() -> None:
    described = {
        "nodes": [{"id": 0, "op": "a", "name": "a", "inputs": [], "pipelines": []}],
        "models": [],
        "sensors": [{"name": "s"}],
        "pipelines": [{"name": "p", "application": "x", "sensor": "s"}],
        "devices": [],
    }

    def ran(frame: int, ready: int, start: int, end: int) -> Record:
        return Record(ready, start, end, frame, 0, 1, 0, -1, 0, 1, RAN, 0)

    def admitted(frame: int, at: int) -> Record:
        return Record(at, at, at, frame, 0, 0, 0, -1, -1, 0, ADMITTED, 0)

    rows = [admitted(0, 1), admitted(1, 2), ran(0, 1, 3, 5), ran(1, 2, 5, 8)]
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for when, _, name, value in counters(rows, Names(described, {0: [0]})):
        found[name].append((when, value))
    assert found["waiting executions"] == [(1, 1), (2, 2), (3, 1), (5, 0)]
    assert found["s: frames in flight"] == [(1, 1), (2, 2), (5, 1), (8, 0)]
