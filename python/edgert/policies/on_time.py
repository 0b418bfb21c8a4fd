"""Lanes kept free of long runs, as many and of as long ones as a look ahead says."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from edgert.policies.foresight import Frame, Line, frames_of, lines_of, missed_of, play
from edgert.policy import Decisions, KeepFree, Order, Policy, Queue, Snapshot

Choice = tuple[int, frozenset[str]]
"""Lanes kept free, and the queues that leave them."""
FREE: Choice = (0, frozenset())
SHORT = 0.05  # of the longest run: what is shorter is in nobody's way
FADES = 0.6  # of what was foreseen before, at each look
RARE = 25  # frames of the rarest pipeline that are played, if that isn't too many
CLUMPS = (1, 2, 4, 8)  # frames of one pipeline that may come at once
MOST = 20  # choices looked at
AT_ONCE = 3  # plays in a call: some milliseconds
GAIN, LEAST = 0.05, 0.003  # what another choice must promise: part of the misses, and part of all frames


class OnTime(Policy):
    """Misses as few bounds as it can foresee: earliest deadline first, on lanes of which some are kept free
    of long runs.

    A run can't be interrupted. A model of 2 ms that must answer within 6 ms is late whenever each lane has
    just begun one of 16 ms, in whatever order work is drawn. If long runs leave a lane to short ones, the
    short ones are in time, and long ones wait longer. Whether that is worth it, of which models, and how many
    lanes, depends on what there is to do: so once a second this policy draws some hundreds of frames at
    random, as they came lately (rates, run times, bounds), and plays out what would become of them under each
    choice, in a simulation of the lanes (foresight.py): none kept free, or one (of many lanes also more), by
    runs from the longest down. Work of pipelines without a bound counts as longest: it can wait. The choice
    that misses least is taken; it stays until another one is clearly better, and forecasts fade, so that
    neither chance nor a burst moves it to and fro.

    How much frames clump is not in what a policy sees, and it matters: of four that come at once, one lane
    does fewer in time than two. So the present choice is played with clumps of several sizes, and the size
    whose misses come nearest those that were counted lately is believed. A look is spread over some calls.

    Task assignment by size is known to be right where sizes vary much and can't be interrupted
    (Harchol-Balter, Crovella and Murta, JPDC 1999); keeping servers free for a class is a trunk reservation
    (of telephone lines). Choosing by simulation, and all constants here, are this project's.

    `count`: what is to be few: "frames" that miss, each alike (short models usually send most of them), or
    "pipelines": the mean of their shares missed. `look`: seconds between two looks; `frames` are played at
    each, or up to four times as many where some are rare, for some milliseconds of a core.
    """

    def __init__(self, count: str = "frames", look: float = 1.0, frames: int = 500) -> None:
        if count not in ("frames", "pipelines"):
            raise ValueError(f"count is {count!r}; write frames or pipelines")
        self.by_pipeline, self.look, self.frames = count == "pipelines", look, frames
        self.choice, self.next = FREE, 0.0
        self.foreseen: dict[Choice, float] = {}
        self.off = dict.fromkeys(CLUMPS, 0.0)  # of what was counted: what clumps of a size would make
        self.random = random.Random(1)
        self.plays: Iterator[None] | None = None  # of the look that goes on

    def decide(self, now: Snapshot) -> Decisions:
        lines = lines_of(now)
        if self.plays is None and now.time >= self.next and any(line.bound_ms is not None for line in lines):
            self.next = now.time + self.look
            self.plays = self._look(now, lines)
        for _ in range(AT_ONCE):
            if self.plays is not None and next(self.plays, True):  # it has ended
                self.plays = None
        lanes, queues = self.choice
        named = tuple(name for name in now.queues if name in queues)
        return Decisions(
            order=Order("edf"),
            keep_free=KeepFree(lanes, named) if lanes and named else None,
            note=self._note(now),
        )

    def _look(self, now: Snapshot, lines: list[Line]) -> Iterator[None]:
        """Plays the same frames under each choice, and takes the best one. A step for each play: a full box
        gives this process little of a core, so a look is spread over calls."""
        lanes = sum(len(device.lanes) for device in now.devices.values())
        count = self._enough(lines)
        yield from self._compare_clumps(now, lines, lanes, count)
        clump = min(CLUMPS, key=lambda clump: self.off[clump])
        frames = frames_of(lines, count, self.random, clump)
        foreseen = {}
        for choice in choices(now, lanes):
            yield
            missed = self._missed(frames, lanes, choice, len(lines))
            before = self.foreseen.get(choice, missed)
            foreseen[choice] = FADES * before + (1 - FADES) * missed
        self.foreseen = foreseen
        if self.choice not in foreseen:
            self.choice = FREE
        best, present = min(foreseen.values()), foreseen[self.choice]
        if best < present * (1 - GAIN) - LEAST:
            self.choice = min(foreseen, key=lambda choice: foreseen[choice])

    def _compare_clumps(self, now: Snapshot, lines: list[Line], lanes: int, count: int) -> Iterator[None]:
        """How far off the misses are that clumps of each size would make."""
        counted = missed_of(now)
        for clump in CLUMPS:
            yield
            wanted, missed = play(
                frames_of(lines, count, self.random, clump), lanes, *self.choice, len(lines)
            )
            off = abs(sum(missed) / max(1, sum(wanted)) - counted)
            self.off[clump] = FADES * self.off[clump] + (1 - FADES) * off

    def _enough(self, lines: list[Line]) -> int:
        """Frames, so that some are of the rarest line, too."""
        rates = [line.rate for line in lines]
        return int(min(4 * self.frames, max(self.frames, RARE * sum(rates) / min(rates))))

    def _missed(self, frames: list[Frame], lanes: int, choice: Choice, lines: int) -> float:
        """The share of the frames with a bound, or the mean of their pipelines' shares."""
        wanted, missed = play(frames, lanes, *choice, lines)
        if self.by_pipeline:
            shares = [lost / of for lost, of in zip(missed, wanted, strict=True) if of]
            return sum(shares) / max(1, len(shares))
        return sum(missed) / max(1, sum(wanted))

    def _note(self, now: Snapshot) -> str:
        lanes, queues = self.choice
        if not lanes:
            return "no lane kept free"
        shortest = min((now.queues[name].run_ms for name in queues if name in now.queues), default=0.0)
        return f"{lanes} kept free of {len(queues)} queues, runs from {shortest:.1f} ms"


def choices(now: Snapshot, lanes: int) -> list[Choice]:
    """No lane kept free, and lanes kept free of the 1, 2, 3 … queues with the longest runs. Of more than can
    be looked at, some, evenly."""
    longest = max((queue.run_ms for queue in now.queues.values()), default=0.0)
    ranked = sorted(
        (queue for queue in now.queues.values() if queue.run_ms > SHORT * longest),
        key=lambda queue: (_can_wait(queue, now.pipelines), queue.run_ms),
        reverse=True,
    )
    names = [queue.name for queue in ranked]
    found = [
        (kept, frozenset(names[:count]))
        for kept in range(1, lanes)
        for count in range(1, len(names) + (len(names) < len(now.queues)))
    ]
    step = max(1.0, len(found) / MOST)
    return [FREE, *(found[int(index * step)] for index in range(min(MOST, len(found))))]


def _can_wait(queue: Queue, pipelines: Mapping[str, object]) -> bool:
    bounds = [getattr(pipelines.get(name), "bound_ms", None) for name in queue.pipelines]
    return all(bound is None for bound in bounds)
