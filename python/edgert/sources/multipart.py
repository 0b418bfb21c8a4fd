"""The parts of an HTTP answer that goes on for ever: multipart/x-mixed-replace, as cameras speak it.

RFC 2046 says how parts are cut; cameras differ from it in the boundary that they announce (with or without
its two dashes, quoted or not) and in whether they give a length. So a line that begins with two dashes
starts a part; its length is its Content-Length, or else ends at the next boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .rejected import Unreadable, shown

LARGEST = 32 * 1024 * 1024  # bytes of a part
LONGEST = 8192  # bytes of a line of a header
HEADERS = 64  # lines of a part's header


@dataclass(slots=True)
class Part:
    """One part: its headers, names in lower case, and what is in it."""

    headers: Mapping[str, str]
    body: bytes


class Parts:
    """Reads parts. `read` answers some bytes, and none at the end of the stream.

    `reject` is told of what is no part; reading goes on at the next boundary.
    """

    def __init__(
        self, read: Callable[[], bytes], boundary: str, reject: Callable[[Unreadable], None]
    ) -> None:
        self._read, self._reject = read, reject
        self._buffer = bytearray()
        self._mark = b"\n--" + boundary.strip().strip('"').lstrip("-").encode()

    def __iter__(self) -> Iterator[Part]:
        while self._find_boundary():
            try:
                if (part := self._part()) is not None:
                    yield part
            except Unreadable as error:
                self._reject(error)

    def _more(self) -> bool:
        data = self._read()
        self._buffer += data
        return bool(data)

    def _line(self) -> bytes | None:
        """The next line without its end. None: the stream ended. Raises Unreadable for an endless one."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > LONGEST:
                begin = bytes(self._buffer)
                self._buffer.clear()
                raise Unreadable("garbage between pictures", f"{shown(begin)} is no header")
            if not self._more():
                return None
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _find_boundary(self) -> bool:
        """Skips to behind the next boundary. False: the stream ended."""
        while True:
            try:
                line = self._line()
            except Unreadable as error:
                self._reject(error)
                continue
            if line is None:
                return False
            if line.startswith(b"--"):
                return True
            if line:
                self._reject(Unreadable("garbage between pictures", f"{shown(line)} is no boundary"))

    def _part(self) -> Part | None:
        headers: dict[str, str] = {}
        for _ in range(HEADERS):
            line = self._line()
            if not line:
                break
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        else:
            raise Unreadable("garbage between pictures", f"a header of more than {HEADERS} lines")
        if line is None:
            return None
        length = headers.get("content-length")
        body = self._until_boundary() if length is None else self._exactly(length)
        return None if body is None else Part(headers, body)

    def _exactly(self, length: str) -> bytes | None:
        if not length.isdecimal() or int(length) > LARGEST:
            raise Unreadable("bad length", f"a picture says that it has {shown(length)} bytes")
        size = int(length)
        while len(self._buffer) < size:
            if not self._more():
                return None
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        return body

    def _until_boundary(self) -> bytes | None:
        searched = 0
        while (end := self._buffer.find(self._mark, searched)) < 0:
            searched = max(0, len(self._buffer) - len(self._mark))
            if searched > LARGEST:
                self._buffer.clear()
                raise Unreadable("bad length", f"no boundary within {LARGEST} bytes")
            if not self._more():
                return None
        body = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return body.removesuffix(b"\r")
