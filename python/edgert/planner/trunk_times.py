"""What Profile documents say of models in pieces, as the trunks' decisions take it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from edgert.documents import Profile
from edgert.documents.profile import PieceTimes
from edgert.trunks import Known, KnownCut

LOG = logging.getLogger("edgert.planner")
MICRO = 1e6  # microseconds of a second


def known_trunks(profiles: Iterable[Profile]) -> list[Known]:
    """Of each set of models that was measured on this box with these engines; the log tells of others."""
    return [
        Known(_us(trunk.pieces), float(trunk.whole) * MICRO, float(trunk.together) * MICRO, str(profile.name))
        for profile in _holding(one for one in profiles if one.trunks)
        for trunk in profile.trunks
    ]


def known_cuts(profiles: Iterable[Profile]) -> list[KnownCut]:
    """The same of each model that was asked to run in pieces."""
    return [
        KnownCut(
            one.content,
            one.threads,
            (one.count or 0, float(one.longest or 0.0)),
            tuple(one.cuts),
            _us(one.pieces),
            float(one.whole) * MICRO,
            float(one.together or one.whole) * MICRO,
            str(profile.name),
        )
        for profile in _holding(one for one in profiles if one.pieces)
        for one in profile.pieces
    ]


def _us(pieces: Iterable[PieceTimes]) -> dict[str, float]:
    return {piece.content: float(piece.took) * MICRO for piece in pieces}


def _holding(profiles: Iterable[Profile]) -> Iterator[Profile]:
    from edgert.profile.stale import stale

    for profile in profiles:
        if reasons := stale(profile):
            LOG.warning("%s says nothing of trunks and pieces here: %s", profile.title, "; ".join(reasons))
            continue
        yield profile
