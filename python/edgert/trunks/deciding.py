"""Decides which models share what: finds what they have in common, cuts, checks, measures, and remembers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from edgert.errors import Error

from . import formats, store
from .decision import Decision, Member, PieceFile
from .errors import Lacking, Uncut
from .network import Hashed
from .pieces import Cut, Owners, Piece, cut, savings
from .running import Feed, InPieces, Whole, compare, measure

CUTTER = 1
"""The cutter's version: what an older one made is made anew."""
LEAST_SHARE = 0.02
"""Of the cheapest model's work: less in common is left alone."""
LEAST_GAIN = 0.05
"""Of the whole models' time: less isn't worth more nodes."""


@dataclass(frozen=True)
class Known:
    """What a profile says of models in pieces: CPU time in microseconds, of each piece and of all whole. What
    is known isn't measured again."""

    pieces: Mapping[str, float]
    """By the content of the piece's file: all pieces of one way to cut."""
    whole_us: float
    pieces_us: float
    source: str
    """The profile's name."""


@dataclass(frozen=True)
class Group:
    """Models that are fed alike and run alike."""

    members: tuple[Member, ...]
    feeds: Callable[[], Sequence[Feed]]
    """Inputs to check with, the one to measure with first; made when they are needed."""
    backend: str = ""
    threads: int = 1
    engine: Mapping[str, Any] = field(default_factory=dict)
    known: Sequence[Known] = ()


def decide(group: Group, anew: bool = False) -> list[Decision]:
    """What these models share: a decision for each set that has something in common. It is remembered, and
    made `anew` when a file, the engine, the box or what is known is another, or a piece isn't what it was."""
    names = tuple(member.name for member in group.members)
    try:
        key = _key(group)
        found = None if anew else _recalled(store.recall(key))
        if found is None:
            found = list(_decided(group))
            with suppress(Uncut):  # a cache that can't be written: what needs it has said so
                store.remember(key, {"decisions": [each.data() for each in found]})
        return found
    except Uncut as uncut:
        return [Decision(names, False, str(uncut), failed=True)]
    except Exception as error:  # whatever is odd about a file: its engine may run it all the same, whole
        said = f"they can't be compared: {type(error).__name__}: {error}"
        return [Decision(names, False, said, failed=True)]


def _key(group: Group) -> str:
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


def _recalled(found: dict[str, Any] | None) -> list[Decision] | None:
    """What was remembered, when all of it still holds; None else."""
    if found is None:
        return None
    try:
        decisions = [Decision.from_data(each) for each in found["decisions"]]
    except (KeyError, TypeError, ValueError):
        return None
    pieces = {piece.file for each in decisions for piece in each.pieces}
    return decisions if all(store.intact(file) for file in pieces) else None


def _decided(group: Group) -> Iterable[Decision]:
    suffix = group.members[0].file.suffix
    networks: list[Hashed] = []
    readable: list[Member] = []
    unreadable: list[Decision] = []
    for member in group.members:
        try:
            network = formats.read(member.file)
        except Lacking:
            raise
        except Uncut as uncut:
            unreadable.append(Decision((member.name,), False, str(uncut), failed=True))
            continue
        networks.append(Hashed(network, member.leaves, member.name))
        readable.append(member)
    found = savings(networks)
    for indices in _connected(found):
        chosen = [readable[index] for index in indices]
        own = [networks[index] for index in indices]
        yield _Set(replace(group, members=tuple(chosen)), own, suffix).decision()
    yield from unreadable


def _connected(sets: Iterable[Owners]) -> list[list[int]]:
    """The models in groups such that whoever has something in common is in one."""
    groups: list[set[int]] = []
    for owners in sets:
        touched = [group for group in groups if group & owners]
        groups = [group for group in groups if not group & owners]
        groups.append(set(owners).union(*touched))
    return sorted(sorted(group) for group in groups)


