"""Joins that can't be: each problem with its line, what is wrong, and what to do, said once."""

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import DocumentErrors, read
from edgert.planner import plan

BOX = """kind: Sensor
name: yard
source: {type: synthetic, rate: 5, count: 10, width: 64, height: 48, speed: max}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [a, b], rate: 50}}
---
kind: Sensor
name: live
source: {type: tcp, host: localhost, port: 9, format: {kind: table, columns: [a, b], rate: 50}}
---
kind: Pipeline
name: p
sensor: watch
steps:
"""
FIRST = BOX.count("\n") + 1  # the line of the first step
MOTION = "  - {name: m, sensor: yard, transform: image.motion, from: frame}\n"
ROWS = "  - {name: r, transform: table.select, from: frame}\n"
CASES = {
    "a sensor that isn't there": (
        "  - {name: x, join: {from: yrad, tolerance: 40ms}}", 0,
        "there is no step and no sensor 'yrad' to join; did you mean 'yard'?",
    ),
    "the pipeline's own sensor": (
        "  - {name: x, join: {from: watch, tolerance: 40ms}}", 0, "'watch' to its own frames",
    ),
    "a step of the same sensor": (
        ROWS + "  - {name: x, join: {from: r, tolerance: 4ms}}", 1, "works on frames of the same sensor",
    ),
    "no tolerance": ("  - {name: x, join: {from: yard}}", 0, "it says no tolerance; add how far apart"),
    "a tolerance of zero": ("  - {name: x, join: {from: yard, tolerance: 0ms}}", 0, "write one above 0"),
    "a negative tolerance": ("  - {name: x, join: {from: yard, tolerance: -5ms}}", 0, "is negative"),
    "a tolerance without a unit": ("  - {name: x, join: {from: yard, tolerance: 4}}", 0, "needs its unit"),
    "a key that isn't there": (
        "  - {name: x, join: {from: yard, tolerance: 4ms, slop: 1}}", 0, "unknown key 'slop'",
    ),
    "a way that isn't there": (
        "  - {name: x, join: {from: yard, by: guess, tolerance: 4ms}}", 0,
        "'join.by' of step 'x' is 'guess'; write one of nearest, latest",
    ),
    "neither a list nor keys": (
        "  - {name: x, join: 5}", 0,
        "'join' of step 'x' is 5; write a list of steps, or keys: {from: STEP",
    ),
    "between pictures": (
        "  - {name: x, join: {from: yard, by: interpolate, tolerance: 4ms}}", 0,
        "gives pictures, and there is nothing between two of them",
    ),
    "between detections": (
        "  - {name: o, sensor: yard, model: 'zoo:face-detection-short'}\n"
        "  - {name: x, join: {from: o, by: interpolate, tolerance: 4ms}}", 1,
        "gives detections, and there is nothing between two of them",
    ),
    "between whole numbers": (
        "  - {name: n, sensor: live, transform: table.select, from: frame}\n"
        "  - {name: i, transform: tensor.cast, params: {dtype: int32}, from: n}\n"
        "  - {name: x, join: {from: i, by: interpolate, tolerance: 4ms}}", 2, "can't interpolate int32",
    ),
    "a recording and a live sensor": (
        MOTION + "  - {name: n, sensor: live, transform: table.select, from: frame}\n"
        "  - {name: y, sensor: yard, join: {from: n, tolerance: 1s}}\n"
        "  - {name: x, join: {from: y, tolerance: 1s}}\n"
        "  - {name: z, join: {from: m, tolerance: 1s}}", 2, "their times have nothing in common",
    ),
    "positions in what is live": (
        "  - {name: x, join: {from: live, tolerance: 4ms, clock: media}}", 0, "say clock: capture",
    ),
    "steps that wait for each other": (
        "  - {name: x, join: {from: y, tolerance: 1s}}\n"
        "  - {name: y, sensor: yard, join: {from: x, tolerance: 1s}}", 0, "wait for each other: x → y → x",
    ),
    "pictures where numbers are wanted": (
        "  - {name: x, join: {from: yard, tolerance: 4ms}}\n"
        "  - {name: y, transform: tensor.cast, params: {dtype: int32}, from: x}", 1,
        "joins the frames of yard, which are no numbers yet; give it to a model",
    ),
    "a region for each number": (
        "  - {name: x, join: {from: live, tolerance: 4ms, clock: capture}}\n"
        "  - {name: y, for_each: x, transform: image.to_tensor, from: frame}", 1,
        "'x' gives raw, and no places in the frame; name a step that gives detections",
    ),
    "a condition on a sensor": (
        ROWS + "  - {name: x, condition: {from: yard, above: 1}}", 1,
        "there is no such step; it is a sensor: bring it to the frame by a step with join, and read that",
    ),
    "two sensors in a step": (
        MOTION + ROWS + "  - {name: x, transform: tensor.concat, from: [r, m]}", 2,
        "works on frames of watch, and 'm' on those of yard; join one of them by time: {name: m-then",
    ),
    "a condition of another sensor": (
        MOTION + "  - {name: c, condition: {from: m, above: 0.5}}\n"
        "  - {name: x, when: c, transform: table.select, from: frame}", 2, "put a condition on that",
    ),
    "a result of another sensor": (
        MOTION + ROWS + "outputs: [m, r]", 2, "give out a join of it: {name: m-then, join: {from: m",
    ),
    "a step on a sensor that isn't there": (
        ROWS + "  - {name: m, sensor: yrad, transform: image.motion, from: frame}", 1,
        "there is no sensor 'yrad'; did you mean 'yard'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_once_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, said = CASES[case]
    file = tmp_path / "box.yaml"
    file.write_text(BOX + text + "\n")
    with pytest.raises(DocumentErrors) as caught:
        plan(read([file]))
    problems = [str(problem) for problem in caught.value.problems]
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"{file}:{FIRST + line}: Pipeline/p: ")
    assert said in problems[0]
