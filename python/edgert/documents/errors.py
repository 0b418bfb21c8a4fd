"""What is wrong with documents: each problem with its line, and all of them together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .base import Document, Route

MOST = 12  # names that are listed where none is near


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. Its text is "FILE:LINE: Kind/name: what; remedy"; line 0 is the whole file."""

    what: str
    remedy: str = ""
    document: str = ""
    file: Path | None = None
    line: int = 0

    def __str__(self) -> str:
        place = [f"{self.file}:{self.line}" if self.line else str(self.file)] if self.file else []
        where = [*place, self.document] if self.document else place
        said = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return ": ".join([*where, said])


class DocumentErrors(ValueError):
    """Documents that can't be used. `problems` holds every one found; the text has one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(Exception):
    """Raised while a document is checked or planned: what is wrong at a place of it."""

    def __init__(
        self, what: str, remedy: str = "", route: Route = (), document: Document | None = None
    ) -> None:
        super().__init__(what)
        self.what, self.remedy, self.route, self.document = what, remedy, route, document

    def problem(self, document: Document) -> Problem:
        """The problem, at this document unless another one was named."""
        return problem_at(self.document or document, self.route, self.what, self.remedy)


def problem_at(document: Document, route: Route, what: str, remedy: str = "") -> Problem:
    """A problem at that value of the document."""
    origin = document.origin
    if origin is None:
        return Problem(what, remedy, document.title)
    return Problem(what, remedy, document.title, origin.file, origin.line(route))


def did_you_mean(word: object, known: Iterable[str], every: str = "known are") -> str:
    """A remedy: the nearest of the known names, or all of them when none is near."""
    names: Sequence[str] = list(known)
    near = difflib.get_close_matches(str(word), names, n=2, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(repr(name) for name in near) + "?"
    if len(names) > MOST:
        return f"{every} {', '.join(names[:MOST])} and {len(names) - MOST} more"
    return f"{every} {', '.join(names)}" if names else ""
