"""A trace as events of the Trace Event Format, which ui.perfetto.dev and chrome://tracing read.

https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU describes the format: X is a
slice, i an instant, b and e a slice that may overlap others of its track, s and f an arrow, C a counter, M a
name. Times are microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .counters import counters
from .names import Names, lane_track
from .record import ADMITTED, ANSWERED, DROPPED, DROPS, ENDS, OUTCOMES, POINT, RAN, Record

Event = dict[str, Any]
LANES, SENSORS, FIRST_APPLICATION = 1, 2, 10  # processes of the trace
SHORTEST = 1000  # ns that an admission is drawn with, so that arrows find it
ARROW = {"name": "queue", "cat": "queue"}


class Chrome:
    """Events of these records; time 0 is the earliest of them."""

    def __init__(self, records: Sequence[Record], names: Names) -> None:
        self._records = records
        self._names = names
        self._zero = min((min(one.ready, one.start) for one in records), default=0)
        self._applications = {
            name: index for index, name in enumerate(sorted({a for a, _ in names.pipelines}))
        }

    def events(self) -> Iterator[Event]:
        """All of them: names, then slices and arrows, then counters."""
        yield from self._tracks()
        for number, record in enumerate(self._records, 1):
            yield from self._of(number, record)
        for when, process, name, value in counters(self._records, self._names):
            yield self._event("C", name, LANES if process == "lanes" else SENSORS, 0, when, {"value": value})

    def _us(self, when: int) -> float:
        return (when - self._zero) / 1000

    def _event(self, kind: str, name: str, process: int, track: int, when: int, args: Any = None) -> Event:
        event: Event = {"ph": kind, "name": name, "pid": process, "tid": track, "ts": self._us(when)}
        if args:
            event["args"] = args
        return event

    # -- names

    def _tracks(self) -> Iterator[Event]:
        yield from _process(LANES, "lanes", 0)
        for lane in sorted({one.lane for one in self._records if one.kind in (RAN, POINT)}):
            yield from _thread(LANES, lane_track(lane), self._names.lane(lane))
        yield from _process(SENSORS, "sensors", 1)
        for index, sensor in enumerate(self._names.sensors):
            yield from _thread(SENSORS, index + 1, sensor)
        for application, index in self._applications.items():
            yield from _process(FIRST_APPLICATION + index, f"application {application}", 2 + index)

    # -- what happened

    def _of(self, number: int, record: Record) -> Iterator[Event]:
        if record.kind == RAN:
            return self._ran(number, record)
        if record.kind == POINT:
            return self._point(record)
        if record.kind == ANSWERED:
            return self._answered(number, record)
        return self._arrived(number, record)

    def _about(self, record: Record) -> Event:
        node = self._names.nodes[record.where]
        applications, pipelines = self._names.wanted(record.where, record.wanted_by)
        sensor = {"sensor": self._names.sensors[node.sensor]} if node.sensor >= 0 else {}
        row = {"row": record.row} if record.row >= 0 else {}
        return {
            **node.about, **sensor, "frame": record.frame, **row,
            "applications": ", ".join(applications), "pipelines": ", ".join(pipelines),
            "outcome": ENDS[record.end_code],
        }  # fmt: skip

    def _ran(self, number: int, record: Record) -> Iterator[Event]:
        queued = (record.start - record.ready) / 1e6
        args = {**self._about(record), "queue_ms": queued, "batch": record.batch}
        name, track = self._names.nodes[record.where].label, lane_track(record.lane)
        event = self._event("X", name, LANES, track, record.start, args)
        event["dur"] = (record.end - record.start) / 1000
        yield event
        yield from self._arrow(number, record)

    def _point(self, record: Record) -> Iterator[Event]:
        name = self._names.nodes[record.where].label
        event = self._event("i", name, LANES, lane_track(record.lane), record.start, self._about(record))
        yield {**event, "s": "t"}

    def _arrow(self, number: int, record: Record) -> Iterator[Event]:
        """From what made it ready, where it waited or came from another track."""
        cause = self._cause(record)
        if cause is None or (
            cause.kind == RAN and cause.lane == record.lane and record.start == record.ready
        ):
            return
        process, track = (LANES, lane_track(cause.lane)) if cause.kind == RAN else (SENSORS, cause.where + 1)
        # Inside of the slice that it comes from: that is how readers find it.
        begin = max(cause.start, cause.end - 1) if cause.kind == RAN else cause.end
        start = {**ARROW, **self._event("s", "queue", process, track, begin), "id": number}
        end = self._event("f", "queue", LANES, lane_track(record.lane), record.start)
        yield start
        yield {**ARROW, **end, "id": number, "bp": "e"}

    def _cause(self, record: Record) -> Record | None:
        """The execution or the admission before it; what has no time of its own is passed over."""
        while 0 < record.cause <= len(self._records):
            record = self._records[record.cause - 1]
            if record.kind in (RAN, ADMITTED):
                return record
        return None

    def _arrived(self, number: int, record: Record) -> Iterator[Event]:
        sensor, track = self._names.sensors[record.where], record.where + 1
        about = {"sensor": sensor, "frame": record.frame}
        if record.kind == DROPPED:
            args = {**about, "reason": DROPS[record.end_code]}
            yield {**self._event("i", "dropped", SENSORS, track, record.end, args), "s": "t"}
        else:
            admitted = self._event("X", f"frame {record.frame}", SENSORS, track, record.end, about)
            yield {**admitted, "dur": SHORTEST / 1000}
        if record.end > record.start:
            yield from self._span(number, f"{sensor}: inbox", SENSORS, record.start, record.end, about)

    def _answered(self, number: int, record: Record) -> Iterator[Event]:
        application, pipeline = self._names.pipelines[record.where]
        about = {
            "frame": record.frame, "outcome": OUTCOMES[record.end_code],
            "latency_ms": (record.end - record.ready) / 1e6,
        }  # fmt: skip
        process = FIRST_APPLICATION + self._applications[application]
        yield from self._span(number, pipeline, process, record.ready, record.end, about)

    def _span(
        self, number: int, name: str, process: int, begin: int, end: int, args: Event
    ) -> Iterator[Event]:
        same = {"cat": name, "id": number}
        yield {**self._event("b", name, process, 0, begin, args), **same}
        yield {**self._event("e", name, process, 0, max(begin, end)), **same}


def _process(number: int, name: str, place: int) -> Iterator[Event]:
    yield {"ph": "M", "name": "process_name", "pid": number, "args": {"name": name}}
    yield {"ph": "M", "name": "process_sort_index", "pid": number, "args": {"sort_index": place}}


def _thread(process: int, number: int, name: str) -> Iterator[Event]:
    yield {"ph": "M", "name": "thread_name", "pid": process, "tid": number, "args": {"name": name}}
    yield {
        "ph": "M", "name": "thread_sort_index", "pid": process, "tid": number, "args": {"sort_index": number},
    }  # fmt: skip
