"""One clip: packets written to an MP4 file as they are."""

from __future__ import annotations

import errno
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..sources.media import import_av
from .ring import Coded
from .saving import claimed, saved
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
    """Writes NAME.part.mp4 (or .mkv), and renames it when it is whole. Raises OSError and FFmpeg's errors:
    FileExistsError where another recorder writes one of that name."""

    def __init__(self, path: Path, template: Template) -> None:
        self.path = path
        self.partial = path.with_name(path.stem + PARTIAL + path.suffix)
        self.packets = self.bytes = 0
        self.began: float | None = None  # s of the stream
        self._last_dts: int | None = None
        self._file = _Disk(self.partial)
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
        self._file.check()
        self.packets += 1
        self.bytes += coded.bytes

    def finish(self) -> Path:
        """The whole file, under its name."""
        self._container.close()
        self._file.check()
        self.partial.replace(self.path)  # while it is locked: else it looks like what somebody left
        self._file.close()
        return self.path

    def salvage(self) -> bool:
        """Ends a clip that can't be written on. What is on the disk is kept, where it can be played."""
        with suppress(Exception):  # the disk may be full
            self._container.close()
        kept = saved(self.partial, self.path)
        with suppress(OSError):
            self._file.close()
        return kept


class _Disk:
    """A file for PyAV, which writes a last time when it is closed, and prints what a write raises then: the
    first error is kept instead, and nothing is written after it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        if not claimed(self._file.fileno(), path):
            self._file.close()
            raise FileExistsError(errno.EEXIST, "another recorder took it", str(path))
        self._error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        while rest and self._error is None:
            try:
                rest = rest[self._file.write(rest) :]
            except OSError as error:
                self._error = error
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def check(self) -> None:
        """Raises what a write raised."""
        if self._error is not None:
            raise self._error
