"""From a document's reference (zoo:NAME, or a path) to a file on this machine."""

from __future__ import annotations

from pathlib import Path

from .base import Document, Route
from .errors import Refused

PREFIX = "zoo:"


def is_zoo(reference: str) -> bool:
    """Whether it names an artifact of the zoo."""
    return reference.startswith(PREFIX)


def located(reference: str, base: Path) -> Path:
    """The path that a reference means; a relative one starts at `base`. Not for zoo references."""
    return base / Path(reference).expanduser()


def resolve_path(reference: str, base: Path, document: Document | None = None, route: Route = ()) -> Path:
    """The file that a reference means; the zoo's is fetched when it isn't cached.

    Raises Refused when there is no such file, or the zoo hasn't got it.
    """
    if is_zoo(reference):
        return _from_zoo(reference, document, route)
    path = located(reference, base)
    if not path.is_file():
        kind = "is a folder" if path.is_dir() else "doesn't exist"
        remedy = f"relative paths start at {base.resolve()}"
        raise Refused(f"the file {reference} {kind}", remedy, route, document)
    return path


def check_zoo(reference: str, document: Document | None = None, route: Route = ()) -> None:
    """Raises Refused when the zoo has nothing of that name. Fetches nothing."""
    from edgert import zoo

    try:
        zoo.info(reference[len(PREFIX) :])
    except zoo.ZooError as error:
        raise Refused(f"{reference}: {error.what}", error.hint, route, document) from None


def _from_zoo(reference: str, document: Document | None, route: Route) -> Path:
    from edgert import zoo

    try:
        return zoo.get(reference[len(PREFIX) :])
    except zoo.ZooError as error:
        raise Refused(f"{reference}: {error.what}", error.hint, route, document) from None
