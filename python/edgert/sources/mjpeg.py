"""Network cameras that send JPEG pictures over HTTP, one after the other."""

from __future__ import annotations

import email.message
import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import InvalidError, NotFoundError, UnavailableError, make
from ..hiding import without_credentials
from .base import Format, Picture
from .credentials import password_of
from .jpeg import JpegDecoder, jpeg_format
from .multipart import Parts
from .rejected import Rejected, Unreadable

CHUNK = 64 * 1024  # bytes
HINT = "check the address and that the camera is on"


class Mjpeg:
    """A camera that answers an HTTP request with pictures without end (multipart/x-mixed-replace).

    `timeout` (s) bounds opening, and each wait for bytes. A picture that can't be decoded is counted in
    `rejected` and left out.
    """

    def __init__(
        self,
        url: str,
        base_dir: Path,
        timeout: float = 10.0,
        user: str | None = None,
        password: Any = None,
        password_env: str | None = None,
    ) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self._url = parts._replace(netloc=host).geturl()
        self._where = f"camera {without_credentials(url)}"
        self._user = user or (unquote(parts.username) if parts.username else None)
        self._inline = unquote(parts.password) if parts.password else password
        self._variable, self._timeout = password_env, timeout
        self._sockets: list[socket.socket] = []
        self._response: Any = None
        self._interrupted = False
        self._decoder: JpegDecoder | None = None
        self.rejected = Rejected(self._where)
        self.realtime = False  # the camera itself sets the rate

    @property
    def copied_bytes(self) -> int:
        """What had to be converted: pictures that are not 4:2:0."""
        return 0 if self._decoder is None else self._decoder.copied_bytes

    def probe(self) -> Format:
        """What nearly all such cameras give: JPEG's 4:2:0, of a size that is known when a frame comes."""
        return jpeg_format()

    def frames(self) -> Iterator[Picture]:
        """Its pictures, as they come. Raises UnavailableError when it can't be reached, or stops."""
        decoder = self._decoder = JpegDecoder(self._where)
        self._response = self._open()
        for part in Parts(self._read, self._boundary(self._response.headers), self.rejected.add):
            kind = part.headers.get("content-type", "image/jpeg").partition(";")[0].strip().lower()
            try:
                if kind not in ("image/jpeg", "image/jpg"):
                    raise Unreadable("not a JPEG", f"a part of the type {kind!r}")
                yield decoder.decode(part.body)
            except Unreadable as error:
                self.rejected.add(error)
        if not self._interrupted:
            raise make(UnavailableError, self._where, "ended the stream", HINT)

    def _open(self) -> Any:
        try:
            return self._opener().open(self._url, timeout=self._timeout)
        except urllib.error.HTTPError as error:
            error.close()
            what = f"answered {error.code} {error.reason}"
            if error.code in (401, 403):
                raise make(
                    UnavailableError, self._where, what, "give user and password (or password_env)"
                ) from None
            raise make(
                NotFoundError if error.code == 404 else UnavailableError,
                self._where,
                what,
                "check the address",
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = getattr(error, "reason", None) or error
            raise make(UnavailableError, self._where, f"can't be reached: {why}", HINT) from error

    def _opener(self) -> urllib.request.OpenerDirector:
        handlers: list[urllib.request.BaseHandler] = [
            _Plain(self._sockets.append), _Secure(self._sockets.append), urllib.request.ProxyHandler({}),
        ]  # fmt: skip
        if self._user is not None:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            password = password_of(self._where, self._inline, self._variable) or ""
            known.add_password(None, self._url, self._user, password)
            handlers += [
                urllib.request.HTTPBasicAuthHandler(known), urllib.request.HTTPDigestAuthHandler(known),
            ]  # fmt: skip
        return urllib.request.build_opener(*handlers)

    def _boundary(self, headers: email.message.Message) -> str:
        kind = headers.get_content_type()
        if kind != "multipart/x-mixed-replace":
            hint = "give the address of its MJPEG stream; the camera's manual names it"
            raise make(InvalidError, self._where, f"answers {kind}, not multipart/x-mixed-replace", hint)
        return str(headers.get_param("boundary") or "")

    def _read(self) -> bytes:
        try:
            data: bytes = self._response.read1(CHUNK)
            return data
        except TimeoutError as error:
            if self._interrupted:
                return b""
            what = f"gave nothing for {self._timeout:g} s"
            raise make(UnavailableError, self._where, what, HINT) from error
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            if self._interrupted:  # what the response says then is Python's own affair
                return b""
            raise make(UnavailableError, self._where, f"the connection broke: {error}", HINT) from error

    def interrupt(self) -> None:
        """Ends frames(); from any thread."""
        self._interrupted = True
        for opened in self._sockets:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the connection."""
        if self._response is not None:
            self._response.close()
            self._response = None
        for opened in self._sockets:
            opened.close()
        self._sockets.clear()


Seen = Callable[[socket.socket], None]


class _Plain(urllib.request.HTTPHandler):
    """HTTP whose sockets are told to `seen`, so that a read that waits can be ended."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_watched(http.client.HTTPConnection, self._seen), request)


class _Secure(urllib.request.HTTPSHandler):
    """The same over TLS."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen

    def https_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_watched(http.client.HTTPSConnection, self._seen), request)


def _watched(kind: type[http.client.HTTPConnection], seen: Seen) -> Any:
    class Watched(kind):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            super().connect()
            seen(self.sock)

    return Watched
