"""Which runs are done in pieces that follow one another: between two of them more urgent work runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from edgert.documents import Duration, Model
from edgert.trunks import KnownCut
from edgert.trunks.decision import Decision
from edgert.trunks.formats import is_known
from edgert.trunks.slicing import Slices, slice_model

from .model_runs import InPieces, Key, ModelRun, RunsOfNode
from .shared import Alike, Shared

MOST_COST = 1.2
"""Of the whole model's time: what pieces may take where only the Scheduler document asks for them."""


def sliced(
    nodes: Mapping[int, RunsOfNode],
    shared: Shared,
    longest: float | None,
    known: Sequence[KnownCut] = (),
    anew: bool = False,
) -> Shared:
    """What models share, and how those that share nothing are cut. `longest`: seconds that a piece may take,
    of models that don't say it themselves; None: these stay whole. `known`: what profiles say; `anew`:
    whatever was found before, and also of those that are short enough."""
    decisions, cuts = list(shared.decisions), dict(shared.cuts)
    for runs in nodes.values():
        slices = _wanted(runs.all[0].opened.document, longest)
        if slices is None:
            continue
        for decision, found in _sliced(runs.all, slices, shared.cuts, known, anew):
            if decision not in decisions:
                decisions.append(decision)
            cuts.update(found)
    return Shared(tuple(decisions), cuts)


def _wanted(document: Model, longest: float | None) -> Slices | None:
    said = document.pieces
    if isinstance(said, Duration):
        return Slices(longest=float(said))
    if said is not None:
        return Slices(count=said) if said > 1 else None
    return None if longest is None else Slices(longest=longest, most_cost=MOST_COST)


def _sliced(
    runs: Sequence[ModelRun], slices: Slices, cut: Collection[Key], known: Sequence[KnownCut], anew: bool
) -> Iterator[tuple[Decision, dict[Key, InPieces]]]:
    """The decision about the runs of one node; where they can't be cut and it was asked for, why."""
    run = runs[0]
    asked = run.opened.document.pieces is not None
    if any(each.key in cut for each in runs):
        return  # its own piece is short already, and others' work isn't held up by the trunk of several
    if (reason := _never(run)) is not None:
        if asked:
            yield Decision((run.opened.document.name,), False, reason, failed=True), {}
        return
    group = Alike([run])
    decision = slice_model(group.as_asked(), slices, known, anew)
    if not asked and decision.short and not anew:
        return  # nothing to tell
    if decision.failed and not asked:
        decision = replace(decision, failed=False)
    found = group.cut(decision, 0, [run]) if decision.shared else None
    yield decision, {} if found is None else {each.key: found for each in runs}


def _never(run: ModelRun) -> str | None:
    """Why a run can't be done in pieces at all."""
    document = run.opened.document
    if not document.on_lanes:
        return "it runs on a device's streams, which nothing interrupts"
    if document.batch > 1:
        return "it runs in batches: leave batch out"
    if run.private:
        return "it is private, and its own queue would have to be each piece's"
    if not is_known(run.opened.file, document.backend):
        return "only ONNX and TensorFlow Lite models can be cut"
    return None
