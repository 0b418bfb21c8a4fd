"""What one message of a broker holds, as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from .base import Format, Item, Samples
from .jpeg import JpegDecoder
from .rejected import Unreadable
from .rows import RowFormat, RowPayload

INT16 = 1.0 / 32768.0  # from int16 to [-1, 1)


class Payload(Protocol):
    """From bytes to frames."""

    def frames(self, data: bytes) -> Iterator[Item]:
        """The frames of one message. Raises Unreadable."""


class ArrayPayload:
    """Little-endian float32 or int16 numbers: samples [n, channels], or rows [n, columns].

    Without a copy where the message has the dtype that the sensor has; else `copied_bytes` counts.
    """

    def __init__(self, dtype: str, form: Format) -> None:
        self._dtype = np.dtype(dtype).newbyteorder("<")
        audio = form["kind"] == "audio"
        self._wanted = np.dtype(form["dtype"] if audio else "float32")
        self._scale = INT16 if audio and dtype == "int16" else None
        self._width = form["channels"] if audio else len(form["columns"])
        self._most = form["max_chunk"] if audio else form["max_rows"]
        self.copied_bytes = 0

    def frames(self, data: bytes) -> Iterator[Samples]:
        """At most as many samples or rows a frame as the format announces."""
        row = self._dtype.itemsize * self._width
        if not data or len(data) % row:
            raise Unreadable(
                "odd length", f"{len(data)} bytes are no multiple of {row} (a sample of all columns)"
            )
        array = self._converted(np.frombuffer(data, self._dtype).reshape(-1, self._width))
        for at in range(0, len(array), self._most):
            yield Samples(array[at : at + self._most])

    def _converted(self, array: Any) -> Any:
        if array.dtype == self._wanted:
            return array
        converted = array.astype(self._wanted)
        if self._scale is not None:
            converted *= self._scale
        self.copied_bytes += converted.nbytes
        return converted


class JpegPayload:
    """A JPEG picture."""

    def __init__(self, where: str) -> None:
        self._decoder = JpegDecoder(where)

    @property
    def copied_bytes(self) -> int:
        """What had to be converted."""
        return self._decoder.copied_bytes

    def frames(self, data: bytes) -> Iterator[Item]:
        """The picture."""
        yield self._decoder.decode(data)


def make_payload(payload: str, form: Mapping[str, Any], rows: Mapping[str, Any], where: str) -> Payload:
    """What reads payloads of this kind: json, csv, float32, int16 or jpeg, into frames of this format.

    `rows` are the fields of RowFormat that the document says: time, time_unit, fields, separator.
    """
    if payload == "jpeg":
        return JpegPayload(where)
    if payload in ("float32", "int16"):
        return ArrayPayload(payload, dict(form))
    columns: Sequence[str] = form["columns"]
    return RowPayload(RowFormat(columns, payload, **rows), form["rate"], form["max_rows"])
