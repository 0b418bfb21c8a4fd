"""Whether pieces are worth it, by what was measured of them or a profile says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .decision import Decision
from .group import Known
from .running import InPieces

LEAST_GAIN = 0.05
"""Of the whole models' time: less isn't worth more nodes."""


def told(decision: Decision, known: Known) -> Decision:
    """The decision with what a profile says."""
    pieces = [known.pieces[piece.file.stem] for piece in decision.pieces]
    found = _weighed(decision, pieces, known.whole_us, known.pieces_us)
    return replace(found, reason=f"{found.reason}, as the profile {known.source} says")


def judged(decision: Decision, pieces: InPieces, whole: float, took: float) -> Decision:
    """The decision with what was measured."""
    return _weighed(decision, [seconds * 1e6 for seconds in pieces.took], whole, took)


def _weighed(decision: Decision, pieces: Sequence[float], whole: float, took: float) -> Decision:
    """The decision with times in microseconds, and whether it is worth it."""
    gain = 1 - took / whole if whole else 0.0
    timed = tuple(replace(piece, us=us) for piece, us in zip(decision.pieces, pieces, strict=True))
    reason = f"all of them take {in_ms(took)} of CPU time in pieces, {in_ms(whole)} whole"
    if gain < LEAST_GAIN:
        reason += ": too little is saved"
    return replace(
        decision, shared=gain >= LEAST_GAIN, reason=reason, pieces=timed, whole_us=whole, pieces_us=took
    )


def in_ms(microseconds: float) -> str:
    """ "1.05 ms", or "960 µs"."""
    return f"{microseconds / 1000:.3g} ms" if microseconds >= 1000 else f"{microseconds:.0f} µs"
