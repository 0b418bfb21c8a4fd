"""One sensor's feed, with a port, sources and a clock made by hand; tick() is called by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from edgert.errors import InvalidError, UnavailableError, make, missing_package
from edgert.life.backoff import Waits
from edgert.life.care import Care
from edgert.life.feed import MOST_HANGING, Feed
from edgert.sources import microphone
from life_fakes import PATIENCE, Fake, Port, gone, until

WAITS = Waits(first=1.0, most=8.0, jitter=0.0)
LIVE = Care(live=True, waits=WAITS, stall_after=5.0, open_within=20.0)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Box:
    """A feed over a list of sources, of which each opening takes the next; the last one again and again."""

    def __init__(self, sources: list[Any], care: Care, port: Port | None = None) -> None:
        self.sources, self.opened = sources, 0
        self.port, self.clock = port or Port(), Clock()
        self.over: list[str] = []
        self.again: list[str] = []
        self.feed = Feed(
            "s", self.next, self.port, care,
            lambda feed: self.over.append(feed.life.reason), lambda feed: self.again.append(feed.sensor),
            self.clock,
        )  # fmt: skip

    def next(self) -> Any:
        source = self.sources[min(self.opened, len(self.sources) - 1)]
        self.opened += 1
        if isinstance(source, Exception):
            raise source
        return source

    def state(self, *names: str) -> bool:
        return until(lambda: self.feed.life.state.value in names)

    def waits(self, frames: int) -> bool:
        """Whether its reader has brought so many frames and asks the source for the next one."""

        def there() -> bool:
            reader = self.feed._reader
            return reader is not None and reader.frames == frames and reader.activity[0] == "read"

        return until(there)

    def tick(self, seconds: float = 0.0) -> None:
        self.clock.now += seconds
        self.feed.tick()


@pytest.fixture
def release() -> Any:
    """An event on which hanging sources wait; set at the end, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


def test_a_recording_is_fed_to_its_end_and_closed() -> None:
    source = Fake(5)
    box = Box([source], Care())
    box.feed.start()
    assert box.state("ended") and box.port.finished.is_set()
    assert (len(box.port.taken), source.closed, box.over) == (5, 1, [""])
    assert box.feed.figures()["read"] == 5 and not any(box.feed.figures()["lost"].values())


def test_a_full_inbox_is_waited_for_and_nothing_counts_twice() -> None:
    box = Box([Fake(2)], Care(), Port(full=3))
    box.feed.start()
    assert box.state("ended")
    assert len(box.port.taken) == 2 and box.feed.counts.read == 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [(gone(), "fake: is gone; plug it in"), (RuntimeError("a driver's"), "RuntimeError: a driver's")],
)
def test_without_reconnect_a_loss_is_the_end_with_its_reason(error: Exception, reason: str) -> None:
    box = Box([Fake(2, error)], Care(live=True))
    box.feed.start()
    assert box.state("failed")
    assert box.over == [reason] and box.port.finished.is_set() and len(box.port.taken) == 2


def test_a_lost_sensor_waits_is_tried_again_and_comes_back_with_a_gap() -> None:
    box = Box([Fake(2, gone()), gone(), Fake(None, step=0.01)], LIVE)
    box.feed.start()
    assert box.state("reconnecting") and box.feed.life.reason == "fake: is gone; plug it in"
    box.tick(0.9)
    assert box.opened == 1  # not yet
    box.tick(0.2)
    assert box.opened == 2 and box.state("reconnecting")  # it can't even be made
    box.tick(1.9)
    assert box.opened == 2
    box.tick(0.2)
    assert box.opened == 3 and box.state("running")
    box.feed.stop()
    assert box.feed.join(PATIENCE)
    assert box.feed.counts.reconnects == 1 and box.feed.counts.tries == 2
    assert box.port.gaps[:3] == [False, False, True]
    assert box.port.taken == sorted(box.port.taken)
    assert not box.port.finished.is_set() and not box.over


