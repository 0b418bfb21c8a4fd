"""Decides how one model is cut into pieces that run one after another: cuts, checks, measures, remembers."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from edgert.errors import Error

from . import formats, store
from .alike import Alike
from .decision import Decision
from .errors import Lacking, Uncut
from .group import Group
from .network import Hashed
from .pieces import Cut, Piece
from .remembering import key_of, recalled
from .running import Feed, InPieces, Whole, compare, measure
from .series import cut_at, places, refitted
from .weighing import in_ms

CUTTER = 1
"""This cutter's version: what an older one made is made anew."""
MOST = 64
"""Pieces."""
TRIES = 3
"""Cuts that are made and measured, each from what the one before took."""
OVER = 1.25
"""Of the wanted time: what a piece may take, as no cut is exact."""


@dataclass(frozen=True)
class Slices:
    """How fine a model is cut: into so many pieces, or into ones of so many seconds at most."""

    count: int = 0
    longest: float = 0.0
    most_cost: float = math.inf
    """What all pieces may take, of the whole model's time: where they take more, it stays whole."""


def slice_model(group: Group, slices: Slices) -> Decision:
    """How the only member of a group is cut. It is remembered, and made anew when the file, the engine or the
    box is another, or a piece isn't what it was."""
    name = group.members[0].name
    try:
        said = json.dumps([CUTTER, key_of(group), slices.count, slices.longest, str(slices.most_cost)])
        key = hashlib.sha256(said.encode()).hexdigest()
        found = recalled(store.recall(key))
        if found:
            return found[0]
        decision = _decided(group, slices)
        with suppress(Uncut):  # a cache that can't be written: what needs it has said so
            store.remember(key, {"decisions": [decision.data()]})
        return decision
    except Uncut as uncut:
        return Decision((name,), False, str(uncut), failed=True)
    except Exception as error:  # whatever is odd about a file: its engine may run it all the same, whole
        return Decision((name,), False, f"it can't be cut: {type(error).__name__}: {error}", failed=True)


def _decided(group: Group, slices: Slices) -> Decision:
    member = group.members[0]
    try:
        network = Hashed(formats.read(member.file), member.leaves, member.name)
    except Lacking:
        raise
    except Uncut as uncut:
        return Decision((member.name,), False, str(uncut), failed=True)
    try:
        return _Slicing(group, [network], member.file.suffix).sliced(slices)
    except Uncut as uncut:
        return Decision((member.name,), False, str(uncut), failed=True)
    except Error as error:  # an engine's: it may pass, so that nothing is remembered
        raise Uncut(f"{member.name} can't be cut: {error}") from error


class _Slicing(Alike):
    """One model, tried in several cuts."""

    count = 0
    """Of pieces in the cut that is made."""
    made = 0
    """Of those, the ones that have a file."""

    def sliced(self, slices: Slices) -> Decision:
        """The cut whose longest piece is shortest, of those that were tried."""
        whole, feeds = Whole(self.group.members, self._load), self.group.feeds()
        alone = measure(whole, [], feeds[0], self.group.threads)[0]
        longest = slices.longest * 1e6
        if longest and alone <= OVER * longest:
            return Decision(self.names, False, f"a run takes {in_ms(alone)}: it is short enough")
        best = self._best(whole, feeds, slices.count or math.ceil(alone / longest), longest)
        if best is None:
            raise Uncut("there is no place to cut it: hardly any operator does most of its work")
        if best.pieces_us > slices.most_cost * best.whole_us:
            return replace(best, shared=False, reason=f"{best.reason}: in pieces it costs too much")
        return best

    def _best(self, whole: Whole, feeds: Sequence[Feed], count: int, longest: float) -> Decision | None:
        """Each try learns from what the pieces of the one before took. `longest` in microseconds; 0: as many
        pieces as were said."""
        expected = [whole.run(feed) for feed in feeds]
        work = [operator.cost for operator in self.networks[0].network.operators]
        best: Decision | None = None
        for _ in range(TRIES):
            cuts = places(self.networks[0], work, min(MOST, count))
            if not cuts:
                break
            decision, pieces = self._tried(cut_at(self.networks[0], cuts), expected, feeds)
            decision = _told(decision, pieces, *measure(whole, [pieces], feeds[0], self.group.threads))
            if best is None or _longest(decision) < _longest(best):
                best = decision
            if longest and _longest(best) <= OVER * longest:
                break
            if len(cuts) + 1 == len(pieces.took):  # else one had nothing to give
                work = refitted(work, cuts, pieces.took)
            if longest:
                count = max(count, math.ceil(count * _longest(best) / OVER / longest))
        return best

    def _tried(
        self, made: Cut, expected: Sequence[list[dict[str, Any]]], feeds: Sequence[Feed]
    ) -> tuple[Decision, InPieces]:
        self.count, self.made = len(made.pieces), 0
        decision = self._pieces(made)
        pieces = InPieces(decision, self._load)
        differ = max(
            compare(wanted, pieces.run(feed), self.names)
            for feed, wanted in zip(feeds, expected, strict=True)
        )
        return replace(decision, differ=differ), pieces

    def _title(self, piece: Piece) -> str:
        self.made += 1
        return f"piece {self.made} of {self.count} of {self.names[0]}"

    def _check_states(self, made: Cut) -> None:
        """A state comes back into the piece that gives it."""
        member = self.group.members[0]
        for name, output in member.state.items():
            tensor = self.networks[0].of[name]
            giver = made.giver(made.outputs[0][output])
            readers = [index for index, piece in enumerate(made.pieces) if tensor in piece.inputs.values()]
            if readers != [giver]:
                raise Uncut(f"its state {name!r} would be read in one piece and made in another")


def _longest(decision: Decision) -> float:
    return max(piece.us for piece in decision.pieces)


def _told(decision: Decision, pieces: InPieces, whole: float, took: float) -> Decision:
    """The decision with what was measured."""
    timed = tuple(
        replace(piece, us=seconds * 1e6) for piece, seconds in zip(decision.pieces, pieces.took, strict=True)
    )
    longest = max(piece.us for piece in timed)
    reason = f"a run takes {in_ms(took)} of CPU time in {len(timed)} pieces, the longest {in_ms(longest)}; "
    reason += f"{in_ms(whole)} whole"
    return replace(decision, reason=reason, pieces=timed, whole_us=whole, pieces_us=took)
