"""One clip: packets written to an MP4 file as they are."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..sources.media import import_av
from .ring import Coded
from .store import PARTIAL

# MP4 where it takes the codec, as it plays everywhere; Matroska takes all.
KINDS = (("mp4", ".mp4"), ("matroska", ".mkv"))
# A fragment a key frame: what was written is playable, also if the power goes.
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


class Template:
    """What a stream's packets are of, copied: the stream itself ends with its source."""

    def __init__(self, stream: Any) -> None:
        av = import_av("a clip")
        for self.format, self.ending in KINDS:
            self._holder = av.open(io.BytesIO(), "w", format=self.format)
            try:
                self.stream = self._holder.add_stream_from_template(stream)
                return
            except ValueError:  # a codec that it has no place for
                if self.format == KINDS[-1][0]:
                    raise


class Clip:
    """Writes NAME.part.mp4 (or .mkv), and renames it when it is whole. Raises OSError and FFmpeg's errors."""

    def __init__(self, path: Path, template: Template) -> None:
        self.path = path
        self.partial = path.with_name(path.stem + PARTIAL + path.suffix)
        self.packets = self.bytes = 0
        self.began: float | None = None  # s of the stream
        self._last_dts: int | None = None
        self._file = self.partial.open("xb")
        try:
            self._container = import_av(str(path)).open(
                self._file, "w", format=template.format, options=FRAGMENTS if template.format == "mp4" else {}
            )
            self._stream = self._container.add_stream_from_template(template.stream)
        except BaseException:
            self._file.close()
            self.partial.unlink(missing_ok=True)
            raise

    def write(self, coded: Coded) -> None:
        """Adds one packet; its times count from the clip's first one."""
        import av

        packet = av.Packet(bytes(coded.packet))
        source = coded.packet
        if self.began is None:
            self.began = coded.time
            self._origin = source.dts if source.dts is not None else source.pts or 0
        packet.time_base = source.time_base
        packet.dts = None if source.dts is None else source.dts - self._origin
        packet.pts = None if source.pts is None else source.pts - self._origin
        packet.duration = source.duration
        packet.is_keyframe = coded.key
        if packet.dts is not None:
            if self._last_dts is not None and packet.dts <= self._last_dts:
                return  # the stream's time stands still or goes back: MP4 has no place for that
            self._last_dts = packet.dts
        packet.stream = self._stream
        self._container.mux(packet)
        self.packets += 1
        self.bytes += coded.bytes

    def finish(self) -> Path:
        """The whole file, under its name."""
        self._container.close()
        self._file.close()
        self.partial.replace(self.path)
        return self.path

    def abandon(self) -> None:
        """Nothing of it stays."""
        for close in (self._container.close, self._file.close):
            with suppress(Exception):  # the disk may be full: it goes in any case
                close()
        self.partial.unlink(missing_ok=True)
