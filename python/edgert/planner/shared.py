"""Which models of a plan are fed alike, and may share pieces; and what was decided about them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edgert.trunks import Decision, Group, Known, Member, decide

from .model_runs import InPieces, Key, ModelRun, RunsOfNode
from .native import Array, Value
from .samples import samples

Way = tuple[str, str, int, str]
"""How a model runs: format, engine, threads, options."""


@dataclass(frozen=True)
class Shared:
    """What the models of a plan share."""

    decisions: tuple[Decision, ...] = ()
    cuts: Mapping[Key, InPieces] = field(default_factory=dict)


def share(nodes: Mapping[int, RunsOfNode], known: Sequence[Known] = (), anew: bool = False) -> Shared:
    """Decides about all models that are fed alike. `known`: what profiles say; `anew`: whatever was decided
    before."""
    able = {node: runs.all for node, runs in nodes.items() if all(map(_may_share, runs.distinct.values()))}
    decisions: list[Decision] = []
    cuts: dict[Key, InPieces] = {}
    for runs in _fed_alike({node: runs[0] for node, runs in able.items()}):
        group = Alike(runs)
        for decision, members in group.decided(known, anew):
            if decision not in decisions:
                decisions.append(decision)
            if decision.shared:
                for place, run in enumerate(members):
                    cut = group.cut(decision, place, members)
                    cuts.update((same.key, cut) for same in able[run.node])
    return Shared(tuple(decisions), cuts)


def _may_share(run: ModelRun) -> bool:
    document = run.opened.document
    wanted = document.trunks and document.on_lanes and not run.private
    return wanted and run.opened.may_be_cut


def _way(run: ModelRun) -> Way:
    document = run.opened.document
    return run.opened.file.suffix, document.backend, document.threads, str(sorted(document.engine.items()))


def _fed_alike(runs: Mapping[int, ModelRun]) -> Iterator[list[ModelRun]]:
    """Sets of two or more that run alike and are connected by equal inputs."""
    groups: list[tuple[set[tuple[Way, str]], list[ModelRun]]] = []
    for run in runs.values():
        inputs = {(_way(run), _identity(value)) for value in run.values.values()}
        own = [run]
        for touched in [group for group in groups if group[0] & inputs]:
            groups.remove(touched)
            inputs |= touched[0]
            own = touched[1] + own
        groups.append((inputs, own))
    yield from (own for _, own in groups if len(own) > 1)


def _identity(value: Value) -> str:
    return f"{value.identity}"


class Alike:
    """Models that are fed alike. Inputs are numbered, so that the same models on another sensor share the
    same pieces."""

    def __init__(self, runs: list[ModelRun]) -> None:
        self.runs = runs
        self.leaves: dict[str, str] = {}
        self.fed: dict[str, tuple[ModelRun, str]] = {}
        self.constants: dict[str, Array] = {}
        self.states: dict[str, Mapping[str, Any]] = {}
        names = _names(runs)
        self.members = {
            name: (run, self._leaves_of(run, place))
            for place, (name, run) in enumerate(zip(names, runs, strict=True))
        }

    def _leaves_of(self, run: ModelRun, place: int) -> dict[str, str]:
        found = {}
        for name, tensor in run.opened.inputs.items():
            if name in run.values:
                leaf = self.leaves.setdefault(_identity(run.values[name]), str(len(self.leaves)))
                self.fed.setdefault(leaf, (run, name))
            elif name in run.opened.constants:
                value = run.opened.constants[name]
                said = hashlib.sha256(value.tobytes()).hexdigest()
                leaf = f"constant:{value.dtype}:{value.shape}:{said}"
                self.constants[leaf] = value
            else:
                leaf = f"state:{place}:{name}"
                self.states[leaf] = tensor
            found[name] = leaf
        return found

    def as_asked(self, known: Sequence[Known] = ()) -> Group:
        """What edgert.trunks takes."""
        members = tuple(
            Member(name, run.opened.file, leaves, dict(run.opened.document.state))
            for name, (run, leaves) in self.members.items()
        )
        document = self.runs[0].opened.document
        way = (document.backend, document.threads, dict(document.engine))
        return Group(members, self._feeds, *way, known)

    def decided(self, known: Sequence[Known], anew: bool) -> Iterator[tuple[Decision, list[ModelRun]]]:
        """Each decision with the runs that it is about, in its order."""
        for decision in decide(self.as_asked(known), anew):
            yield decision, [self.members[name][0] for name in decision.models]

    def cut(self, decision: Decision, place: int, runs: Sequence[ModelRun]) -> InPieces:
        """How one of them runs."""
        instances = {
            index: _instances([runs[owner].opened.document.instances for owner in piece.owners])
            for index, piece in enumerate(decision.pieces)
        }
        batches = {
            index: max(runs[owner].opened.document.batch for owner in piece.owners)
            for index, piece in enumerate(decision.pieces)
        }
        return InPieces(decision, place, self.members[decision.models[place]][1], instances, batches)

    def _feeds(self) -> list[dict[str, Any]]:
        return samples(self.fed, self.constants, self.states)


def _instances(said: Sequence[int]) -> int:
    return 0 if 0 in said else max(said)


def _names(runs: Sequence[ModelRun]) -> list[str]:
    """What each is called: its document's name, numbered where that isn't enough. Never by its pipeline,
    which is nobody else's business: errors in a shared piece name it."""
    names: list[str] = []
    for run in runs:
        name, number = run.opened.document.name, 1
        while name in names:
            number += 1
            name = f"{run.opened.document.name} ({number})"
        names.append(name)
    return names
