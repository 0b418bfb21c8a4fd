"""Decides how one model is cut into pieces that run one after another: cuts, checks, measures, remembers."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from edgert.errors import Error

from . import formats, store
from .alike import Alike
from .decision import Asked, Decision
from .errors import Lacking, Uncut
from .group import Group, KnownCut
from .network import Hashed
from .pieces import Cut, Piece
from .remembering import key_of, recalled
from .running import Feed, InPieces, Whole, compare, measure
from .series import cut_at, places, refitted
from .weighing import in_ms

CUTTER = 2
"""This cutter's version: what an older one made is made anew."""
MOST = 64
"""Pieces."""
TRIES = 3
"""Cuts that are made and measured, each from what the one before took."""
DIGITS = 1e-3
"""Of times: profiles have four digits."""
OVER = 1.25
"""Of the wanted time: what a piece may take, as no cut is exact."""


@dataclass(frozen=True)
class Slices:
    """How fine a model is cut: into so many pieces, or into ones of so many seconds at most."""

    count: int = 0
    longest: float = 0.0
    most_cost: float = math.inf
    """What all pieces may take, of the whole model's time: where they take more, it stays whole."""

    @property
    def asked(self) -> Asked:
        """As profiles note it."""
        return self.count, self.longest


def slice_model(group: Group, slices: Slices, known: Sequence[KnownCut] = (), anew: bool = False) -> Decision:
    """How the only member of a group is cut: as a profile says that `known` it, else as is measured. It is
    remembered, and made `anew` when the file, the engine, the box or what is known is another, or a piece
    isn't what it was."""
    name = group.members[0].name
    try:
        told = _told_of(group, slices, known)
        way = [slices.count, slices.longest, str(slices.most_cost), asdict(told) if told else None]
        said = json.dumps([CUTTER, key_of(group), *way])
        key = hashlib.sha256(said.encode()).hexdigest()
        found = None if anew else recalled(store.recall(key))
        if found:
            return found[0]
        decision = replace(
            _decided(group, slices, told),
            contents=(store.content_of(group.members[0].file),),
            threads=group.threads,
            asked=slices.asked,
        )
        with suppress(Uncut):  # a cache that can't be written: what needs it has said so
            store.remember(key, {"decisions": [decision.data()]})
        return decision
    except Uncut as uncut:
        return Decision((name,), False, str(uncut), failed=True)
    except Exception as error:  # whatever is odd about a file: its engine may run it all the same, whole
        return Decision((name,), False, f"it can't be cut: {type(error).__name__}: {error}", failed=True)


def _told_of(group: Group, slices: Slices, known: Sequence[KnownCut]) -> KnownCut | None:
    """What is known of this very file, run so and asked for this."""
    if not known:
        return None
    content, (count, longest) = store.content_of(group.members[0].file), slices.asked
    for one in known:
        same = (one.content, one.threads, one.asked[0]) == (content, group.threads, count)
        if same and math.isclose(one.asked[1], longest, rel_tol=DIGITS):
            return one
    return None


def _decided(group: Group, slices: Slices, told: KnownCut | None) -> Decision:
    member = group.members[0]
    try:
        network = Hashed(formats.read(member.file), member.leaves, member.name)
    except Lacking:
        raise
    except Uncut as uncut:
        return Decision((member.name,), False, str(uncut), failed=True)
    try:
        return _Slicing(group, [network], member.file.suffix).sliced(slices, told)
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

    def sliced(self, slices: Slices, told: KnownCut | None = None) -> Decision:
        """As a profile says; else the cut whose longest piece is shortest, of those that were tried."""
        if told and not told.cuts:
            return self._short(told.whole_us, f", as the profile {told.source} says")
        whole, feeds = Whole(self.group.members, self._load), self.group.feeds()
        best = self._as_told(told, whole, feeds) if told else None
        if best is None:
            alone = measure(whole, [], feeds[0], self.group.threads)[0]
            longest = slices.longest * 1e6
            if longest and alone <= OVER * longest:
                return self._short(alone)
            best = self._best(whole, feeds, slices.count or math.ceil(alone / longest), longest)
        if best is None:
            raise Uncut("there is no place to cut it: hardly any operator does most of its work")
        if best.pieces_us > slices.most_cost * best.whole_us:
            return replace(best, shared=False, reason=f"{best.reason}: in pieces it costs too much")
        return best

    def _short(self, alone: float, by: str = "") -> Decision:
        reason = f"a run takes {in_ms(alone)}: it is short enough{by}"
        return Decision(self.names, False, reason, whole_us=alone, short=True)

    def _as_told(self, told: KnownCut, whole: Whole, feeds: Sequence[Feed]) -> Decision | None:
        """Cut where the profile says, with its times; None where that gives other pieces than it had."""
        count = len(self.networks[0].network.operators)
        if any(not 0 < place < count for place in told.cuts) or list(told.cuts) != sorted(set(told.cuts)):
            return None
        decision, _ = self._tried(
            cut_at(self.networks[0], told.cuts), [whole.run(feed) for feed in feeds], feeds
        )
        if [piece.file.stem for piece in decision.pieces] != list(told.pieces):
            return None
        found = _timed(decision, list(told.pieces.values()), told.whole_us, told.pieces_us)
        return replace(found, cuts=told.cuts, reason=f"{found.reason}, as the profile {told.source} says")

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
            alone, took = measure(whole, [pieces], feeds[0], self.group.threads)
            decision = _timed(decision, [seconds * 1e6 for seconds in pieces.took], alone, took)
            decision = replace(decision, cuts=tuple(cuts))
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


def _timed(decision: Decision, pieces: Sequence[float], whole: float, took: float) -> Decision:
    """The decision with times in microseconds."""
    timed = tuple(replace(piece, us=us) for piece, us in zip(decision.pieces, pieces, strict=True))
    longest = max(piece.us for piece in timed)
    reason = f"a run takes {in_ms(took)} of CPU time in {len(timed)} pieces, the longest {in_ms(longest)}; "
    reason += f"{in_ms(whole)} whole"
    return replace(decision, reason=reason, pieces=timed, whole_us=whole, pieces_us=took)
