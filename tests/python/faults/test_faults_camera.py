"""A camera that is unplugged, stalls, hangs, sends garbage, changes or goes back in time, each many times:
it comes back each time, nothing else stops, every frame is accounted for, nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_boxes import Camera, Held, Trial, frames, garbage, picture, resident_kib, unplugged

MANY = 30


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: Any) -> Iterator[Trial]:
    before = Held.now()
    yield Trial(tmp_path, monkeypatch)
    assert Held.now().settles_at(before), (Held.now(), before)
    assert Camera.closed == Camera.opened


def test_unplugged_and_back(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        if opening % 3 == 2:
            yield unplugged()  # not back yet
        yield from frames(20)
        yield unplugged()

    row = trial.run(script, MANY)
    assert row["reconnects"] >= MANY * 2 / 3 - 2 and row["tries"] >= MANY - 1
    assert row["read"] >= (MANY * 2 // 3 - 1) * 20
    assert 'edgert_sensor_reconnects_total{sensor="bad"}' in trial.prometheus
    assert 'edgert_sensor_state{sensor="good",state="running"} 1' in trial.prometheus


def test_a_stream_that_ends_by_itself(trial: Trial) -> None:
    row = trial.run(lambda opening: frames(15), MANY)
    assert row["reconnects"] >= MANY - 2 and row["stalls"] == 0


def test_a_stream_that_stalls(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        yield from frames(10)
        yield "hang"

    row = trial.run(script, 8)
    assert row["stalls"] >= 7 and row["reconnects"] >= 6 and row["abandoned_readers"] == 0


def test_a_driver_that_hangs(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        yield from frames(10)
        if opening % 2 == 0:
            yield "hang for good"
            yield picture(99.0)  # too late: thrown away
        yield unplugged()

    row = trial.run(script, 6)
    assert row["abandoned_readers"] >= 2 and row["stalls"] >= 2 and row["reconnects"] >= 3


def test_garbage(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        if opening % 4 == 1:
            broken = picture(0.0)
            broken.planes = [b"short"]
            yield broken
        if opening % 4 == 2:
            yield ValueError("nonsense from a decoder")
        yield from frames(10)
        yield garbage()

    row = trial.run(script, MANY)
    assert row["dropped"]["refused"] >= MANY // 4 - 1 and row["reconnects"] >= MANY // 2 - 2


def test_another_size_and_another_format(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        for turn in range(10):
            size = (64, 48) if turn % 2 else (32 + 2 * opening, 24)
            pixel = "rgb24" if turn % 3 == 2 else "gray"
            yield from frames(5, turn * 0.05, size=size, pixel=pixel)
        yield unplugged()

    row = trial.run(script, 10)
    assert row["dropped"]["refused"] == 0 and row["read"] >= 9 * 50


def test_time_that_goes_back(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        for turn in range(10):
            yield from frames(10, 1000.0 - 100 * turn)
        yield unplugged()

    row = trial.run(script, 5)
    assert row["time_went_back"] >= 4 * 9 - 1


@pytest.mark.parametrize("policy", ["latest", "queue", "block"])
def test_every_frame_is_accounted_for_by_any_policy(policy: str, tmp_path: Path, monkeypatch: Any) -> None:
    def script(opening: int) -> Iterator[Any]:
        yield from frames(50)
        yield unplugged()

    row = Trial(tmp_path, monkeypatch, policy).run(script, MANY)
    assert row["read"] >= (MANY - 1) * 50
    wrong = {"latest": "full", "queue": "replaced", "block": "full"}[policy]
    assert row["dropped"][wrong] == 0


def test_memory_stays_where_it_was(trial: Trial) -> None:
    def script(opening: int) -> Iterator[Any]:
        yield from frames(5, size=(640, 480))
        yield unplugged()

    trial.run(script, 20)
    before = resident_kib()
    Camera.opened = Camera.closed = 0
    trial.run(script, 200)
    # 200 openings bring 300 MB of frames; what stays is far less than what any of a hundred leaks would be
    assert resident_kib() - before < 30_000
