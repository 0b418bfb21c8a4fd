"""The moment at which a replayed frame is due."""

from __future__ import annotations

import threading

from edgert.sources.pacing import Pacer


class Clock:
    """A clock that only waiting moves, and a stop event that never is set but to be waited for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds + 0.004  # as a real clock, it wakes late
        return False

    def is_set(self) -> bool:
        return False


def test_waking_late_does_not_add_up() -> None:
    clock = Clock()
    pacer = Pacer(clock, clock)  # type: ignore[arg-type]
    for index in range(1000):
        assert pacer.wait(5 + index / 25)
    assert abs(clock.now - (100 + 999 / 25)) < 0.01


def test_a_reader_that_fell_behind_does_not_wait() -> None:
    clock = Clock()
    pacer = Pacer(clock, clock)  # type: ignore[arg-type]
    pacer.wait(0)
    clock.now += 10
    pacer.wait(1)
    assert clock.waits == []


def test_stopping_ends_the_wait() -> None:
    stop = threading.Event()
    pacer = Pacer(stop)
    assert pacer.wait(0)
    stop.set()
    assert not pacer.wait(3600)
    assert not pacer.wait(0)
