"""Pipelines whose conditions would wait for each other: each runs, with the answers that it has alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime, _native
from edgert.documents import read
from edgert.explain import explain, text
from edgert.planner import Planning, plan

MICROPHONE = """\
kind: Sensor
name: microphone
source: {type: push, format: {kind: audio, rate: 16000}}
inbox: {policy: block}
---
kind: Model
name: voice
file: voice.null
input: {audio: {rate: 16kHz, window: 800, hop: 800}}
---
kind: Model
name: word
file: word.null
input: {audio: {rate: 16kHz, window: 1600, hop: 400}}
---
kind: Model
name: noise
file: noise.null
input: {audio: {rate: 16kHz, window: 400, hop: 1600}}
"""
OPENS = """
---
kind: Pipeline
name: %%s
sensor: microphone
steps:
  - {name: %(one)s, model: %(one)s}
  - {name: there, condition: {from: %(one)s, above: %(above)s}}
  - {name: %(other)s, model: %(other)s, when: there}
outputs: [%(one)s, %(other)s]
"""
VOICE_OPENS_WORD = OPENS % {"one": "voice", "above": 0.5, "other": "word"}
WORD_OPENS_VOICE = OPENS % {"one": "word", "above": 0.2, "other": "voice"}
BEHIND_A_THIRD = """
---
kind: Pipeline
name: %s
sensor: microphone
steps:
  - {name: noise, model: noise}
  - {name: loud, condition: {from: noise, above: %s}}
  - {name: first, model: %s, when: loud}
  - {name: there, condition: {from: first, above: 0.5}}
  - {name: second, model: %s, when: there}
outputs: [first, second]
"""
CHUNKS = 12


@pytest.fixture(autouse=True)
def models(tmp_path: Path) -> None:
    for name, samples in (("voice", 800), ("word", 1600), ("noise", 400)):
        text = f"input x float32 1x{samples}\noutput y float32 1x{samples}\necho\n"
        (tmp_path / f"{name}.null").write_text(text)


def answers(folder: Path, *pipelines: str) -> tuple[dict[str, list[Any]], dict[str, list[int]]]:
    """What each pipeline gave by frame, and how often each model ran, by node."""
    (folder / "box.yaml").write_text(MICROPHONE + "".join(pipelines))
    runtime = Runtime(folder / "box.yaml")
    found: dict[str, list[Any]] = {name: [] for name in runtime.pipelines}

    def keep(result: Any) -> None:
        outputs = {
            name: None if value is None else [(index, np.array(row).tolist()) for index, row in value]
            for name, value in result.outputs.items()
        }
        found[result.pipeline].append((result.sequence, result.outcome, outputs))

    runtime.on_result(None, keep)
    levels = np.random.default_rng(1).random(CHUNKS)
    with runtime:
        for level in levels:
            runtime.push("microphone", np.full((1600, 1), level, np.float32))
        runtime.finish("microphone")
        assert runtime.wait(30)
        ran: dict[str, list[int]] = {}
        for node in runtime.metrics()["nodes"]:
            if node["op"] == "model" and node["executed"]:
                ran.setdefault(node["name"], []).append(node["executed"])
    return {name: sorted(rows, key=lambda row: row[0]) for name, rows in found.items()}, ran


def test_each_gives_what_it_gives_alone(tmp_path: Path) -> None:
    first, ran_first = answers(tmp_path, VOICE_OPENS_WORD % "a")
    second, ran_second = answers(tmp_path, WORD_OPENS_VOICE % "c")
    both, ran = answers(tmp_path, VOICE_OPENS_WORD % "a", WORD_OPENS_VOICE % "c")
    assert both == {**first, **second}
    opened = [bool(outputs["word"]) for *_, outputs in first["default/a"]]
    assert any(opened) and not all(opened)
    # What the second one runs always is shared; what its condition opens, it runs by itself.
    assert ran["word"] == ran_second["word"]
    assert sorted(ran["voice"]) == sorted(ran_first["voice"] + ran_second["voice"])


def test_explain_says_who_runs_what_by_itself(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(MICROPHONE + VOICE_OPENS_WORD % "a" + WORD_OPENS_VOICE % "c")
    said = text(explain(plan(read(tmp_path / "box.yaml"))))
    assert "default/c runs what its conditions open on windows and regions by itself: its conditions" in said
    assert "default/a runs" not in said


def test_where_both_are_behind_other_conditions(tmp_path: Path) -> None:
    pipelines = [
        BEHIND_A_THIRD % ("a", 0.3, "voice", "word"),
        BEHIND_A_THIRD % ("c", 0.6, "word", "voice"),
    ]
    alone = [answers(tmp_path, each)[0] for each in pipelines]
    both, ran = answers(tmp_path, *pipelines)
    assert both == {**alone[0], **alone[1]}
    outcomes = [{outcome for _, outcome, _ in rows} for rows in both.values()]
    assert all({"ok", "skipped"} <= each for each in outcomes), "nothing was opened, or nothing closed"
    assert len(ran["noise"]) == 1


def test_equal_ones_share_what_is_kept_apart(tmp_path: Path) -> None:
    given = [VOICE_OPENS_WORD % "a", WORD_OPENS_VOICE % "c", WORD_OPENS_VOICE % "d", VOICE_OPENS_WORD % "b"]
    found, ran = answers(tmp_path, *given)
    assert found["default/c"] == found["default/d"] and found["default/a"] == found["default/b"]
    assert len(ran["word"]) == 1 and len(ran["voice"]) == 2


def test_pipelines_added_later_are_kept_apart_too(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(MICROPHONE + VOICE_OPENS_WORD % "a")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.yaml").write_text((WORD_OPENS_VOICE % "c").replace("---\n", ""))
    planning = Planning(read(tmp_path / "box.yaml"))
    planning.plan()
    grown = planning.add(read(tmp_path / "more" / "c.yaml"))
    assert set(grown.pipelines) == {"default/a", "default/c"} and _native.Runtime(grown.spec)
