"""The sensors of a plan: what their frames are, and their places in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edgert.documents import PushSource, Sensor
from edgert.documents.errors import Problem, problem_at

from .native import Builder, Value, said_by
from .planned import PlannedSensor

Probe = Callable[[Any, Path], dict[str, Any]]
WAITING = {"image": 4}  # frames of an inbox; chunks of sounds and rows are small
WAITING_CHUNKS = 64


class Frames:
    """Looks at sensors' sources, and puts those into the plan whose frames somebody wants."""

    def __init__(self, builder: Builder, probe: Probe, problems: list[Problem]) -> None:
        self.planned: dict[str, PlannedSensor] = {}
        self._builder, self._probe, self._problems = builder, probe, problems
        self._values: dict[str, Value] = {}

    def add(self, sensor: Sensor) -> None:
        """Takes the sensor up; where its source can't be looked at, that becomes a problem."""
        if format := self.probe(sensor):
            self.planned[sensor.name] = PlannedSensor(sensor, format)

    def probe(self, sensor: Sensor) -> dict[str, Any] | None:
        """The format of its frames; None, and a problem, where the source can't tell."""
        try:
            if isinstance(sensor.source, PushSource):
                return sensor.source.format.model_dump()
            return self._probe(sensor.source, sensor.base)
        except Exception as error:  # whatever a codec raises is this sensor's problem
            what, remedy = said_by(error) or (
                f"{type(error).__name__}: {error}",
                "check the file or the device",
            )
            self._problems.append(problem_at(sensor, ("source",), what, remedy))
            return None

    def value(self, name: str) -> Value:
        """This sensor's frame in the plan."""
        if name not in self._values:
            planned = self.planned[name]
            inbox = planned.document.inbox
            waiting = WAITING.get(planned.format["kind"], WAITING_CHUNKS)
            self._values[name] = self._builder.sensor(
                name,
                dict(planned.format),
                inbox=inbox.policy or inbox_policy(planned.document, planned.format),
                queue=inbox.size or waiting,
                in_flight=inbox.in_flight,
                cache=planned.document.cache,
            )
        return self._values[name]


def inbox_policy(sensor: Sensor, format: Mapping[str, Any]) -> str:
    """What an inbox does when its document doesn't say."""
    if getattr(sensor.source, "speed", "original") == "max":
        return "block"
    return "latest" if format["kind"] == "image" else "queue"
