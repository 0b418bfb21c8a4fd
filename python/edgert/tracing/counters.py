"""How much waited and how much was under way, worked out from a trace's records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from .names import Names
from .record import ADMITTED, ANSWERED, RAN, Record

Step = tuple[int, int]  # when (ns), and by how much
Value = tuple[int, str, str, int]  # when, "lanes" or "sensors", the counter's name, its value


def counters(records: Sequence[Record], names: Names) -> Iterator[Value]:
    """Executions that wait for a lane, and each sensor's frames from admission to the last answer or run."""
    for when, value in _summed(_waiting(records)):
        yield when, "lanes", "waiting executions", value
    for sensor, steps in _in_flight(records, names).items():
        for when, value in _summed(steps):
            yield when, "sensors", f"{names.sensors[sensor]}: frames in flight", value


def _waiting(records: Sequence[Record]) -> list[Step]:
    queued = [one for one in records if one.kind == RAN and one.start > one.ready]
    return [(one.ready, 1) for one in queued] + [(one.start, -1) for one in queued]


def _in_flight(records: Sequence[Record], names: Names) -> dict[int, list[Step]]:
    begun = {(one.where, one.frame): one.end for one in records if one.kind == ADMITTED}
    over = dict(begun)
    for one in records:
        frame = (_sensor(one, names), one.frame)
        if frame in over:
            over[frame] = max(over[frame], one.end)
    steps: dict[int, list[Step]] = {}
    for frame, when in begun.items():
        steps.setdefault(frame[0], []).extend(((when, 1), (over[frame], -1)))
    return steps


def _sensor(record: Record, names: Names) -> int:
    if record.kind == RAN:
        return names.nodes[record.where].sensor
    return names.sensor_of[record.where] if record.kind == ANSWERED else -1


def _summed(steps: list[Step]) -> Iterator[Step]:
    """The value after each moment at which it changed."""
    value = 0
    for when, together in groupby(sorted(steps), key=lambda step: step[0]):
        change = sum(by for _, by in together)
        value += change
        if change:
            yield when, value
