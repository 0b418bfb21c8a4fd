"""Models that may begin alike, and what is known of them before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .decision import Asked, Member
from .running import Feed


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
class KnownCut:
    """What a profile says of one model that was asked to run in pieces: where it was cut, and the CPU time in
    microseconds of each piece and of the whole. Without cuts it was short enough. What is known is neither
    measured nor cut otherwise."""

    content: str
    """SHA-256 of the model's file."""
    threads: int
    asked: Asked
    cuts: tuple[int, ...]
    pieces: Mapping[str, float]
    """By the content of the piece's file, in order."""
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