class _Set:
    """Models that have something in common."""

    def __init__(self, group: Group, networks: Sequence[Hashed], suffix: str) -> None:
        self.group, self.networks, self.suffix = group, networks, suffix
        self.names = tuple(member.name for member in group.members)

    def decision(self) -> Decision:
        """The cheapest way in which they give what they give whole; whole when that is none."""
        try:
            contents = tuple(store.content_of(member.file) for member in self.group.members)
            return replace(self._decision(), contents=contents, threads=self.group.threads)
        except Uncut as uncut:
            return Decision(self.names, False, str(uncut), failed=True)
        except Error as error:  # an engine's: it may pass, so that nothing is remembered
            raise Uncut(f"{' and '.join(self.names)} can't be compared: {error}") from error

    def _decision(self) -> Decision:
        ways = self._ways()
        if not ways:
            most = max(savings(self.networks).values()) / min(each.network.cost for each in self.networks)
            return Decision(
                self.names, False, f"what they have in common is {most:.1%} of their work: too little"
            )
        whole, feeds = Whole(self.group.members, self._load), self.group.feeds()
        expected = [whole.run(feed) for feed in feeds]
        tried, refused = [], None
        for way in ways:
            try:
                made = self._pieces(cut(self.networks, way))
                pieces = InPieces(made, self._load)
                differ = max(
                    compare(wanted, pieces.run(feed), self.names)
                    for feed, wanted in zip(feeds, expected, strict=True)
                )
                tried.append((replace(made, differ=differ), pieces))
            except Uncut as uncut:
                refused = uncut
        if not tried:
            raise refused or Uncut("there is no way to cut them")
        for made, _ in tried:
            for known in self.group.known:
                if known.pieces.keys() == {piece.file.stem for piece in made.pieces}:
                    return _told(made, known)
        took = measure(whole, [pieces for _, pieces in tried], feeds[0], self.group.threads)
        best = min(range(len(tried)), key=lambda index: took[index + 1])
        return _judged(*tried[best], took[0], took[best + 1])

    def _ways(self) -> list[list[Owners]]:
        """Sets of pieces to try: all that are worth something, and the one that saves most."""
        found = savings(self.networks)
        least = LEAST_SHARE * min(each.network.cost for each in self.networks)
        worth = sorted((owners for owners in found if found[owners] >= least), key=lambda each: -found[each])
        return [worth, worth[:1]] if len(worth) > 1 else [worth] if worth else []

    def _load(self, file: Path) -> Any:
        from edgert import _native

        group = self.group
        return _native.load_model(
            str(file), backend=group.backend, threads=group.threads, engine=dict(group.engine)
        )

    def _pieces(self, made: Cut) -> Decision:
        """The pieces as files, and how they hang together."""
        sources: dict[bytes, str] = {}
        for network in self.networks:
            sources.update(network.leaf)
        for index, piece in enumerate(made.pieces):
            for tensor, name in piece.outputs.items():
                sources[tensor] = f"piece:{index}:{self._name(piece, name)}"
        files = tuple(self._file(piece, sources) for piece in made.pieces)
        outputs = tuple({name: sources[tensor] for name, tensor in each.items()} for each in made.outputs)
        self._check_states(made)
        return Decision(self.names, True, "", files, outputs)

    def _check_states(self, made: Cut) -> None:
        """A state comes back into the piece that gives it: both ends are one model's own."""
        for index, (member, outputs) in enumerate(zip(self.group.members, made.outputs, strict=True)):
            for output in member.state.values():
                giver = made.giver(outputs[output])
                if giver is None or made.pieces[giver].owners != frozenset({index}):
                    raise Uncut(f"the state {output!r} of {member.name} doesn't depend on what was before")

    def _file(self, piece: Piece, sources: Mapping[bytes, str]) -> PieceFile:
        data = formats.write(piece, self.networks, self.suffix)
        return PieceFile(
            store.keep(data, self.suffix),
            self._title(piece),
            tuple(sorted(piece.owners)),
            len(piece.operators),
            {self._name(piece, name): sources[tensor] for name, tensor in piece.inputs.items()},
            {self._name(piece, name): name for name in piece.outputs.values()},
        )

    def _name(self, piece: Piece, tensor: str) -> str:
        return formats.name_in(piece, self.networks, tensor, self.suffix)

    def _title(self, piece: Piece) -> str:
        names = [self.names[index] for index in sorted(piece.owners)]
        if not piece.shared:
            return f"rest of {names[0]}"
        listed = ", ".join(names[:-1]) + f" and {names[-1]}"
        return f"trunk of {listed}" if len(names) <= 3 else f"trunk of {names[0]} and {len(names) - 1} more"


def _told(decision: Decision, known: Known) -> Decision:
    """The decision with what a profile says."""
    pieces = [known.pieces[piece.file.stem] for piece in decision.pieces]
    found = _weighed(decision, pieces, known.whole_us, known.pieces_us)
    return replace(found, reason=f"{found.reason}, as the profile {known.source} says")


def _judged(decision: Decision, pieces: InPieces, whole: float, took: float) -> Decision:
    """The decision with what was measured."""
    return _weighed(decision, [seconds * 1e6 for seconds in pieces.took], whole, took)


def _weighed(decision: Decision, pieces: Sequence[float], whole: float, took: float) -> Decision:
    """The decision with times in microseconds, and whether it is worth it."""
    gain = 1 - took / whole if whole else 0.0
    timed = tuple(replace(piece, us=us) for piece, us in zip(decision.pieces, pieces, strict=True))
    reason = f"all of them take {_ms(took)} of CPU time in pieces, {_ms(whole)} whole"
    if gain < LEAST_GAIN:
        reason += ": too little is saved"
    return replace(
        decision, shared=gain >= LEAST_GAIN, reason=reason, pieces=timed, whole_us=whole, pieces_us=took
    )


def _ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.3g} ms" if microseconds >= 1000 else f"{microseconds:.0f} µs"
