"""Measures what the models of documents take in pieces, shared ones and their own, against whole."""

from __future__ import annotations

from edgert.documents import DocumentErrors, DocumentSet
from edgert.documents.profile import CutTimes, PieceTimes, TrunkTimes
from edgert.documents.units import Duration
from edgert.trunks import Decision

InPieces = tuple[list[TrunkTimes], list[CutTimes]]


def trunk_times(documents: DocumentSet) -> tuple[InPieces, list[str]]:
    """Each set of models that begin alike and each model that the documents ask to cut, whether that is worth
    it or not; and why there is nothing to say, where documents can't be planned."""
    if not documents.pipelines:
        return ([], []), []
    try:
        return measured(documents), []
    except DocumentErrors as errors:
        return ([], []), [f"what models take in pieces isn't measured: {errors.problems[0]}"]


def measured(documents: DocumentSet) -> InPieces:
    """Measures now, whatever is remembered. Raises DocumentErrors."""
    from edgert.planner import Planning

    decisions = [each for each in Planning(documents, anew=True).plan().trunks if each.whole_us]
    alike = [_times(each) for each in decisions if each.pieces and len(each.contents) > 1]
    return alike, [_cut(each) for each in decisions if any(each.asked)]


def _times(decision: Decision) -> TrunkTimes:
    return TrunkTimes(
        models=list(decision.models),
        contents=list(decision.contents),
        threads=decision.threads,
        whole=Duration(decision.whole_us * 1e-6),
        together=Duration(decision.pieces_us * 1e-6),
        pieces=_pieces(decision),
    )


def _cut(decision: Decision) -> CutTimes:
    count, longest = decision.asked
    return CutTimes(
        model=decision.models[0],
        content=decision.contents[0],
        threads=decision.threads,
        count=count or None,
        longest=Duration(longest) if longest else None,
        whole=Duration(decision.whole_us * 1e-6),
        together=Duration(decision.pieces_us * 1e-6) if decision.pieces else None,
        cuts=list(decision.cuts),
        pieces=_pieces(decision),
    )


def _pieces(decision: Decision) -> list[PieceTimes]:
    return [
        PieceTimes(title=piece.title, content=piece.file.stem, took=Duration(piece.us * 1e-6))
        for piece in decision.pieces
    ]
