"""Results that come before the program reads: none is lost to who reads as the documentation does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from edgert import Runtime, awaiting

QUEUE, FRAMES = 16, 100
BOX = f"""
kind: Sensor
name: camera
source: {{type: synthetic, width: 16, height: 16, pixel: rgb24, count: {FRAMES}, speed: max}}
"""
PIPELINE = """
---
kind: Pipeline
name: %s
sensor: camera
queue: %d
steps:
  - {name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: %d, scale: 1.0}}
"""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.yaml"
    path.write_text(BOX + PIPELINE % ("one", QUEUE, 8) + PIPELINE % ("two", QUEUE, 16))
    return path


@pytest.fixture
def for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaiting, "GRACE", 1e9)


def until_queues_are_full(runtime: Runtime) -> None:
    """Then nothing goes on by itself."""
    while any(row["results"] < QUEUE for row in runtime.metrics()["pipelines"].values()):
        time.sleep(0.001)


def unread(runtime: Runtime) -> list[int]:
    return [row["unread"] for row in runtime.metrics()["pipelines"].values()]


def test_iterators_that_are_asked_for_in_the_with_miss_nothing(box: Path, for_ever: None) -> None:
    with Runtime(box) as runtime:
        until_queues_are_full(runtime)
        both = zip(runtime.results("one"), runtime.results("two"), strict=True)
        assert [(one.sequence, two.sequence) for one, two in both] == [(i, i) for i in range(FRAMES)]
        assert unread(runtime) == [0, 0]


def test_callbacks_that_are_given_in_the_with_miss_nothing(box: Path, for_ever: None) -> None:
    seen: list[int] = []
    with Runtime(box) as runtime:
        until_queues_are_full(runtime)
        runtime.on_result("two", lambda result: seen.append(result.sequence))
        assert [result.sequence for result in runtime.results("one")] == list(range(FRAMES))
        assert runtime.wait(60)
    assert seen == list(range(FRAMES))


def test_the_first_read_lets_the_others_go(box: Path, for_ever: None) -> None:
    with Runtime(box) as runtime:
        until_queues_are_full(runtime)
        assert len(list(runtime.results("one"))) == FRAMES
        assert unread(runtime) == [0, FRAMES - QUEUE]
        assert [result.sequence for result in runtime.results("two")] == list(range(FRAMES - QUEUE, FRAMES))


def test_who_waits_for_the_end_reads_nothing(box: Path, for_ever: None) -> None:
    with Runtime(box) as runtime:
        until_queues_are_full(runtime)
        assert runtime.wait(60)
        assert runtime.metrics()["sensors"]["camera"]["frames"] == FRAMES


def test_a_stop_does_not_wait_for_a_reader(box: Path, for_ever: None) -> None:
    with Runtime(box) as runtime:
        until_queues_are_full(runtime)
    assert runtime.metrics()["sensors"]["camera"]["waiting"] == 0


def test_nobody_is_waited_for_longer_than_said(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaiting, "GRACE", 0.0)
    with Runtime(box) as runtime:
        assert runtime.sensor("camera").wait_for("ended", timeout=60)
    assert unread(runtime) == [FRAMES - QUEUE] * 2


class Pipeline:
    held = False

    def hold(self) -> None:
        self.held = True

    def let_go(self) -> None:
        self.held = False


def test_the_grace_is_counted_from_the_start() -> None:
    now, pipelines = [5.0], [Pipeline(), Pipeline()]
    waiting = awaiting.Awaiting(pipelines, clock=lambda: now[0])
    waiting.tick()
    waiting.begin()
    now[0] += awaiting.GRACE - 0.01
    waiting.tick()
    assert all(pipeline.held for pipeline in pipelines)
    now[0] += 0.01
    waiting.tick()
    assert not any(pipeline.held for pipeline in pipelines)
    pipelines[0].held = True  # by a reader
    waiting.end()
    assert pipelines[0].held
