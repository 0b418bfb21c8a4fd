"""Titles of pipelines, "application/name", and what a name alone means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def called(name: str, titles: Iterable[str]) -> list[str]:
    """The titles that a program may mean by `name`: that title, else all of that name."""
    known = list(titles)
    return [name] if name in known else [title for title in known if title.partition("/")[2] == name]


def whose(titles: Iterable[str]) -> str:
    """What to do about a name that several pipelines have."""
    return f"say whose: {' or '.join(titles)}"


def title_of(name: str, titles: Iterable[str]) -> str:
    """The one title that `name` means. Raises NotFoundError where there is none, InvalidError where there are
    several."""
    from .errors import InvalidError, NotFoundError, make

    known = list(titles)
    found = called(name, known)
    if not found:
        hint = f"there are {', '.join(known)}"
        raise make(NotFoundError, f"pipeline {name!r}", "there is none of this name", hint)
    if len(found) > 1:
        what = "several applications have one of this name"
        raise make(InvalidError, f"pipeline {name!r}", what, whose(found))
    return found[0]


class ByTitle(dict[str, T]):
    """Things by their pipeline's title. `[...]` also takes a name alone, where one application has it."""

    def __missing__(self, name: str) -> T:
        found = called(name, self)
        if len(found) > 1:
            raise KeyError(f"{name!r}: several applications have one of this name; {whose(found)}")
        if not found:
            raise KeyError(name)
        return self[found[0]]


__all__ = ["ByTitle", "called", "title_of", "whose"]
