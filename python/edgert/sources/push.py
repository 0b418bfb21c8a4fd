"""Frames that the program brings, by Runtime.push()."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .base import Format, Item
from .missing import Missing, Policy


class Push:
    """No reader at all: the document says the format, the program brings the frames."""

    def __init__(self, base_dir: Path, format: Mapping[str, Any], missing: Policy = "error") -> None:
        self._format = dict(format)
        self.missing = Missing(missing)
        self.realtime = False
        self.copied_bytes = 0

    def probe(self) -> Format:
        """The format that the document says."""
        return dict(self._format)

    def frames(self) -> Iterator[Item]:
        """None."""
        return iter(())

    def close(self) -> None:
        """Nothing to give back."""
