"""What would become of frames: a small simulation of lanes, for policies. Times are in milliseconds.

It knows what a Snapshot tells: how often frames come, the mean run times of the queues that they go through,
and bounds. Frames come by chance (a Poisson process, of single frames or of clumps), the earliest deadline
runs first, runs are not interrupted, and what can't be done in time is not begun. It leaves out what is
little or unknown: batches, sharing of one run by pipelines with different steps (which count as runs less
often), and conditions (likewise).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from edgert.policy import Pipeline, Queue, Snapshot

LITTLE = 0.1  # ms: a shorter step is part of the next one
VARIES = 0.1  # of a run's time, as a standard deviation

Step = tuple[str, float]
"""A queue, and what a run of it takes."""
Frame = tuple[float, float, bool, int, tuple[Step, ...]]
"""When it comes, when it is due, whether it is dropped when it can't be in time, its line, its steps."""


@dataclass(frozen=True)
class Line:
    """Frames of one pipeline."""

    rate: float
    """A millisecond."""
    bound_ms: float | None
    drops: bool
    steps: tuple[tuple[str, float, float], ...]
    """Queue, run in ms, and the share of the frames that take it."""
    waiting: int
    """Of a line without a bound, frames that wait now."""


def lines_of(now: Snapshot) -> list[Line]:
    """The pipelines that send frames."""
    due = {pipeline.name: _due(pipeline) for pipeline in now.pipelines.values()}
    worked = {name: due[name] - now.pipelines[name].dropped - now.pipelines[name].refused for name in due}
    lines = []
    for pipeline in now.pipelines.values():
        if due[pipeline.name] <= 0:
            continue
        queues = [now.queues[name] for name in pipeline.queues if name in now.queues]
        waiting = 0 if pipeline.bound_ms is not None else max((queue.waiting for queue in queues), default=0)
        steps = _steps(queues, due, worked)
        lines.append(
            Line(due[pipeline.name] / 1e3, pipeline.bound_ms, pipeline.on_miss == "drop", steps, waiting)
        )
    return lines


def missed_of(now: Snapshot) -> float:
    """The share of the frames with a bound that missed it lately."""
    bounded = [pipeline for pipeline in now.pipelines.values() if pipeline.bound_ms is not None]
    missed = sum(one.late + one.dropped + one.stale + one.refused for one in bounded)
    return missed / max(missed + sum(one.ok for one in bounded), 1e-9)


def _due(pipeline: Pipeline) -> float:
    """Frames a second that it was to work on."""
    return (
        pipeline.ok + pipeline.late + pipeline.skipped + pipeline.dropped
        + pipeline.failed + pipeline.stale + pipeline.refused
    )  # fmt: skip


def _steps(
    queues: list[Queue], due: dict[str, float], worked: dict[str, float]
) -> tuple[tuple[str, float, float], ...]:
    steps, little = [], 0.0
    for queue in queues:
        if queue.run_ms <= LITTLE:
            little += queue.run_ms
            continue
        times = _times(queue, due, worked)
        steps.append((queue.name, queue.run_ms * max(1.0, times) + little, min(1.0, times)))
        little = 0.0
    return tuple(steps)


def _times(queue: Queue, due: dict[str, float], worked: dict[str, float]) -> float:
    """Runs a frame: rows make more than one, conditions and shared runs fewer. A frame that was dropped may
    have had its run or not, so 1 where that explains the rate."""
    fewest = queue.rate / max(sum(due.get(name, 0.0) for name in queue.pipelines), 1e-9)
    most = queue.rate / max(sum(worked.get(name, 0.0) for name in queue.pipelines), 1e-9)
    return fewest if fewest > 1 else most if most < 1 else 1.0


def frames_of(lines: list[Line], count: int, rng: random.Random, clump: int = 1) -> list[Frame]:
    """Frames that may come next, in order: those that wait, and about `count` more, so many of a line at
    once."""
    frames = [_frame(0.0, index, line, rng) for index, line in enumerate(lines) for _ in range(line.waiting)]
    rates = [line.rate for line in lines]
    total, at = sum(rates), 0.0
    for index in rng.choices(range(len(lines)), rates, k=max(1, count // clump)):
        at += rng.expovariate(total / clump)
        frames += [_frame(at, index, lines[index], rng) for _ in range(clump)]
    return frames


def _frame(at: float, index: int, line: Line, rng: random.Random) -> Frame:
    steps = tuple(
        (queue, run * max(0.5, rng.gauss(1.0, VARIES)))
        for queue, run, share in line.steps
        if share >= 1 or rng.random() < share
    )
    due = inf if line.bound_ms is None else at + line.bound_ms
    return at, due, line.drops, index, steps


def play(
    frames: list[Frame], lanes: int, kept: int, limited: frozenset[str], lines: int
) -> tuple[list[int], list[int]]:
    """Frames with a bound, and those of them that missed it, by line, when runs of the `limited` queues leave
    `kept` lanes free."""
    wanted, missed = [0] * lines, [0] * lines
    waiting: tuple[list[tuple[float, int, int]], ...] = ([], [])  # limited ones apart
    running: list[tuple[float, int, int, int]] = []  # end, whether limited, frame, step
    free, places = lanes, lanes - kept

    def arrive(frame: int, step: int) -> None:
        _, due, _, _, steps = frames[frame]
        apart = kept > 0 and steps[step][0] in limited
        heappush(waiting[apart], (due, frame, step))

    def draw(now: float) -> None:
        nonlocal free, places
        while free:
            apart = bool(waiting[1]) and places > 0 and (not waiting[0] or waiting[1][0] < waiting[0][0])
            if not waiting[apart]:
                return
            due, frame, step = heappop(waiting[apart])
            steps = frames[frame][4]
            run = steps[step][1]
            if frames[frame][2] and now + sum(left for _, left in steps[step:]) > due:
                missed[frames[frame][3]] += 1
                continue
            heappush(running, (now + run, apart, frame, step))
            free, places = free - 1, places - apart

    def end() -> None:
        nonlocal free, places
        now, apart, frame, step = heappop(running)
        free, places = free + 1, places + apart
        if step + 1 < len(frames[frame][4]):
            arrive(frame, step + 1)
        elif now > frames[frame][1]:
            missed[frames[frame][3]] += 1
        draw(now)

    for index, (at, due, _, line, steps) in enumerate(frames):
        while running and running[0][0] <= at:
            end()
        wanted[line] += due < inf
        if steps:
            arrive(index, 0)
        draw(at)
    while running:
        end()
    return wanted, missed
