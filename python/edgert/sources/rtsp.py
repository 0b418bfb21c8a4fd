"""Network cameras by RTSP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..hiding import without_credentials
from .base import Format, Picture
from .container import Container, Tap


class Rtsp:
    """An RTSP camera. `timeout` (s) bounds opening, and each wait for a frame."""

    def __init__(self, url: str, base_dir: Path, transport: str = "tcp", timeout: float = 10.0) -> None:
        self._url, self._transport, self._timeout = url, transport, timeout
        self._open: Container | None = None
        self.realtime = False  # the camera itself sets the rate
        self.copied_bytes = self.decode_skipped = 0
        self._wanted: float | None = None
        self.tap: Tap | None = None

    def probe(self) -> Format:
        """What nearly all network cameras give: YUV 4:2:0 of a size that is known when a frame comes."""
        return {
            "kind": "image",
            "pixel": "yuv420p",
            "width": 0,
            "height": 0,
            "range": "video",
            "matrix": "bt709",
        }

    def frames(self) -> Iterator[Picture]:
        """Its frames, as they come. Raises UnavailableError when it can't be reached or stops answering."""
        hint = "check the address and that the camera is on"
        options = {"rtsp_transport": self._transport, "fflags": "nobuffer"}
        where = f"camera {without_credentials(self._url)}"
        self._open = Container(self._url, where, hint, options=options, timeout=self._timeout)
        self._open.want(self._wanted)
        self._open.tap = self.tap
        for picture in self._open.pictures():
            self.copied_bytes, self.decode_skipped = self._open.copied_bytes, self._open.decode_skipped
            yield picture

    def want(self, rate: float) -> None:
        """Nobody needs more than `rate` frames a second."""
        self._wanted = rate

    def close(self) -> None:
        """Ends the session."""
        if self._open is not None:
            self._open.close()
            self._open = None
