"""Which policy runs, and how: from a document, a name, or a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidError, NotFoundError, make

if TYPE_CHECKING:
    from ..documents import DocumentSet
    from ..documents import Policy as PolicyDocument
    from .base import Policy

PERIOD = 0.1  # s
LIMITS = 2  # periods that a call may take


@dataclass(frozen=True)
class Chosen:
    """A policy to run. Times in seconds."""

    name: str
    reference: str
    params: Mapping[str, Any] = field(default_factory=dict)
    period: float = PERIOD
    limit: float = PERIOD * LIMITS


def choose(
    named: str | Path | type[Policy] | PolicyDocument,
    documents: DocumentSet | None = None,
    params: Mapping[str, Any] | None = None,
    period: float | None = None,
    limit: float | None = None,
) -> Chosen:
    """The policy that is meant: a Policy document's name, a file of documents (.yaml) that has one, a shipped
    or installed policy's name, `module:Class`, `file.py:Class`, a document, or a class.

    `params`, `period` and `limit` stand over the document's. Raises NotFoundError or InvalidError.
    """
    from ..documents import Policy as PolicyDocument

    document = named if isinstance(named, PolicyDocument) else _document(named, documents)
    if document is not None:
        base = of_document(document)
    else:
        assert not isinstance(named, (PolicyDocument, Path))
        base = Chosen(*_reference(named))
    chosen_period = period if period is not None else base.period
    chosen_limit = limit if limit is not None else (LIMITS * period if period is not None else base.limit)
    if not (0.001 <= chosen_period <= 3600 and 0.001 <= chosen_limit <= 3600):
        hint = "give 1 ms to an hour"
        raise make(InvalidError, f"policy {base.name}", "its period or limit is out of range", hint)
    return Chosen(base.name, base.reference, {**base.params, **(params or {})}, chosen_period, chosen_limit)


def of_document(document: PolicyDocument) -> Chosen:
    """The policy of a document. Raises InvalidError or NotFoundError."""
    reference = _resolved(document.policy, document.base, f"policy {document.name}")
    period = float(document.period)
    limit = float(document.limit) if document.limit is not None else LIMITS * period
    return Chosen(document.name, reference, document.params, period, limit)


def only_one(documents: DocumentSet) -> PolicyDocument | None:
    """The Policy document that runs when nobody says which; None where there is none. Raises InvalidError
    where there are several."""
    if len(documents.policies) > 1:
        names = ", ".join(documents.policies)
        raise make(
            InvalidError,
            "policy",
            f"there are several Policy documents ({names})",
            "say which one runs: --policy NAME, or Runtime(..., policy=NAME)",
        )
    return next(iter(documents.policies.values()), None)


def _document(named: str | Path | type, documents: DocumentSet | None) -> PolicyDocument | None:
    if isinstance(named, type):
        return None
    if isinstance(named, Path) or named.endswith((".yaml", ".yml")):
        from ..documents import load

        found = load(named)
        document = only_one(found)
        if document is None:
            raise make(NotFoundError, str(named), "has no Policy document", "write one: kind: Policy")
        return document
    return documents.policies.get(named) if documents is not None else None


def _reference(named: str | type) -> tuple[str, str]:
    name = named if isinstance(named, str) else named.__name__
    return name, _resolved(named, Path(), f"policy {name}")


def _resolved(named: str | type, base: Path, where: str) -> str:
    from .reference import Unknown, reference_of

    try:
        return reference_of(named, base)
    except Unknown as unknown:
        hint = f"known are {', '.join(unknown.known)}; or write module:Class or file.py:Class"
        raise make(NotFoundError, where, str(unknown), hint) from None
    except ValueError as error:
        what, _, hint = str(error).partition("; ")
        raise make(InvalidError, where, what, hint) from None
