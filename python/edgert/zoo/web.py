"""HTTP with nothing but the standard library: JSON, byte ranges, downloads that resume."""

from __future__ import annotations

import base64
import http.client
import io
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from .errors import ZooError
from .progress import Progress

_TIMEOUT_SECONDS = 30
_ATTEMPTS = 3
_PAUSE_SECONDS = 0.5
_BLOCK = 1 << 18


def request(url: str, headers: Mapping[str, str] | None = None) -> Any:
    """The open response. Raises ZooError when the server can't be reached or refuses."""
    address, credentials = _split_credentials(url)
    question = urllib.request.Request(address, headers={**(headers or {}), **credentials})
    try:
        return urllib.request.urlopen(question, timeout=_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        remedy = "check that the index you use has this package in this version"
        raise ZooError(address, f"answered {error.code} {error.reason}", remedy) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        remedy = "check the network; what is in the cache needs none"
        raise ZooError(address, f"can't be reached ({reason})", remedy) from error


def total_bytes(url: str) -> int | None:
    """The file's size when its server serves byte ranges, else None."""
    with request(url, {"Range": "bytes=0-0"}) as response:
        return _total(response) if response.status == 206 else None


def open_ranged(url: str, size: int, progress: Progress) -> IO[bytes]:
    """A remote file of known size that can be read anywhere; only what is read is transferred."""
    return io.BufferedReader(_Ranged(url, size, progress), 1 << 20)


def download(url: str, file: Path, progress: Progress) -> None:
    """Fetches all of it, going on where an earlier try was cut off. What has come stays when it fails."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _append(url, file, progress)
        except (OSError, http.client.HTTPException) as error:
            if attempt == _ATTEMPTS:
                remedy = "run it again: it goes on from there"
                raise ZooError(
                    _split_credentials(url)[0], f"the transfer broke off ({error})", remedy
                ) from error
            time.sleep(_PAUSE_SECONDS * attempt)


def _append(url: str, file: Path, progress: Progress) -> None:
    have = file.stat().st_size if file.exists() else 0
    with request(url, {"Range": f"bytes={have}-"} if have else {}) as response:
        resumed = response.status == 206
        begin = have if resumed else 0
        total = _total(response) if resumed else int(response.headers.get("Content-Length") or 0)
        with file.open("ab" if resumed else "wb") as out:
            while block := response.read(_BLOCK):
                out.write(block)
                begin += len(block)
                progress.reach(begin)
    if begin < (total or 0):
        raise http.client.HTTPException(f"{begin} of {total} bytes came")


class _Ranged(io.RawIOBase):
    """Each read is one request."""

    def __init__(self, url: str, size: int, progress: Progress) -> None:
        self._url, self._size, self._progress = url, size, progress
        self._at = self._transferred = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        if end <= self._at:
            return 0
        data = self._read(end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _read(self, end: int) -> bytes:
        with request(self._url, {"Range": f"bytes={self._at}-{end - 1}"}) as response:
            data: bytes = response.read(end - self._at)
        if response.status != 206 or not data:
            raise ZooError(self._url, "served no byte range", "set EDGERT_ZOO_FETCH=client")
        self._transferred += len(data)
        self._progress.reach(self._transferred)
        return data


def _total(response: Any) -> int | None:
    """The last part of "bytes 0-0/1234"."""
    total = (response.headers.get("Content-Range") or "").rpartition("/")[2]
    return int(total) if total.isdigit() else None


def _split_credentials(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the header that carries them."""
    parts = urllib.parse.urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    token = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
    return urllib.parse.urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {token}"}
