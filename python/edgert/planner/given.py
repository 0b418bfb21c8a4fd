"""What a planned step gives to those that read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from edgert.answers.places import Place
from edgert.documents import Refused, Step
from edgert.documents.base import Route
from edgert.documents.errors import did_you_mean
from edgert.documents.graph import split

from .algebra import Built
from .native import Builder, Value

if TYPE_CHECKING:
    from .joining import Joined


@dataclass(frozen=True)
class Gate:
    """A condition, before it is put under others."""

    step: str
    value: Value
    options: Mapping[str, Any]


class Fitted(NamedTuple):
    """How a picture was fitted into a model's input, and that input's size in pixels."""

    fit: str
    width: int
    height: int


@dataclass(frozen=True)
class Given:
    """A step's answer and tensors."""

    step: Step
    kind: str
    """detections, tracks, zones, lines, count, keypoints, classes, mask, probability, embedding, raw,
    regions, or condition."""
    value: Value | None
    """The answer; None when only the tensors have meaning."""
    labels: list[str] | None = None
    tensors: Mapping[str, Value] = field(default_factory=dict)
    model_outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    """What must be open for it to run, outermost first."""
    scores: Value | None = None
    """Of classes: the tensor that they were chosen from."""
    activation: str = "none"
    rows: Value | None = None
    """The regions that it ran for."""
    fitted: Fitted | None = None
    """Of a model that reads pictures."""
    chains: Mapping[str, Built] = field(default_factory=dict)
    """Of a model: the way to each input."""
    run: Value | None = None
    """Of a model: its run."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Of a model: its inputs that never change."""
    places: tuple[Place, ...] = ()
    """Of zones and lines."""
    joined: Joined | None = None
    """Of a join of a whole sensor: its frames."""
    how: str = ""
    """Of a join: what is asked of the other sensor, in words."""
    brought: tuple[Given, ...] = ()
    """Of a model: what its document's features_from runs for it."""
    joins: Mapping[str, str] = field(default_factory=dict)
    """Of a model: the step that joins, by the inputs that are made from another sensor's frames."""

    def read(self, reference: str, route: Route) -> Value:
        """The value that a reference STEP or STEP.TENSOR means. Raises Refused."""
        name, tensor = split(reference)
        if tensor is not None:
            if tensor not in self.tensors:
                what = f"step {name!r} has no tensor {tensor!r}"
                raise Refused(
                    what, did_you_mean(tensor, self.tensors, "it has") or "name the step alone", route
                )
            return self.tensors[tensor]
        if self.value is not None:
            return self.value
        if len(self.tensors) == 1:
            return next(iter(self.tensors.values()))
        if self.joined is not None:
            what = f"step {name!r} joins the frames of {self.joined.sensor.name}, which are no numbers yet"
            raise Refused(what, "give it to a model, or join a step on that sensor", route)
        what = f"step {name!r} gives several tensors"
        raise Refused(what, f"say which: {' or '.join(f'{name}.{tensor}' for tensor in self.tensors)}", route)


def merged(*chains: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """All gates of these chains, each once, in order."""
    seen: dict[str, Gate] = {}
    for chain in chains:
        for gate in chain:
            seen.setdefault(gate.step, gate)
    return tuple(seen.values())


def closed_by(builder: Builder, gates: tuple[Gate, ...], scope: int, root: int) -> Value | None:
    """The gate that is open when all of them are; None without any.

    Where a condition runs by regions, and what waits for it runs in another scope, its rows are gathered.
    """
    reached: list[tuple[Value, Gate]] = []
    for gate in gates:
        value = gate.value
        while value.scope not in (scope, root):
            value = builder.gather(value)
        reached.append((value, gate))
    outer: Value | None = None
    for value, gate in sorted(reached, key=lambda pair: pair[0].scope != root):
        outer = builder.gate(value, under=outer, name=gate.step, **gate.options)
    return outer
