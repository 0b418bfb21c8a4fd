"""A folder of clips and snapshots that stays within its bounds."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import UnavailableError, make
from .saving import sweep

PARTIAL = ".part"
# What follows the sensor's name: another sensor's name may begin as this one's.
_REST = re.compile(r"-\d{8}-\d{6}\.\d{3}(-\d+)?(?P<partial>\.part)?\.(mp4|mkv|jpg)")


@dataclass(frozen=True)
class Keep:
    """What stays: files younger than `age` seconds and `size` bytes in all (0: no bound); `free` bytes of the
    disk are never used."""

    age: float = 0.0
    size: int = 0
    free: int = 256 << 20


class Store:
    """Files SENSOR-DATE-TIME.mp4 and .jpg in one folder; the oldest go first. One thread uses it. Several, of
    this process and others, may have one folder and sensor: each keeps its own bounds of all their files."""

    def __init__(self, folder: str | Path, sensor: str, keep: Keep) -> None:
        self.folder, self.sensor, self.keep = Path(folder), sensor, keep
        self.removed = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / f".{sensor}{PARTIAL}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            reason = f"can't be written: {error.strerror}"
            raise make(
                UnavailableError, str(folder), reason, "choose a folder that you may write to"
            ) from error
        self._sweep()

    def names(self, kind: str) -> Iterator[Path]:
        """Paths for a new file, by the wall clock, of which none is there; `kind` is ".mp4" or ".jpg".
        Another recorder of this sensor may come first to one: who makes the file asks for it to be new."""
        now = time.time()
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03d}"
        for number in itertools.count():
            path = self.folder / f"{self.sensor}-{stamp}{f'-{number}' if number else ''}{kind}"
            if not path.exists():
                yield path

    def new(self, kind: str) -> Path:
        """A new file, empty. Raises OSError."""
        for path in self.names(kind):
            with suppress(FileExistsError):
                path.touch(exist_ok=False)
                break
        return path

    def room(self, wanted: int = 0) -> bool:
        """Makes room by the rules; False: the disk hasn't `wanted` bytes beyond those that stay free."""
        self._expire()
        if self._free() >= self.keep.free + wanted:
            return True
        for file in self._files():
            self._remove(file)
            if self._free() >= self.keep.free + wanted:
                return True
        return False

    def tidy(self) -> None:
        """Removes what is too old or too much by now."""
        self._expire()

    def full(self) -> bool:
        """Whether less of the disk is free than has to be."""
        return self._free() < self.keep.free

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:
            return 0

    def _files(self) -> list[Path]:
        """Whole files of this sensor, the oldest first."""
        return sorted(self._found(partial=False), key=lambda path: (_modified(path), path.name))

    def _found(self, partial: bool) -> list[Path]:
        named = (
            (path, _REST.fullmatch(path.name[len(self.sensor) :]))
            for path in self.folder.glob(f"{self.sensor}-*")
        )
        return [path for path, rest in named if rest and bool(rest["partial"]) == partial]

    def _expire(self) -> None:
        files = self._files()
        if self.keep.age:
            oldest = time.time() - self.keep.age
            files = [file for file in files if _modified(file) >= oldest or self._remove(file)]
        if self.keep.size:
            total = sum(_size(file) for file in files)
            for file in files:
                if total <= self.keep.size:
                    break
                total -= _size(file)
                self._remove(file)

    def _remove(self, file: Path) -> bool:
        """False, so that it can stand in a filter."""
        try:
            file.unlink()
            self.removed += 1
        except OSError:
            pass  # somebody else took it
        return False

    def _sweep(self) -> None:
        """What a run that was killed left unfinished: what can be played of it stays. What another recorder
        is writing is let alone."""
        for file in self._found(partial=True):
            sweep(file, file.with_name(file.name.replace(PARTIAL, "")))


def _modified(path: Path) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
