"""What is wrong is told with its line and its whole path of keys, and all that is independent at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import DocumentErrors, load, read
from edgert.documents.naming import named
from edgert.documents.shapes import check_ends, check_outline
from edgert.planner import plan
from pydantic_core import PydanticCustomError

BOX = """\
kind: Sensor
name: cam
source: {type: push, format: {kind: image, width: 64, height: 48}}
---
kind: Pipeline
name: p
sensor: cam
trigger:
  motion:
    above: 0.5
    hold: 1s
steps:
  - {name: found, model: zoo:ssd-mobilenetv2-oidv4}
  - {name: tracks, track: {from: found}}
  - name: doors
    zones:
      from: tracks
      zones:
        a: [[0, 0], [1, 0], [1, 1]]
      leave_after: 1s
  - name: own
    transform: {python: "own.py:Own", limit: 1s, isolate: thread}
    from: frame
sinks:
  - {type: mqtt, broker: "mqtt://h"}
"""

WRONG = [
    ("above: 0.5", "above: 3", 10, "'trigger.motion.above' is 3; write less than 1"),
    ("hold: 1s", "hold: 5", 11, "'trigger.motion.hold': a duration needs its unit"),
    ("hold: 1s", "held: 1s", 11, "unknown key 'held' in 'trigger.motion'; did you mean 'hold'"),
    (
        "[1, 1]]",
        '["x", 1]]',
        19,
        "item 1 of item 3 of 'zones.zones.a' of step 'doors' is 'x'; write a number",
    ),
    (
        "[1, 1]]",
        "[2, 3]]",
        16,
        "'zones' of step 'doors': a place lies outside of the frame; are these pixels?",
    ),
    (
        "[1, 1]]",
        "[0.5, 0]]",
        19,
        "'zones.zones.a' of step 'doors': the outline encloses nothing; write corners",
    ),
    (
        "leave_after: 1s",
        "leave_after: 5",
        20,
        "'zones.leave_after' of step 'doors': a duration needs its unit",
    ),
    (
        "leave_after: 1s",
        "leave_aft: 5s",
        20,
        "unknown key 'leave_aft' in 'zones' of step 'doors'; did you mean 'leave",
    ),
    (
        "limit: 1s",
        "limit: 0s",
        22,
        "'transform.limit' of step 'own': a duration of 0 can't be kept; write one above",
    ),
    ("limit: 1s", "limit: 5", 22, "'transform.limit' of step 'own': a duration needs its unit"),
    (
        "isolate: thread",
        "isolate: proces",
        22,
        "'transform.isolate' of step 'own' is 'proces'; did you mean 'process'?",
    ),
    ("python:", "pyton:", 22, "'transform.python' of step 'own' is missing"),
    (
        '{python: "own.py:Own", limit: 1s, isolate: thread}',
        "7",
        22,
        "'transform' of step 'own' is 7; it must be text",
    ),
    ('broker: "mqtt://h"', "broker: 7", 25, "'broker' of item 1 of 'sinks' is 7; it must be text"),
    (
        'broker: "mqtt://h"',
        'broker: "mqtt://h", topic: "{x}"',
        25,
        "item 1 of 'sinks': the topic names {x}; there are",
    ),
    ("- name: own", "- names: own", 21, "'name' of step 4 is missing"),
]


@pytest.mark.parametrize(("old", "new", "line", "expected"), WRONG)
def test_a_nested_value_is_named_by_its_whole_path(
    tmp_path: Path, old: str, new: str, line: int, expected: str
) -> None:
    (tmp_path / "box.yaml").write_text(BOX.replace(old, new))
    said = [str(problem) for problem in read(tmp_path / "box.yaml").problems]
    assert any(text.startswith(f"{tmp_path}/box.yaml:{line}: Pipeline/p: {expected}") for text in said), said


def test_names_of_places() -> None:
    assert named(()) == "the document"
    assert named(("source", "url")) == "'source.url'"
    assert named(("steps", 1, "zones", "a", 2)) == "item 3 of 'zones.a' of step 2"
    assert named(("steps", 0), {"steps": [{"name": "n"}]}) == "step 'n'"


ALL = """\
kind: Sensor
name: cam
source: {type: video, path: none.mp4}
inbox: {sizee: 3}
---
kind: Model
name: m
file: none.onnx
threads: 0
input: {image: {size: 5, rang: 3}}
answer: {type: boxes, format: x, labels: nolabels.txt}
---
kind: Pipeline
name: q
sensor: cam2
application: nobody
rate: 12:99
steps:
  - {name: a, model: nope}
  - {name: b, zones: {from: a, zones: {z: [[0, 0], [1, 0]]}}}
  - {name: c, count: {from: b}}
  - {name: d, filter: {from: zz, above: 2}}
  - {name: e, filter: {from: yy, above: 0.5}}
  - {name: e, filter: {from: d, above: 0.5}}
outputs: [a, nothing]
sinks:
  - {type: record, folder: f, when: nobody}
  - {type: mqt}
