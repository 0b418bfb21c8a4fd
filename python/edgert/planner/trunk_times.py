"""What Profile documents say of models in pieces, as the trunks' decisions take it."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from edgert.documents import Profile
from edgert.trunks import Known

LOG = logging.getLogger("edgert.planner")


def known_trunks(profiles: Iterable[Profile]) -> list[Known]:
    """Of each set of models that was measured on this box with these engines; the log tells of others."""
    from edgert.profile.stale import stale

    found: list[Known] = []
    for profile in profiles:
        if not profile.trunks:
            continue
        if reasons := stale(profile):
            LOG.warning("%s says nothing of trunks here: %s", profile.title, "; ".join(reasons))
            continue
        for trunk in profile.trunks:
            pieces = {piece.content: float(piece.took) * 1e6 for piece in trunk.pieces}
            found.append(
                Known(pieces, float(trunk.whole) * 1e6, float(trunk.together) * 1e6, str(profile.name))
            )
    return found
