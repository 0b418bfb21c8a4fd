"""The state machine, the waits, media time and the device's clock: each alone, with clocks and chance made
by hand."""

from __future__ import annotations

import itertools
import random

import pytest
from edgert.life.backoff import Backoff, Waits
from edgert.life.drift import DeviceClock
from edgert.life.media import MediaTime
from edgert.life.states import FOLLOWERS, OVER, Life, State


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_life_says_state_reason_and_since_when() -> None:
    clock = Clock(100.0)
    life = Life(clock)
    assert life.said() == ("waiting", "", 100.0)
    clock.now = 105.0
    assert life.to(State.STARTING, "the first time")
    clock.now = 107.0
    assert life.said() == ("starting", "the first time", 105.0)
    assert life.to(State.STARTING, "still")  # the same state lasts on
    assert life.said() == ("starting", "still", 105.0)
    assert life.to(State.RUNNING)
    assert life.said() == ("running", "", 107.0)
    assert [(c.before.value, c.after.value, c.at) for c in life.changes] == [
        ("waiting", "starting", 105.0), ("starting", "running", 107.0)
    ]  # fmt: skip


def test_what_may_not_follow_changes_nothing() -> None:
    for before, after in itertools.product(State, State):
        life = Life(Clock())
        life.state, life.reason = before, "was"
        allowed = after in FOLLOWERS[before]
        assert life.to(after, "is") == (allowed or after is before)
        assert life.state is (after if allowed else before)
        assert life.reason == ("is" if allowed or after is before else "was")


def test_trouble_lasts_until_frames_come_or_it_ends() -> None:
    life = Life(Clock())
    assert life.trouble is None
    for state, trouble in (
        (State.STARTING, None),
        (State.STALLED, State.STALLED),
        (State.RECONNECTING, State.RECONNECTING),
        (State.STARTING, None),
        (State.RUNNING, None),
        (State.STALLED, State.STALLED),
        (State.STOPPED, State.STALLED),
        (State.STARTING, None),
        (State.STOPPED, None),
    ):
        assert life.to(state, "while stalled: as a driver may say")
        assert life.trouble is trouble, state


def test_only_a_start_or_a_stop_follows_an_end_and_every_state_can_be_reached() -> None:
    for state in OVER:
        assert FOLLOWERS[state] == {State.STARTING, State.STOPPED}
    reached, new = {State.WAITING}, {State.WAITING}
    while new:
        new = {after for state in new for after in FOLLOWERS[state]} - reached
        reached |= new
    assert reached == set(State)


def test_changes_are_counted_without_end_and_remembered_up_to_a_number() -> None:
    life = Life(Clock())
    life.to(State.STARTING)
    for _ in range(500):
        life.to(State.RUNNING)
        life.to(State.RECONNECTING, "lost")
    assert life.times[State.RUNNING] == 500 and len(life.changes) == 32


def test_waits_double_up_to_the_most() -> None:
    backoff = Backoff(Waits(first=0.5, most=10, jitter=0.0))
    assert [backoff.next() for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    for _ in range(5000):
        assert backoff.next() == 10


def test_jitter_spreads_each_wait_by_its_part() -> None:
    chance = random.Random(7).random
    waits = []
    for _ in range(2000):
        waits.append(Backoff(Waits(first=1, most=30, jitter=0.2), chance).next())
    found = [wait for wait in waits if wait is not None]
    assert 0.8 <= min(found) < 0.81 and 1.19 < max(found) <= 1.2
    assert sum(found) / len(found) == pytest.approx(1.0, abs=0.02)


def test_attempts_end_and_begin_anew_after_it_ran_as_long_as_it_waited() -> None:
    backoff = Backoff(Waits(first=1, most=8, jitter=0.0, attempts=3))
    assert [backoff.next() for _ in range(4)] == [1, 2, 4, None]
    backoff.ran(3.9)  # it died again too soon
    assert backoff.next() is None
    backoff.ran(4.0)
    assert backoff.next() == 1


def test_media_time_goes_on_over_readers_and_where_it_goes_back() -> None:
    media = MediaTime()
    assert [media.at(t, 100 + t) for t in (0.0, 0.1, 0.2)] == [(0.0, False), (0.1, False), (0.2, False)]
    media.begin()
    time, gap = media.at(0.0, 105.2)  # five seconds later
    assert time == pytest.approx(5.2) and gap
    assert media.at(0.1, 105.3) == (pytest.approx(5.3), False)
    time, gap = media.at(0.02, 105.5)  # the source's own time went back
    assert time == pytest.approx(5.5) and gap and media.went_back == 1
    assert media.at(0.12, 105.6) == (pytest.approx(5.6), False)


def test_media_time_never_goes_back_whatever_comes() -> None:
    chance = random.Random(3)
    media, last, now = MediaTime(), -1.0, 1000.0
    for index in range(5000):
        now += chance.random() * 0.1
        if index % 97 == 0:
            media.begin()
        time, _ = media.at(chance.choice([-1.0, chance.random() * 100, now - 900]), now)
        assert time >= last
        last = time


def test_a_device_clock_finds_the_capture_and_the_drift_through_delays() -> None:
    chance = random.Random(5)
    device = DeviceClock()
    slow = 1 - 200e-6  # the device's second is 200 ppm short: its time falls behind
    errors = []
    for index in range(30 * 60):
        true = index / 30
        delay = 0.02 + chance.expovariate(1 / 0.03)
        taken = device.taken(true * slow, 5000 + true + delay)
        errors.append(taken - (5000 + true + 0.02))
    assert device.ppm == pytest.approx(200, abs=40)
    assert device.behind_ms == pytest.approx(8, abs=3)  # 200 ppm of the 40 s between early and late thirds
    assert max(abs(error) for error in errors[300:]) < 0.02


def test_a_device_clock_that_is_nonsense_is_not_believed_far() -> None:
    device = DeviceClock()
    for index in range(2000):
        arrival = 10 + index / 30
        taken = device.taken(index / 60, arrival)  # runs at half the speed
        assert arrival - 0.5 <= taken <= arrival
    assert DeviceClock().ppm is None and DeviceClock().behind_ms is None
