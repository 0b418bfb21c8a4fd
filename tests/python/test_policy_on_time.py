"""The policy on-time: what it foresees, and which lanes it keeps free."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import inf

import pytest
from edgert.policies.foresight import Line, frames_of, lines_of, missed_of, play
from edgert.policies.on_time import FREE, OnTime, choices
from edgert.policy import Decisions, Device, Pipeline, Queue, Snapshot

TEN = (1.4, 2.1, 2.5, 4.8, 6.2, 8.0, 10.7, 13.0, 14.8, 16.3)


def snapshot(
    runs: Sequence[float], load: float, bounds: Sequence[float | None], lanes: int = 2, time: float = 0.0
) -> Snapshot:
    """A pipeline a model, equal work of each."""
    rates = [load * lanes / len(runs) / run * 1e3 for run in runs]
    queues = {
        f"m{i}": Queue(
            name=f"m{i}", is_model=True, applications=("a",), pipelines=(f"a/p{i}",), waiting=0, rate=rate,
            run_ms=run, run_p50_ms=run, run_p99_ms=run, wait_p50_ms=0, wait_p99_ms=0, expected_ms=run,
            slowdown=1,
        )
        for i, (run, rate) in enumerate(zip(runs, rates, strict=True))
    }  # fmt: skip
    pipelines = {
        f"a/p{i}": Pipeline(
            name=f"a/p{i}", application="a", sensor="s", bound_ms=bound, on_miss="drop", queues=(f"m{i}",),
            ok=rate, late=0, skipped=0, dropped=0, failed=0, stale=0, refused=0, limited=0, latency_p50_ms=0,
            latency_p99_ms=0, share=1,
        )
        for i, (bound, rate) in enumerate(zip(bounds, rates, strict=True))
    }  # fmt: skip
    return Snapshot(time, time, {"cpu": Device("cpu", (0.0,) * lanes)}, queues, pipelines, {}, {}, {}, {})


def decided(
    runs: Sequence[float], load: float, bounds: Sequence[float | None], lanes: int = 2, **params: str
) -> Decisions:
    policy = OnTime(**params)
    for second in range(8):
        for part in range(10):
            made = policy.decide(snapshot(runs, load, bounds, lanes, second + part / 10))
    return made


def test_short_work_is_late_behind_long_runs_unless_they_leave_a_lane() -> None:
    long, short = ("long", 10.0), ("short", 1.0)
    frames = [(0.0, 30.0, True, 0, (long,)), (0.1, 30.1, True, 0, (long,)), (0.2, 3.2, True, 1, (short,))]
    assert play(frames, 2, 0, frozenset(), 2) == ([2, 1], [0, 1])
    assert play(frames, 2, 1, frozenset({"long"}), 2) == ([2, 1], [0, 0])


def test_what_cannot_be_in_time_is_not_begun_unless_it_is_wanted_late() -> None:
    steps = (("m", 10.0),)
    frames = [(0.0, 12.0, True, 0, steps), (0.0, 12.0, True, 0, steps), (5.0, 21.0, True, 0, steps)]
    assert play(frames, 1, 0, frozenset(), 1) == ([3], [1])
    late = [(at, due, False, line, steps) for at, due, _, line, _ in frames]
    assert play(late, 1, 0, frozenset(), 1) == ([3], [2])


def test_steps_follow_each_other_and_need_no_bound() -> None:
    frames = [(0.0, 25.0, True, 0, (("a", 10.0), ("b", 10.0))), (0.0, inf, True, 1, (("c", 10.0),)),
              (1.0, 2.0, True, 0, ())]  # fmt: skip
    assert play(frames, 1, 0, frozenset(), 2) == ([2, 0], [0, 0])


def test_frames_come_as_often_as_their_pipelines_send_them() -> None:
    now = snapshot((1.0, 10.0), 0.5, (5.0, None))
    lines = lines_of(now)
    assert [line.bound_ms for line in lines] == [5.0, None]
    frames = frames_of(lines, 4000, random.Random(3))
    assert sum(frame[3] == 0 for frame in frames) == pytest.approx(4000 * 10 / 11, rel=0.05)
    assert frames[-1][0] == pytest.approx(4000 / (0.5 + 0.05), rel=0.1)
    assert all(due == inf for _, due, _, line, _ in frames if line == 1)


def test_clumps_come_at_once_and_no_more_frames_with_them() -> None:
    lines = lines_of(snapshot((1.0, 1.0), 0.5, (5.0, 5.0)))
    frames = frames_of(lines, 4000, random.Random(3), clump=4)
    assert len(frames) == 4000
    assert all(len({(frame[0], frame[3]) for frame in frames[at : at + 4]}) == 1 for at in range(0, 4000, 4))
    assert frames[-1][0] == pytest.approx(4000, rel=0.1)


def test_the_clumps_are_believed_that_explain_what_was_counted() -> None:
    """Four at once, of which each lane does some in time: a lane kept free costs more than it brings."""
    now = snapshot((10.0,), 0.3, (15.0,))
    policy = OnTime()
    lines = lines_of(now)
    for clump in (1, 4):
        wanted, missed = play(frames_of(lines, 4000, random.Random(1), clump), 2, 0, frozenset(), 1)
        share = missed[0] / wanted[0]
        pipeline = now.pipelines["a/p0"]
        due = pipeline.ok + pipeline.dropped
        object.__setattr__(pipeline, "ok", due * (1 - share))
        object.__setattr__(pipeline, "dropped", due * share)
        assert missed_of(now) == pytest.approx(share)
        for _ in range(8):
            list(policy._compare_clumps(now, lines, 2, 500))
        assert min(policy.off, key=lambda size: policy.off[size]) == clump


def test_a_condition_makes_runs_rarer_and_rows_make_them_longer() -> None:
    now = snapshot((1.0, 4.0), 0.5, (5.0, 20.0))
    rarely, rows = now.queues["m0"], now.queues["m1"]
    object.__setattr__(rarely, "rate", rarely.rate / 4)
    object.__setattr__(rows, "rate", rows.rate * 3)
    first, second = lines_of(now)
    assert first.steps == (("m0", 1.0, 0.25),)
    assert second.steps == (("m1", 12.0, 1.0),)


def test_a_lane_is_kept_free_where_sizes_differ() -> None:
    made = decided(TEN, 0.8, [3 * run for run in TEN])
    assert made.order is not None and made.order.base == "edf"
    assert made.keep_free is not None and made.keep_free.lanes == 1
    assert {"m9", "m8", "m7"} <= set(made.keep_free.queues) <= {f"m{i}" for i in range(3, 10)}


@pytest.mark.parametrize(
    ("runs", "load", "bounds", "lanes"),
    [
        (TEN, 0.8, [60.0] * 10, 2),  # bounds that all can keep
        ([10.0] * 6, 0.9, [30.0] * 6, 2),  # all alike
        (TEN, 0.05, [3 * run for run in TEN], 4),  # nothing to do
        (TEN, 0.8, [None] * 10, 2),  # nothing has a bound
        (TEN, 0.8, [3 * run for run in TEN], 1),  # one lane
    ],
)
def test_no_lane_is_kept_free_where_it_helps_nobody(
    runs: Sequence[float], load: float, bounds: Sequence[float | None], lanes: int
) -> None:
    assert decided(runs, load, bounds, lanes).keep_free is None


def test_what_has_no_bound_leaves_a_lane_to_what_has_one() -> None:
    made = decided([15.0, 15.0, 12.0], 0.95, [25.0, None, None])
    assert made.keep_free is not None and set(made.keep_free.queues) == {"m1", "m2"}


def test_pipelines_count_alike_where_that_is_asked_for() -> None:
    bounds = [3 * run for run in TEN]
    frames, pipelines = decided(TEN, 1.1, bounds), decided(TEN, 1.1, bounds, count="pipelines")
    assert frames.keep_free is not None
    assert pipelines.keep_free is None or len(pipelines.keep_free.queues) < len(frames.keep_free.queues)
    with pytest.raises(ValueError, match="write frames or pipelines"):
        OnTime(count="models")


def test_of_many_choices_some_are_looked_at() -> None:
    now = snapshot([1.0 + i for i in range(40)], 0.5, [100.0] * 40, lanes=8)
    found = choices(now, 8)
    assert found[0] == FREE and len(found) == 21 == len(set(found))
    assert choices(snapshot((), 0.5, ()), 2) == [FREE]


def test_a_line_that_waits_is_played_from_the_start() -> None:
    lines = [Line(0.1, None, True, (("m", 5.0, 1.0),), 3)]
    frames = frames_of(lines, 1, random.Random(0))
    assert [frame[0] for frame in frames[:3]] == [0.0] * 3 and len(frames) == 4
