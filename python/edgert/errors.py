"""What edgert raises. Each error has `code`, `where`, `what` and `hint`; its text is "where: what; hint"."""

from __future__ import annotations

from typing import TypeVar

from ._native import (
    CancelledError,
    DeadlineError,
    EngineError,
    Error,
    ExhaustedError,
    InternalError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)

__all__ = [
    "CancelledError",
    "DeadlineError",
    "EngineError",
    "Error",
    "ExhaustedError",
    "InternalError",
    "InvalidError",
    "NotFoundError",
    "UnavailableError",
    "make",
    "missing_package",
]

E = TypeVar("E", bound=Error)


def make(kind: type[E], where: str, what: str, hint: str) -> E:
    """An error of this kind, to be raised: the place, what is wrong there, and what to do about it."""
    error: E = kind(f"{where}: {what}; {hint}")
    error.code = kind.__name__.removesuffix("Error").lower()
    error.where, error.what, error.hint = where, what, hint
    return error


def missing_package(where: str, package: str, extra: str) -> UnavailableError:
    """The error for an optional package that isn't installed."""
    hint = f"install it with: pip install 'edgert[{extra}]'"
    return make(UnavailableError, where, f"needs the Python package {package}", hint)
