"""Tracks, zones and lines through the runtime: who is who, the same whoever shares the node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.answers import Lines, Tracks, Zones
from edgert.documents import DocumentErrors, load
from edgert.sinks.jsonl import as_data
from made_results import made

HEAD = """
kind: Sensor
name: detector
source: {type: push, format: {kind: table, columns: [x0, y0, x1, y1, score, class], rate: 30, max_rows: 16}}
inbox: {policy: block}
"""
PIPELINE = """
---
kind: Application
name: %s
---
kind: Pipeline
name: %s
application: %s
sensor: detector
%s
steps:
  - {name: found, transform: table.select, from: frame}
  - {name: tracks, track: {from: found}}
  - {name: areas, zones: {from: tracks, units: pixels, leave_after: 300ms,
      zones: {left: [[0, 0], [100, 0], [100, 400], [0, 400]],
        right: [[100, 0], [400, 0], [400, 400], [100, 400]]}}}
  - {name: gate, lines: {from: tracks, units: pixels, lines: {middle: [[100, 400], [100, 0]]}}}
  - {name: everyone, count: {from: tracks, window: 2s}}
outputs: [tracks, areas, gate, everyone]
"""


def written(folder: Path, *pipelines: tuple[str, str]) -> Path:
    path = folder / "box.yaml"
    texts = [PIPELINE % (name, name, name, more) for name, more in pipelines]
    path.write_text(HEAD + "".join(texts), encoding="utf-8")
    return path


def walk(frames: int) -> list[np.ndarray]:
    """One person goes from left to right, another the other way, in front of the first for some frames."""
    random = np.random.default_rng(3)
    found = []
    for index in range(frames):
        x = 5.0 * index
        rows = [[x, 50, x + 40, 150, 0.9, 0], [200 - x, 70, 240 - x, 180, 0.95, 0]]
        if abs(x - 100) < 20:
            rows[0][4] = 0.3  # half hidden
        rows = [[*(np.array(row[:4]) + random.normal(0, 0.5, 4)), *row[4:]] for row in rows]
        found.append(np.array(rows, np.float32))
    return found


def run(path: Path, names: list[str], frames: list[np.ndarray]) -> tuple[dict[str, list[Any]], Any]:
    """By pipeline the plain results of each frame that it looked at, and the metrics."""
    said: dict[str, list[Any]] = {name: [] for name in names}
    with Runtime(path) as runtime:
        readers = {name: runtime.results(f"{name}/{name}") for name in names}
        for index, rows in enumerate(frames):
            assert runtime.push("detector", rows, media_time=index / 30)
            for name, reader in readers.items():
                if name != "slow" or index % 3 == 0:
                    said[name].append(as_data(next(reader))["answers"])
        return said, runtime.metrics()


def test_two_who_pass_each_other_stay_who_they_are_and_cross_once(tmp_path: Path) -> None:
    said, _ = run(written(tmp_path, ("shop", "")), ["shop"], walk(40))
    last = said["shop"][-1]
    assert sorted(track["id"] for track in last["tracks"]) == [1, 2]
    by_id = {track["id"]: track for track in last["tracks"]}
    goes = {1: 150, 2: -150}  # pixels a second
    first = {track["id"]: track for track in said["shop"][0]["tracks"]}
    for number, track in by_id.items():
        right = first[number]["box"][0] < 100
        assert track["velocity"][0] == pytest.approx(goes[1 if right else 2], abs=25)
    # The line leads up, so that forward is to the right.
    assert (last["gate"]["middle"]["forward"], last["gate"]["middle"]["backward"]) == (1, 1)
    crossings = [one for answers in said["shop"] for one in answers["gate"]["middle"].get("crossings", [])]
    assert sorted(one["direction"] for one in crossings) == ["backward", "forward"]
    assert last["everyone"]["everyone"]["now"] == 2
    left, right = last["areas"]["left"], last["areas"]["right"]
    assert (left["entered"], right["entered"], left["now"] + right["now"]) == (2, 2, 2)
    assert left["tracks"][0]["dwell"] > 0.3


def test_who_shares_the_node_gets_what_they_would_get_alone(tmp_path: Path) -> None:
    frames = walk(42)
    pipelines = [("shop", ""), ("street", ""), ("slow", "every: 3")]
    said, metrics = run(written(tmp_path, *pipelines), ["shop", "street", "slow"], frames)
    assert said["shop"] == said["street"]
    owners = sorted(node["applications"] for node in metrics["nodes"] if node["op"] == "track.boxes")
    assert owners == [["shop", "street"], ["slow"]], "other frames, another state"
    for name, more in pipelines:
        alone, _ = run(written(tmp_path, (name, more)), [name], frames)
        assert alone[name] == said[name]


def test_readings_say_what_the_arrays_hold() -> None:
    row = [10, 20, 30, 60, 0.5, 1, 7, 2, 1.5, 3, -4, -1]
    tracks = made({"t": ("tracks", np.array([row], np.float32))}).answers["t"]
    assert isinstance(tracks, Tracks)
    track = tracks[0]
    assert (track.id, track.label, track.state, track.detection) == (7, "b", "lost", None)
    assert track.foot == (20, 60)
    assert json.loads(json.dumps(tracks.to_json()))[0]["state"] == "lost"


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("{name: a, zones: {from: found, zones: {z: [[0, 0], [1, 0], [1, 1]]}}}", "gives raw, not tracks"),
        ("{name: a, zones: {from: tracks, zones: {z: [[0, 0], [640, 0], [640, 480]]}}}", "units: pixels"),
        (
            "{name: a, zones: {from: tracks, zones: {z: [[0, 0], [1, 0]]}}}",
            "'zones.zones.z' of step 'a' has 2 items",
        ),
        (
            "{name: a, lines: {from: tracks, units: pixels, lines: {z: [[5, 5], [5, 5]]}}}",
            "'lines.lines.z' of step 'a': the line has no length",
        ),
        ("{name: a, track: {from: found, low: 0.9}}", "low must not be above high"),
        ("{name: a, count: {from: tracks, classes: [Person]}}", "has no labels"),
        ("{name: a, mask: {from: tracks, areas: [[[0, 0], [1, 0], [1, 1]]]}}", "frame"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(tmp_path: Path, step: str, what: str) -> None:
    path = tmp_path / "box.yaml"
    steps = (
        "  - {name: found, transform: table.select, from: frame}\n  - {name: tracks, track: {from: found}}\n"
    )
    text = f"---\nkind: Pipeline\nname: p\nsensor: detector\nsteps:\n{steps}  - {step}\n"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(DocumentErrors) as refused:
        from edgert.planner import plan

        plan(load([path]))
    assert what in str(refused.value)
    line = (HEAD + text).splitlines().index(f"  - {step}") + 1
    assert f"box.yaml:{line}" in str(refused.value)


def test_the_drawing_has_trails_outlines_and_counters() -> None:
    from edgert.answers import Place
    from edgert.sinks.canvas import Canvas
    from edgert.sinks.draw import draw, words

    places = [Place("door", ((0.1, 0.1), (0.6, 0.1), (0.6, 0.6)))]
    zones = Zones(np.array([[0, -1, -1, 2, 3, 1, 4.0]], np.float32), places)
    lines = Lines(np.array([[0, -1, -1, 5, 6, 0, 0]], np.float32), [Place("gate", ((0, 0.5), (1, 0.5)))])
    row = [40, 20, 60, 60, 0.5, 1, 7, 1, 1.5, 3, -4, 0]
    tracks = Tracks(np.array([row], np.float32), ["a", "b"])
    canvas = Canvas(np.zeros((100, 200, 3), np.uint8))
    draw(canvas, zones, (255, 0, 0))
    draw(canvas, lines, (0, 255, 0))
    draw(canvas, tracks, (0, 0, 255), trails={7: [(150, 90), (100, 80), (50, 60)]})
    drawn = canvas.pixels()
    assert np.max(drawn[10:60, 119:122, 0]) == 255  # the right side of the zone
    assert np.max(drawn[49:52, 180:, 1]) == 255  # the line
    assert np.max(drawn[78:82, 98:102]) > 0  # the trail
    assert words(zones) == "door 2 (of 3)"
    assert words(lines) == "gate 5 forward 6 back"
