"""Devices of a plan: made once a model is placed on one, with the run times of the models there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgert.documents import DocumentSet, Model
from edgert.documents.placing import measured
from edgert.documents.profile import ModelProfile, Point

from .native import Builder

MILLI = 1e3  # ms of a second


@dataclass
class Devices:
    """The devices that models were placed on, by name."""

    builder: Builder
    documents: DocumentSet
    indices: dict[str, int] = field(default_factory=dict)
    placed: dict[str, dict[int, Model]] = field(default_factory=dict)
    """By device, the documents of its models, by their index in the plan."""

    def indices_of(self, document: Model) -> list[int]:
        """The devices of a model in the plan; -1: the processor, or a device that isn't there."""
        return list(dict.fromkeys(map(self._index_of, document.devices)))

    def _index_of(self, name: str) -> int:
        device = self.documents.device(name)
        if device is None:
            return -1
        if device.name not in self.indices:
            self.indices[device.name] = self.builder.device(
                device.name, device.type, device.streams, device.in_flight, gpu=device.gpu
            )
        return self.indices[device.name]

    def place(self, document: Model, index: int) -> None:
        """Remembers that a model of the plan is there."""
        for name in document.devices:
            if name in self.indices:
                self.placed.setdefault(name, {})[index] = document

    def tell_times(self) -> None:
        """Tells the plan how long runs take, once all models are there."""
        for name, models in self.placed.items():
            device = self.documents.device(name)
            names = {index: document.name for index, document in models.items()}
            for index, document in models.items():
                found = measured(document.name, device, self.documents) if device else None
                if device and found:
                    times = run_times(found, document.threads, names, device.in_flight)
                    self.builder.run_times(self.indices[name], index, times)


def run_times(
    profile: ModelProfile, threads: int, beside: Mapping[int, str], in_flight: int | None = None
) -> dict[str, Any]:
    """What `_native` takes as a model's run times. `beside`: names of models, by index in the plan. Of a
    device with so many runs in flight on a stream: those that were measured with as many, or the nearest
    fewer, and as long as they keep their stream."""
    slower = {one.beside: one.slowdown for one in profile.together}
    points = nearest_in_flight(profile.points, in_flight)
    return {
        "threads": threads,
        "points": [_point(point) for point in points],
        "beside": {index: slower[name] for index, name in beside.items() if name in slower},
        "idle": idle(profile, points) * MILLI,
    }


def nearest_in_flight(points: Sequence[Point], in_flight: int | None) -> list[Point]:
    """Those that were measured with so many runs in flight, or the nearest fewer; with the fewest there are,
    where all are more. All, of a processor."""
    counts = {point.in_flight for point in points if point.in_flight is not None}
    if not counts:
        return list(points)
    fewer = [count for count in counts if in_flight is None or count <= in_flight]
    nearest = max(fewer, default=min(counts))
    return [point for point in points if point.in_flight == nearest]


def idle(profile: ModelProfile, points: Sequence[Point]) -> float:
    """Seconds that a run takes longer when nothing is ahead of it on its stream: to be told to begin."""
    if profile.paced is None:
        return 0.0
    alone = min(points, key=lambda point: (point.batch, point.instances))
    return max(0.0, profile.paced.p50 - float(alone.p50) * alone.taken)


def _point(point: Point) -> tuple[int, int, int, float, float, float, float]:
    p50, p90, p99 = (float(time) * MILLI * point.taken for time in (point.p50, point.p90, point.p99))
    return point.instances, point.threads, point.batch, p50, p90, p99, point.spread
