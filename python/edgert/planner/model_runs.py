"""Puts the runs of models into the plan: whole, or in the pieces that they share with others.

A plan is made twice where models share pieces: the first one shows which models are fed alike, the second one
runs their pieces (shared.py decides between the two).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any

from edgert.documents import Sensor
from edgert.trunks.decision import Decision, index_of, is_piece, output_of

from .algebra import Built
from .instances import instances_of
from .models import Opened
from .native import Builder, Value, described, said_by

Key = tuple[str, str]
"""Pipeline ("application/name") and step. A model that a step brings in besides has a longer name there."""


@dataclass(frozen=True)
class ModelRun:
    """A run of a model as the first plan has it."""

    key: Key
    opened: Opened
    chains: Mapping[str, Built]
    values: Mapping[str, Value]
    node: int
    sensor: Sensor
    private: bool


@dataclass(frozen=True)
class InPieces:
    """How a run is done in pieces: which of a decision's models it is."""

    decision: Decision
    member: int
    leaves: Mapping[str, str]
    """What each input of the model is, in the decision's words."""
    instances: Mapping[int, int]
    """Of each piece, as Model documents say."""
    batches: Mapping[int, int] = field(default_factory=dict)
    """Works of each piece that may run as one, at most: as many as one of its models may."""


@dataclass
class Pieces:
    """A run in pieces: as a native value, it gives the model's outputs."""

    values: Mapping[str, Value]
    outputs: list[str]
    nodes: dict[int, Value]
    """The runs of the pieces, by index."""
    decision: Decision
    node: int
    """The model's own piece; where it has none, the one that gives its outputs."""
    alone: Mapping[int, str] = field(default_factory=dict)
    """Why a piece runs single works though its model's document says `batch`, by index."""

    def out(self, index: int) -> Value:
        """An output by its place."""
        return self.values[self.outputs[index]]


@dataclass(frozen=True)
class RunsOfNode:
    """The runs that one node does: one model."""

    all: list[ModelRun] = field(default_factory=list)
    distinct: dict[tuple[int, bool], ModelRun] = field(default_factory=dict)
    """One for each document and owner: a large plan has many runs of each."""

    def add(self, run: ModelRun) -> None:
        """One more."""
        self.all.append(run)
        self.distinct.setdefault((id(run.opened.document), run.private), run)


@dataclass
class ModelRuns:
    """What runs and how: notes each run, and does those in pieces that are to be."""

    cuts: Mapping[Key, InPieces] = field(default_factory=dict)
    noted: list[ModelRun] = field(default_factory=list)
    _by_node: dict[int, RunsOfNode] = field(default_factory=dict)
    _sorted: int = 0

    def by_node(self) -> Mapping[int, RunsOfNode]:
        """What is noted, by node. What was noted when it is called may no longer be taken back."""
        for run in self.noted[self._sorted :]:
            self._by_node.setdefault(run.node, RunsOfNode()).add(run)
        self._sorted = len(self.noted)
        return self._by_node

    def run(
        self,
        builder: Builder,
        key: Key,
        opened: Opened,
        chains: Mapping[str, Built],
        values: Mapping[str, Value],
        sensor: Sensor,
        private: bool = False,
    ) -> Any:
        """The run of a model: a value whose out() gives the outputs, in the model file's order."""
        document = opened.document
        name = key[1]
        if (cut := self.cuts.get(key)) is not None:
            return _in_pieces(builder, cut, opened, values, name)
        run = builder.run_model(
            opened.index,
            dict(values),
            constants=opened.constants,
            state=dict(document.state),
            name=name,
            carry_over_gaps=document.on_gap == "carry",
        )
        self.noted.append(ModelRun(key, opened, chains, values, int(run.node), sensor, private))
        return run


def _in_pieces(
    builder: Builder, cut: InPieces, opened: Opened, values: Mapping[str, Value], name: str
) -> Pieces:
    document, decision = opened.document, cut.decision
    inputs = {leaf: input for input, leaf in cut.leaves.items()}
    runs: dict[int, Value] = {}
    given: dict[int, dict[str, Value]] = {}
    alone: dict[int, str] = {}
    for index in decision.of(cut.member):
        piece = decision.pieces[index]
        open_piece = partial(
            builder.model,
            piece.title,
            str(piece.file),
            backend=document.backend,
            threads=document.threads,
            instances=instances_of(cut.instances[index], piece.file, document.backend),
            engine=dict(document.engine),
        )
        number = open_piece()
        feeds, constants, state = {}, {}, {}
        for tensor, source in piece.inputs.items():
            if is_piece(source):
                feeds[tensor] = given[index_of(source)][output_of(source)]
            elif inputs[source] in values:
                feeds[tensor] = values[inputs[source]]
            elif inputs[source] in opened.constants:
                constants[tensor] = opened.constants[inputs[source]]
            else:
                came_from = decision.outputs[cut.member][document.state[inputs[source]]]
                state[tensor] = output_of(came_from)
        carry = document.on_gap == "carry" and len(piece.owners) == 1  # a shared piece keeps nothing
        run = builder.run_model(number, feeds, constants, state, name, carry_over_gaps=carry)
        if document.threads == 1 and 0 < piece.us < inf:  # processor time, which is then the run's
            builder.expect(number, piece.us / 1e3)
        names = [tensor["name"] for tensor in builder.model_io(number)["outputs"]]
        runs[index] = run
        given[index] = {each: run.out(place) for place, each in enumerate(names)}
        batch = cut.batches.get(index, 1)
        if batch > 1 and (why := _no_batch(given[index], partial(open_piece, batch=batch))):
            alone[index] = why
    outputs = {
        tensor: given[index_of(source)][output_of(source)]
        for tensor, source in decision.outputs[cut.member].items()
    }
    node = int(runs[max(runs)].node)
    return Pieces(outputs, list(opened.outputs), runs, decision, node, alone)


def _no_batch(gives: Mapping[str, Value], allow: Callable[[], int]) -> str:
    """Why works of a piece can't run as one, though those of its whole model can: it is cut where items are
    no rows of their own. Empty: they may from now on. What it gives tells, since it was fed one item."""
    for name, value in gives.items():
        shape = value.spec["shape"]
        if not shape or shape[0] not in (1, -1):
            return f"it gives {name!r} as {described(value.spec)} of one item: its first axis counts no items"
    try:
        allow()
    except Exception as error:
        if (said := said_by(error)) is None:
            raise
        return said[0]
    return ""
