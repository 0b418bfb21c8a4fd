"""What the transforms of documents take on this box: those on the ways from sensors to models."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from edgert.documents.profile import TransformProfile

from .among import spread

if TYPE_CHECKING:
    from edgert.documents import DocumentSet
    from edgert.explain.ways import Way

ROUNDS = 60
MICRO = 1e-6  # s
NUMBERS = 10_000


def measure_transforms(documents: DocumentSet) -> list[TransformProfile]:
    """Each of them once, on synthetic data, among other work (numbers are sorted between two rounds); those
    of streams by the window; none where there is no pipeline. Raises DocumentErrors."""
    if not documents.pipelines:
        return []
    from edgert.explain import explain, measure
    from edgert.planner import plan

    explanation = explain(plan(documents, trunks=False))
    measure(explanation, models=False, rounds=ROUNDS, between=_OtherWork())
    ways = [way for run in explanation.runs for way in run.ways]
    found = {one.key: one for way in ways for one in _of_way(way)}
    return list(found.values())


class _OtherWork:
    """Sorts numbers that are new each time, so that nobody finds the core as they left it."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def __call__(self) -> None:
        sorted([self._random.random() for _ in range(NUMBERS)])


def key_of(way: Way, index: int) -> str:
    """Stands for a transform: its operation, parameters and input formats."""
    link = way.built.chain.links[index]
    beside = [way.built.beside[name].spec for name in link.move.beside]
    said = [link.move.op, dict(link.move.params), dict(way.built.values[index].spec), *map(dict, beside)]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _of_way(way: Way) -> Iterator[TransformProfile]:
    for index, step in enumerate(way.steps):
        if step.rounds_us:
            yield TransformProfile(
                op=step.op, key=key_of(way, index), **spread(np.array(step.rounds_us) * MICRO)
            )
