"""What the planner hands out: the plan, and how to read its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgert.documents import Pipeline, Sensor
from edgert.documents.graph import joined_sensors

from .given import Fitted, Given

if TYPE_CHECKING:
    from edgert.answers import Reading
    from edgert.answers.places import Place
    from edgert.trunks import Decision


@dataclass(frozen=True)
class PlannedSensor:
    """A sensor of the plan: its document and the format of its frames."""

    document: Sensor
    format: Mapping[str, Any]


@dataclass(frozen=True)
class PlannedModel:
    """A model of the plan. `reference` is what steps call it."""

    reference: str
    file: Path
    index: int
    """In the plan; -1: it runs in pieces only (Planned.trunks)."""
    instances: int = 0
    """As its document says."""
    backend: str = ""
    devices: tuple[str, ...] = ("cpu",)
    """Where it may run."""


@dataclass(frozen=True)
class PlannedOutput:
    """One output of a pipeline. `kind` is that of edgert.answers: detections, classes, ..., raw."""

    name: str
    step: str
    kind: str
    labels: list[str] | None = None
    fitted: Fitted | None = None
    """How the picture lies in the model's input: where a mask belongs."""
    places: tuple[Place, ...] = ()
    """Of zones and lines."""

    def read(self, data: Any, rows: Any = None) -> Reading | None:
        """The typed reading of a result's array (or of its list of rows); None when it has none."""
        from edgert import answers

        return answers.read(self.kind, data, self.labels, rows, self.places)


@dataclass(frozen=True)
class PlannedPipeline:
    """A pipeline of the plan, by its index there."""

    name: str
    application: str
    sensor: str
    index: int
    document: Pipeline
    outputs: Mapping[str, PlannedOutput]
    steps: Mapping[str, Given]
    """What each step gives, by name: kind, value, tensors."""
    apart: str = ""
    """What runs by rows for this pipeline beside what others run: empty, nothing; or in words."""

    @cached_property
    def sensors(self) -> tuple[str, ...]:
        """All sensors that it reads: its own, then those that it joins."""
        return tuple(joined_sensors(self.document))

    @cached_property
    def title(self) -> str:
        """ "application/name"."""
        return f"{self.application}/{self.name}"

    def read(self, result: Any) -> dict[str, Reading | None]:
        """The typed readings of a native Result, by output; None for one that was skipped or failed."""
        rows = result.rows or {}
        return {
            name: output.read(result.outputs.get(name), rows.get(name))
            for name, output in self.outputs.items()
        }


@dataclass(frozen=True)
class Planned:
    """A plan and its documents' side."""

    spec: Any
    """The native PlanSpec; None without pipelines."""
    sensors: Mapping[str, PlannedSensor]
    models: list[PlannedModel]
    pipelines: Mapping[str, PlannedPipeline]
    """By title; `[...]` takes the name alone, too, where one application has it."""
    applications: Mapping[str, float]
    """Weights."""
    trunks: tuple[Decision, ...] = ()
    """What models that are fed alike share, or why they don't."""
