"""Measures what the models of documents take in the pieces that they share, against whole."""

from __future__ import annotations

from edgert.documents import DocumentErrors, DocumentSet
from edgert.documents.profile import PieceTimes, TrunkTimes
from edgert.documents.units import Duration
from edgert.trunks import Decision


def trunk_times(documents: DocumentSet) -> tuple[list[TrunkTimes], list[str]]:
    """Each set of models that begin alike, whether cutting them is worth it or not; and why there is nothing
    to say, where documents can't be planned."""
    if not documents.pipelines:
        return [], []
    try:
        return measured(documents), []
    except DocumentErrors as errors:
        return [], [f"what models share isn't measured: {errors.problems[0]}"]


def measured(documents: DocumentSet) -> list[TrunkTimes]:
    """Measures now, whatever is remembered. Raises DocumentErrors."""
    from edgert.planner import Planning

    decisions = Planning(documents, anew=True).plan().trunks
    return [_times(each) for each in decisions if each.pieces and each.whole_us and len(each.contents) > 1]


def _times(decision: Decision) -> TrunkTimes:
    return TrunkTimes(
        models=list(decision.models),
        contents=list(decision.contents),
        threads=decision.threads,
        whole=Duration(decision.whole_us * 1e-6),
        together=Duration(decision.pieces_us * 1e-6),
        pieces=[
            PieceTimes(title=piece.title, content=piece.file.stem, took=Duration(piece.us * 1e-6))
            for piece in decision.pieces
        ],
    )
