"""Runs models whole and in pieces, compares what they give, and measures what they take."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .decision import Decision, Member, index_of, is_piece, output_of
from .errors import Uncut

Feed = Mapping[str, Any]
"""Arrays by a leaf's key."""
Load = Callable[[Any], Any]
"""From a file to a native Model."""

TOLERANCE = {"float64": 1e-9, "float32": 1e-4, "float16": 1e-2}
"""Of the output's greatest value: an engine may order sums otherwise where it fuses otherwise."""
STEPS = {"int8": 1, "uint8": 1}
"""Of quantised outputs."""
ROUNDS, SECONDS = 25, 0.6
"""Rounds at most, and for how long; at least LEAST."""
LEAST = 5


class Whole:
    """The models as they are."""

    def __init__(self, members: Sequence[Member], load: Load) -> None:
        self._members = members
        self._sessions = [load(member.file).session() for member in members]

    def run(self, feed: Feed) -> list[dict[str, Any]]:
        """The outputs of each."""
        return [self.run_one(place, feed) for place in range(len(self._members))]

    def run_one(self, place: int, feed: Feed) -> dict[str, Any]:
        """The outputs of one of them."""
        leaves = self._members[place].leaves
        found: dict[str, Any] = self._sessions[place].run({name: feed[leaf] for name, leaf in leaves.items()})
        return found


class InPieces:
    """The same models in pieces."""

    def __init__(self, decision: Decision, load: Load) -> None:
        self._decision = decision
        self._sessions = [load(piece.file).session() for piece in decision.pieces]
        self.took = [float("inf")] * len(self._sessions)
        """The least CPU time of each piece so far, in seconds."""

    def run(self, feed: Feed, clock: Callable[[], float] = time.thread_time) -> list[dict[str, Any]]:
        """The outputs of each model."""
        given: list[dict[str, Any]] = []
        for index, (piece, session) in enumerate(zip(self._decision.pieces, self._sessions, strict=True)):
            inputs = {
                name: given[index_of(source)][output_of(source)] if is_piece(source) else feed[source]
                for name, source in piece.inputs.items()
            }
            began = clock()
            given.append(session.run(inputs))
            self.took[index] = min(self.took[index], clock() - began)
        return [
            {name: given[index_of(source)][output_of(source)] for name, source in outputs.items()}
            for outputs in self._decision.outputs
        ]


def compare(whole: Sequence[Feed], pieces: Sequence[Feed], names: Sequence[str]) -> float:
    """The most that any output differs, as a part of its greatest value; 0: they are equal, bit for bit.
    Raises Uncut when that is more than is allowed."""
    most = 0.0
    for model, wanted, got in zip(names, whole, pieces, strict=True):
        for name, expected in wanted.items():
            differs, allowed = _differ(expected, got[name])
            if differs > allowed:
                raise Uncut(
                    f"{model} gives another {name!r} in pieces than whole: it differs by {differs:.2g} of "
                    f"the greatest value, and {allowed:.2g} is allowed"
                )
            most = max(most, differs)
    return most


def _differ(expected: Any, got: Any) -> tuple[float, float]:
    if expected.shape != got.shape or expected.dtype != got.dtype:
        return float("inf"), 0.0
    dtype = str(expected.dtype)
    if np.array_equal(expected, got, equal_nan=dtype in TOLERANCE):
        return 0.0, 0.0
    if dtype not in TOLERANCE and dtype not in STEPS:
        return float("inf"), 0.0
    one, other = expected.astype(np.float64), got.astype(np.float64)
    if not np.array_equal(np.isfinite(one), np.isfinite(other)):
        return float("inf"), 0.0
    apart = float(np.nanmax(np.where(np.isfinite(one), np.abs(one - other), 0.0)))
    if dtype in STEPS:
        return apart / 255, STEPS[dtype] / 255
    greatest = float(np.max(np.abs(one), where=np.isfinite(one), initial=0.0))
    return apart / max(greatest, 1e-6), TOLERANCE[dtype]


def measure(whole: Whole, pieces: Sequence[InPieces], feed: Feed, threads: int) -> list[float]:
    """CPU time of a run of all, whole and then in each way of pieces, in microseconds: the least of short
    rounds in turn. What else runs on the box only ever makes a round longer."""
    clock = time.thread_time if threads == 1 else time.process_time
    sides: list[Callable[[], Any]] = [lambda: whole.run(feed)]
    sides += [lambda each=each: each.run(feed, clock) for each in pieces]  # type: ignore[misc]
    best = [float("inf")] * len(sides)
    ends = time.perf_counter() + SECONDS
    for each in range(ROUNDS):
        order = range(len(sides)) if each % 2 else reversed(range(len(sides)))
        for index in order:
            began = clock()
            sides[index]()
            best[index] = min(best[index], clock() - began)
        if each + 1 >= LEAST and time.perf_counter() > ends:
            break
    return [took * 1e6 for took in best]
