"""Lines of CSV or JSON from a serial port or a TCP connection, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .base import Format, Samples
from .links import Link, SerialLink, TcpLink
from .rejected import Rejected, Unreadable, shown
from .rows import RowFormat, RowPayload

LONGEST = 64 * 1024  # bytes of a line; what is longer is garbage


class LineSplitter:
    """Cuts a stream of bytes into lines. One that is longer than `longest` is left out whole, and counted."""

    def __init__(self, rejected: Rejected, longest: int = LONGEST) -> None:
        self._rest = bytearray()
        self._skipping = False
        self._rejected, self._longest = rejected, longest

    def lines(self, data: bytes) -> Iterator[bytes]:
        """The lines that these bytes complete, without their ends (LF or CR LF)."""
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            if self._skipping or len(line) > self._longest:
                self._give_up(line)
                self._skipping = False
            else:
                yield line.rstrip(b"\r")
        if len(self._rest) > self._longest:
            self._give_up(self._rest)
            self._skipping = True
            self._rest.clear()

    def _give_up(self, line: bytes | bytearray) -> None:
        if not self._skipping:
            what = f"a line of more than {self._longest} bytes begins with {shown(bytes(line))}"
            self._rejected.add(Unreadable("line too long", what))


class Lines:
    """Reads a link line by line. A line that can't be read is counted in `rejected` and left out.

    The first line may have begun before the link was opened: if it can't be read, it is counted only.
    """

    def __init__(self, link: Link, payload: str, format: Mapping[str, Any], rows: Mapping[str, Any]) -> None:
        self._link, self._format = link, dict(format)
        form = RowFormat(self._format["columns"], payload, **rows)
        self._payload = RowPayload(form, self._format["rate"], self._format["max_rows"])
        self.rejected = Rejected(link.where)
        self.realtime = False  # the device itself sets the rate
        self.copied_bytes = 0

    def probe(self) -> Format:
        """What the document says; the device isn't opened, and may come later."""
        return dict(self._format)

    def frames(self) -> Iterator[Samples]:
        """Rows, as lines come. Raises UnavailableError when there is no device, or it goes away."""
        self._link.open()
        splitter = LineSplitter(self.rejected)
        first = True
        while data := self._link.read():
            for line in splitter.lines(data):
                try:
                    yield from self._payload.frames(line)
                except Unreadable as error:
                    self.rejected.add(error, quiet=first)
                first = False

    def interrupt(self) -> None:
        """Ends frames(); from any thread."""
        self._link.interrupt()

    def close(self) -> None:
        """Gives the link back."""
        self._link.close()


class Serial(Lines):
    """A device at a serial port, by pyserial."""

    def __init__(
        self,
        device: str,
        base_dir: Path,
        format: Mapping[str, Any],
        payload: str = "csv",
        baud: int = 115200,
        timeout: float | None = None,
        **rows: Any,
    ) -> None:
        super().__init__(SerialLink(device, baud, timeout), payload, format, rows)


class Tcp(Lines):
    """A device that writes lines to whoever connects."""

    def __init__(
        self,
        host: str,
        port: int,
        base_dir: Path,
        format: Mapping[str, Any],
        payload: str = "csv",
        timeout: float | None = None,
        **rows: Any,
    ) -> None:
        super().__init__(TcpLink(host, port, timeout), payload, format, rows)
