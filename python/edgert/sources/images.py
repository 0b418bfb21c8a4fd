"""Folders of pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from glob import glob
from pathlib import Path

from ..errors import InvalidError, NotFoundError, make
from .base import ZOO, Format, Picture, find_file
from .container import Container
from .turbojpeg import Jpeg

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
JPEG = {".jpg", ".jpeg"}
HINT = "give pictures that FFmpeg can decode, or leave this one out"


class Images:
    """A picture, a folder of them, or a pattern such as `shots/*.jpg`, in the order of their names, `rate` a
    second."""

    def __init__(
        self, path: str, base_dir: Path, rate: float = 1.0, loop: bool = False, speed: str = "original"
    ) -> None:
        self._path, self._base = path, base_dir
        self._rate, self._loop = rate, loop
        self.realtime = speed == "original"
        self.copied_bytes = 0
        self._jpeg = Jpeg()

    def probe(self) -> Format:
        """The first picture's format; the others may differ in size and kind."""
        first = self._files()[0]
        video = Container(str(first), str(first), HINT)
        try:
            next(video.pictures(), None)
            return video.format()
        finally:
            video.close()

    def frames(self) -> Iterator[Picture]:
        """One frame a picture."""
        index = 0
        while True:
            for file in self._files():
                picture = self._decode(file)
                picture.media_time = index / self._rate
                index += 1
                yield picture
            if not self._loop:
                return

    def _decode(self, file: Path) -> Picture:
        began = time.perf_counter_ns()
        picture = self._decode_jpeg(file) if file.suffix.lower() in JPEG else None
        if picture is None:
            picture = self._decode_any(file)
        picture.decode_ms = (time.perf_counter_ns() - began) / 1e6
        return picture

    def _decode_jpeg(self, file: Path) -> Picture | None:
        if not self._jpeg.available:
            return None
        try:
            return self._jpeg.decode(file.read_bytes())
        except InvalidError as error:
            raise make(InvalidError, str(file), str(error), HINT) from None
        except OSError as error:
            raise make(NotFoundError, str(file), f"can't be read: {error.strerror}", HINT) from None

    def _decode_any(self, file: Path) -> Picture:
        image = Container(str(file), str(file), HINT)
        try:
            picture = next(image.pictures())
            self.copied_bytes += image.copied_bytes
        finally:
            image.close()
        return picture

    def _files(self) -> list[Path]:
        if any(sign in self._path for sign in "*?[") and not self._path.startswith(ZOO):
            files = [Path(name) for name in glob(str(self._base / self._path))]
        else:
            found = find_file(self._path, self._base)
            files = list(found.iterdir()) if found.is_dir() else [found]
        pictures = sorted(file for file in files if file.suffix.lower() in SUFFIXES)
        if not pictures:
            what = f"no picture there (of {', '.join(sorted(SUFFIXES))})"
            raise make(
                NotFoundError, str(self._path), what, "give a picture, a folder of pictures or a pattern"
            )
        return pictures

    def close(self) -> None:
        """Nothing is held between two frames."""
