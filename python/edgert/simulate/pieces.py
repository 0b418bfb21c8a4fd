"""Pieces of models in a plan: which model each is a part of, and what part of its run time it takes.

A profile has run times of whole models, alone and among other work, and of each piece the processor time that
it took beside the whole's (`edgert profile` of documents; else it is measured here, as at each start). A
piece's run takes that part of what the whole takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edgert.documents import Profile
from edgert.documents.profile import ModelProfile
from edgert.planner import Planned, PlannedModel
from edgert.planner.features_from import with_brought
from edgert.planner.model_runs import Pieces
from edgert.trunks import Decision

MICRO = 1e6  # microseconds of a second


@dataclass
class Timed:
    """A model of the plan: a whole one, or a piece of those that it is a part of."""

    models: list[PlannedModel] = field(default_factory=list)
    """Of a whole one several references may be the same file, run alike."""
    decision: Decision | None = None
    piece: int = 0
    """The decision's."""

    def share(self, profile: ModelProfile, alone: dict[str, float]) -> float:
        """What part of the runs in that profile its own are. `alone`: seconds of the models, by name."""
        if self.decision is None:
            return 1.0
        took, whole = self.decision.pieces[self.piece].us, self.decision.whole_us
        names = [name.partition(" (")[0] for name in self.decision.models]
        if len(names) == 1:
            return took / whole
        own = alone[profile.model] * MICRO
        known = [alone.get(name) for name in names]
        slower = sum(each for each in known if each) * MICRO / whole if all(known) else 1.0
        return took * slower / own  # of several models the whole is of all of them together


def timed(planned: Planned) -> dict[int, Timed]:
    """By index in the plan."""
    found: dict[int, Timed] = {}
    for model in planned.models:
        if model.index >= 0:
            found.setdefault(model.index, Timed()).models.append(model)
    by_reference = {model.reference: model for model in planned.models}
    nodes = planned.spec.describe()["nodes"] if planned.spec is not None else []
    for reference, run in _runs_in_pieces(planned):
        for piece, value in run.nodes.items():
            one = found.setdefault(int(nodes[value.node]["model"]), Timed([], run.decision, piece))
            if by_reference[reference] not in one.models:
                one.models.append(by_reference[reference])
    return found


def _runs_in_pieces(planned: Planned) -> Iterator[tuple[str, Pieces]]:
    for pipeline in planned.pipelines.values():
        for given in with_brought(pipeline.steps.values()):
            if isinstance(given.run, Pieces):
                yield str(getattr(given.step, "model", "")), given.run


def alone(profiles: list[Profile]) -> dict[str, float]:
    """What models take alone, in seconds, by reference and by their documents' names."""
    found: dict[str, float] = {}
    for profile in reversed(profiles):
        for one in profile.models:
            took = min(float(point.p50) for point in one.points)
            found[one.model] = took
            found[one.model.removeprefix("zoo:")] = took
    return found


def piece_notes(planned: Planned, profiles: list[Profile]) -> Iterator[str]:
    """Which models are in pieces that no profile has."""
    known = {piece.content for profile in profiles for one in profile.pieces for piece in one.pieces}
    known |= {piece.content for profile in profiles for one in profile.trunks for piece in one.pieces}
    lacking = [
        " and ".join(one.models)
        for one in planned.trunks
        if one.shared and any(piece.file.stem not in known for piece in one.pieces)
    ]
    if lacking:
        yield (
            f"no profile has the pieces of {', '.join(lacking)}: they were cut and measured on this machine; "
            "for those of that box, run edgert profile there on the documents"
        )
