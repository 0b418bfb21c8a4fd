"""What cameras have in common, of this machine or of the network."""

from __future__ import annotations

from collections.abc import Iterator

from .base import Picture
from .container import Container, Tap


class LiveVideo:
    """A live stream that FFmpeg opens: its container while it is read, and what was counted of it."""

    def __init__(self) -> None:
        self._open: Container | None = None
        self.realtime = False  # the camera itself sets the rate
        self.copied_bytes = self.decode_skipped = 0
        self._wanted: float | None = None
        self.tap: Tap | None = None

    def want(self, rate: float) -> None:
        """Nobody needs more than `rate` frames a second."""
        self._wanted = rate

    def close(self) -> None:
        """Ends the session, and gives a device back."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _pictures(self, opened: Container) -> Iterator[Picture]:
        """What it gives, until close()."""
        self._open = opened
        opened.want(self._wanted)
        opened.tap = self.tap
        for picture in opened.pictures():
            self.copied_bytes, self.decode_skipped = opened.copied_bytes, opened.decode_skipped
            yield picture
