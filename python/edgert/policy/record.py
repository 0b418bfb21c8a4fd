"""From the core's record of numbers (csrc/edgert/runtime/load_meter.h) to a Snapshot."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from .decisions import SOONEST
from .snapshot import Application, Device, Pipeline, Place, Queue, Sensor, Snapshot

VERSION = 2
TABLES = ("lanes", "queues", "places", "pipelines", "applications", "sensors")
COLUMNS = (1, 9, 7, 11, 2, 4)
HEADER = 3 + len(TABLES)


class Mismatch(ValueError):
    """The record is none, or of other things than the outline's."""


def made_up(outline: Mapping[str, Any]) -> bytes:
    """A record of a box at work, for a call that tries a policy out."""
    counts = _counts(outline)
    rows = {
        "lanes": [0.6],
        "queues": [2.0, 10.0, 8.0, 8.0, 12.0, 4.0, 20.0, 8.0, 0.0],
        "places": [1.0, 5.0, 8.0, 8.0, 12.0, 4.0, 8.0],
        "pipelines": [9.0, 0.5, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 30.0, 60.0, 1.0],
        "applications": [0.5, 2.0],
        "sensors": [10.0, 1.0, 1.0, 0.5],
    }
    numbers = [float(VERSION), 1000.0, 60.0, *map(float, counts)]
    for name, count in zip(TABLES, counts, strict=True):
        numbers += rows[name] * count
    return array("d", numbers).tobytes()


def _counts(outline: Mapping[str, Any]) -> tuple[int, ...]:
    """The rows of each table."""
    rows = {name: len(outline[name]) for name in TABLES if name in outline}
    rows["lanes"] = sum(outline["devices"].values())
    rows["places"] = sum(len(_places(queue)) for queue in outline["queues"])
    return tuple(rows[name] for name in TABLES)


def _places(queue: Mapping[str, Any]) -> list[str]:
    """The devices that have rows of their own."""
    return queue["devices"] if len(queue["devices"]) > 1 else []


class Reader:
    """Reads the records of one plan. Remembers each queue's quickest median, to tell slowdowns by."""

    def __init__(self, outline: Mapping[str, Any]) -> None:
        self._outline = outline
        self._counts = _counts(outline)
        self._quickest: dict[str, float] = {}

    def read(self, record: bytes, temperatures: Mapping[str, float], powers: Mapping[str, float]) -> Snapshot:
        """Raises Mismatch."""
        if len(record) % 8:
            raise Mismatch("the record is no list of numbers")
        numbers = array("d")
        numbers.frombytes(record)
        tables = self._tables(numbers)
        places = iter(tables["places"])
        return Snapshot(
            time=numbers[1],
            uptime_s=numbers[2],
            devices=self._devices(tables["lanes"]),
            queues=_named(
                self._queue(outline, row, [next(places) for _ in _places(outline)])
                for outline, row in zip(self._outline["queues"], tables["queues"], strict=True)
            ),
            pipelines=_named(map(_pipeline, self._outline["pipelines"], tables["pipelines"])),
            applications=_named(map(_application, self._outline["applications"], tables["applications"])),
            sensors=_named(map(_sensor, self._outline["sensors"], tables["sensors"])),
            temperatures_c=MappingProxyType(dict(temperatures)),
            powers_w=MappingProxyType(dict(powers)),
        )

    def _tables(self, numbers: Sequence[float]) -> dict[str, list[Sequence[float]]]:
        sizes = [count * columns for count, columns in zip(self._counts, COLUMNS, strict=True)]
        if len(numbers) != HEADER + sum(sizes) or numbers[0] != VERSION:
            raise Mismatch("the record is of another version or plan")
        if tuple(numbers[3:HEADER]) != self._counts:
            raise Mismatch("the record is of another plan")
        tables, at = {}, HEADER
        for name, size, columns in zip(TABLES, sizes, COLUMNS, strict=True):
            tables[name] = [numbers[row : row + columns] for row in range(at, at + size, columns)]
            at += size
        return tables

    def _devices(self, lanes: Sequence[Sequence[float]]) -> Mapping[str, Device]:
        busy: Iterator[float] = (row[0] for row in lanes)
        return _named(
            Device(name, tuple(next(busy) for _ in range(count)))
            for name, count in self._outline["devices"].items()
        )

    def _queue(
        self, outline: Mapping[str, Any], row: Sequence[float], places: Sequence[Sequence[float]]
    ) -> Queue:
        waiting, rate, mean, p50, p99, wait_p50, wait_p99, expected, now = row
        name = outline["name"]
        if not expected and p50:
            expected = self._quickest[name] = min(p50, self._quickest.get(name, p50))
        return Queue(
            name=name,
            is_model=outline["is_model"],
            applications=tuple(outline["applications"]),
            pipelines=tuple(outline["pipelines"]),
            waiting=int(waiting),
            rate=rate,
            run_ms=mean,
            run_p50_ms=p50,
            run_p99_ms=p99,
            wait_p50_ms=wait_p50,
            wait_p99_ms=wait_p99,
            expected_ms=expected,
            slowdown=p50 / expected if expected and p50 else 1.0,
            most_batch=outline["most_batch"],
            devices=tuple(outline["devices"]),
            device=outline["devices"][int(now)] if now >= 0 else SOONEST,
            places=_named(map(_place, _places(outline), places)),
        )


def _place(device: str, row: Sequence[float]) -> Place:
    return Place(device, int(row[0]), *row[1:])


def _named(rows: Any) -> Mapping[str, Any]:
    return MappingProxyType({row.name: row for row in rows})


def _pipeline(outline: Mapping[str, Any], row: Sequence[float]) -> Pipeline:
    fields: dict[str, Any] = {**outline, "queues": tuple(outline["queues"])}
    fields.update(zip(PIPELINE_FIELDS, row, strict=True))
    return Pipeline(**fields)


PIPELINE_FIELDS = (
    "ok", "late", "skipped", "dropped", "failed", "stale", "refused", "limited",
    "latency_p50_ms", "latency_p99_ms", "share",
)  # fmt: skip


def _application(outline: Mapping[str, Any], row: Sequence[float]) -> Application:
    return Application(outline["name"], outline["weight"], row[0], int(row[1]))


def _sensor(name: str, row: Sequence[float]) -> Sensor:
    return Sensor(name, row[0], int(row[1]), int(row[2]), row[3])
