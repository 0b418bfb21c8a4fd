"""Devices of a plan: made once a model is placed on one, with the run times of the models there."""

from __future__ import annotations

from collections.abc import Mapping
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
        device = self.documents.devices.get(name)
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
            for index, document in models.items():
                found = measured(document.name, self.documents.devices[name], self.documents)
                if found is not None:
                    self.builder.run_times(self.indices[name], index, run_times(found, document, models))


def run_times(profile: ModelProfile, document: Model, beside: Mapping[int, Model]) -> dict[str, Any]:
    """What `_native` takes as a model's run times. `beside`: the device's models, by index in the plan."""
    slower = {one.beside: one.slowdown for one in profile.together}
    return {
        "threads": document.threads,
        "points": [_point(point) for point in profile.points],
        "beside": {index: slower[other.name] for index, other in beside.items() if other.name in slower},
    }


def _point(point: Point) -> tuple[int, int, int, float, float, float, float]:
    p50, p90, p99 = (float(time) * MILLI for time in (point.p50, point.p90, point.p99))
    return point.instances, point.threads, point.batch, p50, p90, p99, point.spread
