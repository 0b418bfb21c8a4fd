"""What lines come over: a serial port, a TCP connection. One thread reads; any may interrupt."""

from __future__ import annotations

import socket
import threading
import time
from importlib import import_module
from typing import Any, Protocol

from ..errors import NotFoundError, UnavailableError, make, missing_package

CONNECT = 10.0  # s for a host to answer
TURN = 0.2  # s that a read waits before it looks whether to end
CHUNK = 4096  # bytes


class Link(Protocol):
    """A stream of bytes. Raises UnavailableError or NotFoundError when it isn't there or goes away."""

    where: str

    def open(self) -> None: ...

    def read(self) -> bytes:
        """Waits for some bytes; none when interrupted."""

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


class Silence:
    """Watches that something comes at least every `limit` seconds; None: silence is fine."""

    def __init__(self, where: str, limit: float | None) -> None:
        self._where, self._limit = where, limit
        self.heard()

    def heard(self) -> None:
        """Something came."""
        self._last = time.monotonic()

    def check(self) -> None:
        """Raises UnavailableError when nothing came for too long."""
        if self._limit is not None and time.monotonic() - self._last > self._limit:
            hint = "see that the device runs, or give it a longer timeout"
            raise make(UnavailableError, self._where, f"gave nothing for {self._limit:g} s", hint)


class SerialLink:
    """A serial port: 8 bits, no parity, 1 stop bit."""

    def __init__(self, device: str, baud: int, timeout: float | None) -> None:
        self.where = f"serial {device}"
        self._device, self._baud, self._timeout = device, baud, timeout
        self._port: Any = None
        self._stop = threading.Event()
        self._silence = Silence(self.where, timeout)

    def open(self) -> None:
        """Opens the port."""
        try:
            serial = import_module("serial")
        except ImportError as error:
            raise missing_package(self.where, "pyserial", "serial") from error
        try:
            self._port = serial.Serial(self._device, self._baud, timeout=TURN)
        except (serial.SerialException, ValueError, OSError) as error:
            gone = getattr(error, "errno", None) == 2
            hint = "see `python -m serial.tools.list_ports`, and that this user may read it (group dialout)"
            kind, what = (
                (NotFoundError, "is not there") if gone else (UnavailableError, f"can't be opened: {error}")
            )
            raise make(kind, self.where, what, hint) from error
        self._silence.heard()

    @property
    def ready(self) -> bool:
        """Whether it is open, and what comes now is read."""
        return self._port is not None

    def read(self) -> bytes:
        """What came; none when interrupted."""
        while not self._stop.is_set():
            try:
                data: bytes = self._port.read(max(1, min(self._port.in_waiting, CHUNK)))
            except (OSError, TypeError) as error:  # pyserial's own error is an OSError
                hint = "see that it is plugged in"
                raise make(UnavailableError, self.where, f"can't be read on: {error}", hint) from error
            if data:
                self._silence.heard()
                return data
            self._silence.check()
        return b""

    def interrupt(self) -> None:
        """Has read() answer nothing."""
        self._stop.set()

    def close(self) -> None:
        """Closes the port."""
        if self._port is not None:
            self._port.close()
            self._port = None


class TcpLink:
    """A TCP connection that this side opens."""

    def __init__(self, host: str, port: int, timeout: float | None) -> None:
        self.where = f"tcp {host}:{port}"
        self._address, self._timeout = (host, port), timeout
        self._socket: socket.socket | None = None
        self._stop = threading.Event()
        self._silence = Silence(self.where, timeout)

    def open(self) -> None:
        """Connects."""
        try:
            self._socket = socket.create_connection(self._address, self._timeout or CONNECT)
        except OSError as error:
            hint = "check the address and that the device is on"
            raise make(UnavailableError, self.where, f"can't be reached: {error}", hint) from error
        self._socket.settimeout(TURN)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._silence.heard()

    def read(self) -> bytes:
        """What came; none when interrupted."""
        assert self._socket is not None
        while not self._stop.is_set():
            try:
                data = self._socket.recv(CHUNK)
            except TimeoutError:
                self._silence.check()
                continue
            except OSError as error:
                raise self._gone(f"the connection broke: {error}") from error
            if not data:
                raise self._gone("closed the connection")
            self._silence.heard()
            return data
        return b""

    def _gone(self, what: str) -> UnavailableError:
        return make(UnavailableError, self.where, what, "see that the device is on")

    def interrupt(self) -> None:
        """Has read() answer nothing."""
        self._stop.set()

    def close(self) -> None:
        """Closes the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
