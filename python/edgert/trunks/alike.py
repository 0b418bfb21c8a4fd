"""Models that have something in common: the ways to cut them, each checked and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from edgert.errors import Error, InvalidError

from . import formats, store
from .decision import Decision, PieceFile
from .errors import Uncut
from .group import Group
from .network import Hashed
from .pieces import Cut, Owners, Piece, cut, savings
from .running import Feed, InPieces, Whole, compare, measure
from .weighing import judged, told

LEAST_SHARE = 0.02
"""Of the cheapest model's work: less in common is left alone."""


class Alike:
    """Models that have something in common."""

    def __init__(self, group: Group, networks: Sequence[Hashed], suffix: str) -> None:
        self.group, self.networks, self.suffix = group, networks, suffix
        self.names = tuple(member.name for member in group.members)

    def unfed(self) -> dict[int, str]:
        """The models that don't take what the others are fed with, such as one of a fixed number of items: by
        their place, what they say of it."""
        found = {}
        with suppress(Uncut, Error):  # which decision() meets again, and tells
            for place in range(len(self.names)):
                try:
                    self._whole.run_one(place, self._feeds[0])
                except InvalidError as error:
                    found[place] = str(error)
        return found

    @cached_property
    def _whole(self) -> Whole:
        return Whole(self.group.members, self._load)

    @cached_property
    def _feeds(self) -> Sequence[Feed]:
        return self.group.feeds()

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
        whole, feeds = self._whole, self._feeds
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
                    return told(made, known)
        took = measure(whole, [pieces for _, pieces in tried], feeds[0], self.group.threads)
        best = min(range(len(tried)), key=lambda index: took[index + 1])
        return judged(*tried[best], took[0], took[best + 1])

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
