"""Single JPEG pictures, as cameras send them: the decoder's planes, by libjpeg-turbo or else FFmpeg."""

from __future__ import annotations

import time
from typing import Any

from ..errors import InvalidError
from .base import Format, Picture
from .media import import_av, reason
from .pixels import to_picture
from .rejected import Unreadable
from .turbojpeg import Jpeg

START, END = b"\xff\xd8", b"\xff\xd9"  # the markers SOI and EOI of ITU-T T.81, table B.1
PADDING = b"\0\r\n "  # what cameras put behind a picture


def jpeg_format(width: int = 0, height: int = 0) -> Format:
    """What nearly all JPEG pictures are; 0: a size that is known when a picture comes."""
    return {
        "kind": "image", "pixel": "yuv420p", "width": width, "height": height,
        "range": "full", "matrix": "bt601", "siting": "centre",
    }  # fmt: skip


class JpegDecoder:
    """Decodes one picture after the other; a broken one leaves the next ones good. One thread uses it.

    `copied_bytes` counts what had to be converted: pictures that are not 4:2:0.
    """

    def __init__(self, where: str) -> None:
        self._av = import_av(where)
        self._turbo = Jpeg()
        self._codec: Any = None
        self.copied_bytes = 0

    def decode(self, data: bytes) -> Picture:
        """The picture: full range, chroma in the middle. Raises Unreadable for what is no whole JPEG."""
        _check(data)
        began = time.perf_counter_ns()
        try:
            picture = self._turbo.decode(data) or self._by_ffmpeg(data)
        except (InvalidError, self._av.error.FFmpegError, ValueError, EOFError) as error:
            self._codec = None  # it may be in the middle of something
            raise Unreadable("broken JPEG", f"{len(data)} bytes: {reason(error)}") from None
        picture.decode_ms = (time.perf_counter_ns() - began) / 1e6
        return picture

    def _by_ffmpeg(self, data: bytes) -> Picture:
        frames = self._open().decode(self._av.Packet(data))
        if not frames:
            raise Unreadable("broken JPEG", f"no picture is in its {len(data)} bytes")
        picture, copied = to_picture(frames[0])
        self.copied_bytes += copied
        return picture

    def _open(self) -> Any:
        if self._codec is None:
            self._codec = self._av.CodecContext.create("mjpeg", "r")
            self._codec.thread_count = 1  # with more, a picture comes out only when the next one goes in
            self._codec.options = {"err_detect": "explode"}  # else half a picture passes for a whole one
        return self._codec


def _check(data: bytes) -> None:
    if not data.startswith(START):
        raise Unreadable("not a JPEG", f"{len(data)} bytes that begin with {data[:8].hex(' ') or 'nothing'}")
    if not data.rstrip(PADDING).endswith(END):
        raise Unreadable("cut-off JPEG", f"{len(data)} bytes without an end")