def test_attempts_run_out_and_a_missing_package_is_not_tried_at_all() -> None:
    care = Care(live=True, waits=Waits(first=1, most=1, jitter=0, attempts=2))
    box = Box([Fake(0, gone())], care)
    box.feed.start()
    for _ in range(2):
        assert box.state("reconnecting") and until(lambda: box.feed._reader is None)
        box.tick(1.5)
    assert box.state("failed")
    assert box.over == ["fake: is gone; plug it in; given up after 2 tries"] and box.opened == 3

    absent = missing_package("camera", "av", "media")
    absent.__cause__ = ImportError("av")
    box = Box([Fake(0, absent)], LIVE)
    box.feed.start()
    assert box.state("failed") and "needs the Python package av" in box.feed.life.reason


def test_a_missing_library_of_the_system_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_portaudio(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(microphone, "import_module", without_portaudio)
    with pytest.raises(UnavailableError) as caught:
        microphone.import_sounddevice("microphone USB")
    box = Box([Fake(0, caught.value)], LIVE)
    box.feed.start()
    assert box.state("failed") and "apt-get install libportaudio2" in box.feed.life.reason


def test_a_live_stream_that_ends_is_lost() -> None:
    box = Box([Fake(1)], LIVE)
    box.feed.start()
    assert box.state("reconnecting") and box.feed.life.reason == "its stream ended"
    box.feed.stop()


def test_a_stall_interrupts_the_reader_and_opens_again(release: threading.Event) -> None:
    first = Fake(2, release.wait)
    first.interrupt = release.set  # type: ignore[method-assign]
    box = Box([first, Fake(None, step=0.01)], LIVE)
    box.feed.start()
    assert box.state("running") and box.waits(2)
    box.tick(4.0)
    assert box.feed.life.state == "running"
    box.tick(1.5)
    assert until(lambda: box.feed.life.state == "reconnecting")
    assert box.feed.life.reason == "no frame for 5 s" and box.feed.counts.stalls == 1
    assert until(lambda: first.closed == 1)
    box.tick(1.5)
    assert box.state("running") and box.feed.counts.abandoned == 0
    box.feed.stop()
    assert box.feed.join(PATIENCE)


def test_a_reader_that_hangs_is_left_behind_and_what_it_brings_later_is_thrown_away() -> None:
    release = threading.Event()

    class Late(Fake):
        def frames(self) -> Any:
            yield from super().frames()
            release.wait()
            yield from super().frames()

    late = Late(2)
    box = Box([late, Fake(None, step=0.01)], LIVE)
    box.feed.start()
    assert box.waits(2)
    box.tick(5.5)
    assert box.feed.life.state == "stalled" and until(lambda: late.interrupted == 1)
    box.tick(2.5)
    assert box.feed.life.state == "reconnecting" and "left behind" in box.feed.life.reason
    assert box.feed.figures()["hanging_readers"] == 1
    box.tick(1.5)
    assert box.state("running")
    taken = len(box.port.taken)
    release.set()
    assert until(lambda: late.closed == 1)  # by its own thread, when it came back
    assert until(lambda: box.feed.figures()["hanging_readers"] == 0)
    assert box.feed.counts.stale == 1 and box.feed.counts.abandoned == 1
    assert until(lambda: len(box.port.taken) > taken)
    box.feed.stop()
    assert box.feed.join(PATIENCE)
    assert box.port.taken == sorted(box.port.taken)
    assert box.feed.counts.read == len(box.port.taken) + box.feed.counts.lost


def test_hanging_readers_do_not_pile_up(release: threading.Event) -> None:
    box = Box([], LIVE)
    box.feed.make = lambda: Fake(0, release.wait)
    box.feed.start()
    for _ in range(60):
        box.tick(30.0)
    assert box.feed.counts.abandoned == MOST_HANGING
    assert box.feed.life.reason == f"{MOST_HANGING} readers of it hang in their driver"
    release.set()
    assert until(lambda: box.feed.figures()["hanging_readers"] == 0)
    box.feed.make = lambda: Fake(None, step=0.01)
    box.tick(2.0)
    assert box.state("running")
    box.feed.stop()
    assert box.feed.join(PATIENCE)


def test_without_reconnect_a_stall_is_told_and_over_with_the_next_frame() -> None:
    go = threading.Event()

    class Slow(Fake):
        def frames(self) -> Any:
            yield from super().frames()
            go.wait()
            yield from super().frames()

    box = Box([Slow(1)], Care(stall_after=5.0))
    box.feed.start()
    assert box.waits(1)
    box.tick(6.0)
    assert box.feed.life.said()[:2] == ("stalled", "no frame for 5 s")
    box.tick(60.0)
    go.set()
    assert box.state("ended")
    assert [change.after.value for change in box.feed.life.changes][-2:] == ["running", "ended"]


def test_a_recording_pauses_in_place_and_a_device_is_closed() -> None:
    recording = Fake(None, step=0.002)
    box = Box([recording], Care())
    box.feed.start()
    assert until(lambda: len(box.port.taken) > 3)
    box.feed.pause()
    assert box.feed.life.state == "paused" and until(lambda: box.feed._reader.activity[0] == "hold")  # type: ignore[union-attr]
    held = len(box.port.taken)
    box.tick(100.0)
    assert len(box.port.taken) == held and recording.closed == 0
    box.feed.start()
    assert box.feed.life.state == "running" and until(lambda: len(box.port.taken) > held + 3)
    assert box.port.taken[: held + 3] == pytest.approx([index / 10 for index in range(held + 3)])
    box.feed.stop()
    assert box.feed.join(PATIENCE) and box.opened == 1

    device = Fake(None, step=0.002)
    box = Box([device, Fake(None, step=0.002)], LIVE)
    box.feed.start()
    assert box.state("running")
    box.feed.pause()
    assert until(lambda: device.closed == 1) and box.feed.life.state == "paused"
    box.tick(100.0)
    assert box.opened == 1
    box.feed.start()
    assert box.state("running") and box.opened == 2
    box.feed.stop()
    assert box.feed.join(PATIENCE)


def test_stop_start_and_replace_in_any_order() -> None:
    made: list[Fake] = []

    def make_one(step: float = 0.001) -> Fake:
        made.append(Fake(None, step=step))
        return made[-1]

    box = Box([], LIVE)
    box.feed.make = make_one
    steps: list[Callable[[], None]] = [
        box.feed.start, box.feed.stop, box.feed.pause, box.feed.start, lambda: box.feed.replace(make_one)
    ]  # fmt: skip
    import random

    chance = random.Random(11)
    for _ in range(300):
        chance.choice(steps)()
        box.tick(0.1)
    box.feed.stop()
    assert until(lambda: all(source.closed == 1 for source in made))
    box.feed.start()
    assert box.state("running")
    box.feed.stop()
    assert box.feed.join(PATIENCE)
    assert box.port.taken == sorted(box.port.taken)
    assert box.feed.counts.read == len(box.port.taken) + box.feed.counts.lost
    assert all(source.closed == 1 for source in made)


def test_a_sensor_that_failed_lives_again_by_a_start_or_another_source() -> None:
    box = Box([Fake(1, gone())], Care(live=True))
    box.feed.start()
    assert box.state("failed") and box.again == []
    box.feed.replace(lambda: Fake(None, step=0.01))
    assert box.again == ["s"] and box.state("running")
    box.feed.stop()
    assert box.feed.join(PATIENCE)


def test_a_frame_that_is_refused_is_counted_and_the_sensor_is_lost() -> None:
    class Refusing(Port):
        def push_samples(self, array: Any, media_time: float, gap: bool, **rest: Any) -> bool:
            raise make(InvalidError, "sensor 's'", "got an array of shape [1, 9]", "push [n, 1]")

    box = Box([Fake(3)], LIVE, Refusing())
    box.feed.start()
    assert box.state("reconnecting") and "got an array of shape [1, 9]" in box.feed.life.reason
    assert (box.feed.counts.read, box.feed.counts.refused) == (1, 1)
    box.feed.stop()


def test_the_first_frame_may_take_longer_than_the_others(release: threading.Event) -> None:
    box = Box([Fake(0, release.wait)], LIVE)
    box.feed.start()
    box.tick(19.0)
    assert box.feed.life.state == "starting"
    box.tick(2.0)
    assert box.feed.life.said()[:2] == ("stalled", "no frame for 20 s")
    release.set()
    assert box.state("reconnecting")
    box.feed.stop()


def test_a_close_that_raises_is_no_worse_than_a_loss() -> None:
    class Bad(Fake):
        def close(self) -> None:
            raise OSError("no")

    box = Box([Bad(1)], Care())
    box.feed.start()
    assert box.state("failed") and box.over == ["OSError: no"]
    box = Box([Bad(1, make(UnavailableError, "a", "b", "c"))], Care())
    box.feed.start()
    assert box.state("failed") and box.over == ["a: b; c"]
