"""What was decided of models is remembered for as long as all of it holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from . import formats, store
from .decision import Decision
from .group import Group

CUTTER = 3
"""The cutter's version: what an older one made is made anew."""


def key_of(group: Group) -> str:
    """Another one when a file, the engine, the box or what is known is another."""
    from edgert import _native, engines
    from edgert.profile.box import cpu_name

    engines.register()
    suffix = group.members[0].file.suffix
    said = [
        CUTTER,
        [each.name for each in group.members],
        [[store.content_of(each.file), dict(each.leaves), dict(each.state)] for each in group.members],
        [group.backend, group.threads, dict(group.engine)],
        [asdict(each) for each in group.known],
        [_native.version(), _native.engine_version(formats.FORMATS[suffix][0]), cpu_name()],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def recalled(found: dict[str, Any] | None) -> list[Decision] | None:
    """What was remembered, when all of it still holds; None else."""
    if found is None:
        return None
    try:
        decisions = [Decision.from_data(each) for each in found["decisions"]]
    except (KeyError, TypeError, ValueError):
        return None
    pieces = {piece.file for each in decisions for piece in each.pieces}
    return decisions if all(store.intact(file) for file in pieces) else None
