"""Network cameras by RTSP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..hiding import without_credentials
from .base import Format, Picture
from .container import Container
from .live_video import LiveVideo


class Rtsp(LiveVideo):
    """An RTSP camera. `timeout` (s) bounds opening, and each wait for a frame."""

    def __init__(self, url: str, base_dir: Path, transport: str = "tcp", timeout: float = 10.0) -> None:
        super().__init__()
        self._url, self._transport, self._timeout = url, transport, timeout

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
        yield from self._pictures(Container(self._url, where, hint, options=options, timeout=self._timeout))
