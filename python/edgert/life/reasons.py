"""What an error means for a sensor."""

from __future__ import annotations

from ..errors import Error
from ..hiding import without_credentials


def said(error: Exception) -> str:
    """An error in one line."""
    return without_credentials(str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}")


def for_good(error: Exception | None) -> bool:
    """Whether trying again can't help: a package is missing, or the document says what can't be."""
    return isinstance(getattr(error, "__cause__", None), ImportError) or bool(
        getattr(error, "for_good", False)
    )
