"""Decides which models share what: finds what they have in common, has it cut, checked and measured, and
remembers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from . import formats, store
from .alike import Alike
from .decision import Decision, Member
from .errors import Lacking, Uncut
from .group import Group
from .network import Hashed
from .pieces import Owners, savings
from .remembering import key_of, recalled


def decide(group: Group, anew: bool = False) -> list[Decision]:
    """What these models share: a decision for each set that has something in common. It is remembered, and
    made `anew` when a file, the engine, the box or what is known is another, or a piece isn't what it was."""
    names = tuple(member.name for member in group.members)
    try:
        key = key_of(group)
        found = None if anew else recalled(store.recall(key))
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
    yield from _alike(replace(group, members=tuple(readable)), networks, suffix)
    yield from unreadable


def _alike(group: Group, networks: Sequence[Hashed], suffix: str) -> Iterable[Decision]:
    """A decision for each set with something in common; who can't be fed as the others are stays whole."""
    for indices in _connected(savings(networks)):
        own = [networks[index] for index in indices]
        alike = Alike(replace(group, members=tuple(group.members[index] for index in indices)), own, suffix)
        unfed = alike.unfed()
        if not 0 < len(unfed) < len(indices):
            yield alike.decision()
            continue
        fed = [place for place in range(len(indices)) if place not in unfed]
        members = tuple(alike.group.members[place] for place in fed)
        yield from _alike(replace(group, members=members), [own[place] for place in fed], suffix)
        for place, said in unfed.items():
            reason = f"it can't be fed as the others are: {said}"
            yield Decision((alike.names[place],), False, reason, failed=True)


def _connected(sets: Iterable[Owners]) -> list[list[int]]:
    """The models in groups such that whoever has something in common is in one."""
    groups: list[set[int]] = []
    for owners in sets:
        touched = [group for group in groups if group & owners]
        groups = [group for group in groups if not group & owners]
        groups.append(set(owners).union(*touched))
    return sorted(sorted(group) for group in groups)