"""
EXPECTED = {
    3: "none.mp4: no such file",
    4: "unknown key 'sizee' in 'inbox'",
    8: "the file none.onnx doesn't exist",
    9: "'threads' is 0; write at least 1",
    10: "unknown key 'rang' in 'input.image'",
    11: "the file nolabels.txt doesn't exist",
    15: "there is no Sensor 'cam2'",
    16: "there is no Application 'nobody'",
    17: "'rate'",
    19: "there is no Model 'nope'",
    20: "'zones.zones.z' of step 'b' has 2 items",
    22: "'filter.above' of step 'd' is 2",
    23: "step 'e' reads 'yy', and there is no such step",
    24: "two steps are called 'e'",
    25: "there is no step 'nothing' to give out",
    27: "there is no output 'nobody'",
    28: "item 2 of 'sinks' has the unknown type 'mqt'",
}


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(ALL)
    with pytest.raises(DocumentErrors) as found:
        plan(read(tmp_path / "box.yaml"), only_check=True)
    said = {line: [str(each) for each in found.value.problems if each.line == line] for line in EXPECTED}
    for line, text in EXPECTED.items():
        assert any(text in each for each in said[line]), (line, text, said[line])
    assert {problem.line for problem in found.value.problems} == EXPECTED.keys()  # and nothing that follows
    with pytest.raises(DocumentErrors, match="two steps are called 'e'"):
        load(tmp_path / "box.yaml")


def test_a_value_that_can_t_be_read_hides_no_other_document(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(
        "kind: Application\nname: a\nweight: 2026-99-99\n---\nkind: Application\nname: b\nweight: -1\n"
        "---\nkind: Application\nname: c\nweight: 99999999999999999999999\n"
    )
    said = [str(problem) for problem in read(tmp_path / "box.yaml").problems]
    assert [text.partition("box.yaml:")[2].partition(";")[0] for text in said] == [
        "3: Application/a: '2026-99-99' can't be read as timestamp",
        "7: Application/b: 'weight' is -1",
        "11: Application/c: the number 99999999999999999999999 is too large",
    ]


@pytest.mark.parametrize(
    "outline",
    [
        [(0, 0), (1, 0), (1, 1), (0, 1)],
        [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)],  # closed by hand
        [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)],  # a bay
        [(0, 0), (1, 0), (0.5, 0.5), (1, 1), (0, 1), (0.5, 0.5)],  # touches itself at a corner
        [(1e6, 1e6), (1e6 + 1, 1e6), (1e6, 1e6 + 1)],
    ],
)
def test_outlines(outline: list[tuple[float, float]]) -> None:
    assert check_outline(outline) is outline


@pytest.mark.parametrize(
    ("outline", "expected"),
    [
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "encloses nothing"),  # a bow tie whose halves cancel out
        ([(0, 0), (4, 4), (4, 0), (0, 3)], "from corner 1 to 2 and that from 3 to 4; write the corners"),
        ([(0, 0), (4, 0), (4, 4), (1, -1)], "from corner 1 to 2 and that from 3 to 4"),
        ([(0, 0), (4, 4), (0, 4), (3, 1), (5, 1)], "from corner 1 to 2 and that from 3 to 4"),
        ([(0, 0), (0.1, 0.1), (0.7, 0.7)], "encloses nothing"),
        ([(2, 2), (2, 2), (2, 2)], "encloses nothing"),
    ],
)
def test_outlines_that_are_none(outline: list[tuple[float, float]], expected: str) -> None:
    with pytest.raises(PydanticCustomError) as found:
        check_outline(outline)
    assert expected in found.value.message()


def test_a_line_has_a_length() -> None:
    assert check_ends([(0, 0), (0, 0.1)])
    with pytest.raises(PydanticCustomError, match="no length"):
        check_ends([(0.5, 0.5), (0.5, 0.5)])


def test_files_of_brokers_and_libraries_are_looked_for(tmp_path: Path) -> None:
    table = "{kind: table, columns: [a], rate: 1}"
    (tmp_path / "box.yaml").write_text(
        "kind: Sensor\nname: a\nsource: {type: mqtt, broker: mqtts://h, ca: no.pem, topic: t, payload: json, "
        f"format: {table}}}\n---\nkind: Sensor\nname: b\nsource: {{type: library, library: no.so, "
        f"format: {table}}}\n"
        "---\nkind: Pipeline\nname: p\nsensor: a\nsteps: [{name: r, transform: table.select, from: frame}]\n"
        "sinks: [{type: mqtt, broker: mqtts://h, ca: nor.pem}]\n"
    )
    with pytest.raises(DocumentErrors) as found:
        plan(read(tmp_path / "box.yaml"), only_check=True)
    said = [str(problem).removeprefix(f"{tmp_path}/box.yaml:") for problem in found.value.problems]
    assert said[0].startswith("3: Sensor/a: the file no.pem doesn't exist; relative paths start at")
    assert said[1].startswith("7: Sensor/b: no.so: no such file")
    assert said[2].startswith("13: Pipeline/p: the file nor.pem doesn't exist") and len(said) == 3
