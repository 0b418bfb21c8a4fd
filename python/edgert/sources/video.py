"""Video files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InvalidError, make
from .base import Format, Picture, find_file
from .container import CUT_OFF, Container, Tap

HINT = "give a video file that FFmpeg can decode"


class VideoFile:
    """A video file; `loop` starts it again at its end, with media time going on."""

    def __init__(self, path: str, base_dir: Path, loop: bool = False, speed: str = "original") -> None:
        self._path, self._base = path, base_dir
        self._loop = loop
        self._open: Container | None = None
        self._identity: tuple[int, ...] = ()
        self.realtime = speed == "original"
        self.decode_skipped = 0
        self._wanted: float | None = None
        self.tap: Tap | None = None
        self.copied_bytes = 0  # converted, where the file's pixel format isn't one of edgert's

    def probe(self) -> Format:
        """Opens the file and decodes its first frame: what can be refused is refused now."""
        video = self._start()
        try:
            next(video.pictures(), None)
            return video.format()
        finally:
            self.close()

    def frames(self) -> Iterator[Picture]:
        """Its frames; each time round begins with `gap`. Raises InvalidError at the end of a file that is cut
        off."""
        offset = 0.0
        video = self._start()
        while True:
            video.want(self._wanted)
            video.tap = self.tap
            skipped = self.decode_skipped
            end = offset
            for picture in video.pictures():
                picture.gap = picture.gap or end == offset > 0
                picture.media_time += offset
                end = picture.media_time + 1.0 / video.rate
                self.copied_bytes += video.copied_bytes
                video.copied_bytes = 0
                self.decode_skipped = skipped + video.decode_skipped
                yield picture
            self.decode_skipped = skipped + video.decode_skipped
            self._check_length(video, end - offset)
            if not self._loop:
                self.close()
                return
            video = self._anew(video)
            offset = end

    def want(self, rate: float) -> None:
        """Nobody needs more than `rate` frames a second."""
        self._wanted = rate

    def _check_length(self, video: Container, length: float) -> None:
        announced = video.announced
        length += 1 / self._wanted if self._wanted else 0.0  # the last frames may have been passed over
        if announced and length < announced * CUT_OFF and announced - length > 1.0:
            what = f"ends after {length:.1f} s, but says that it has {announced:.1f} s"
            if video.broken:
                packets = "one packet" if video.broken == 1 else f"{video.broken} packets"
                what += f", and {packets} of it can't be decoded"
            raise make(InvalidError, str(self._path), what, "the file is cut off or damaged: get it again")

    def _start(self) -> Container:
        path = find_file(self._path, self._base)
        self._identity = _identity(path)
        self._open = Container(str(path), str(self._path), HINT)
        return self._open

    def _anew(self, video: Container) -> Container:
        """From the first frame on: the file that is there now."""
        if _identity(find_file(self._path, self._base)) == self._identity and video.rewind():
            return video
        self.close()
        return self._start()

    def close(self) -> None:
        """Closes the file."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _identity(path: Path) -> tuple[int, int, int, int]:
    """What changes when another file is put there, or this one is written to."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
