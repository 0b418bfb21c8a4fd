"""JPEG by libjpeg-turbo, where it is installed: planes as they are in the file, in the core's own buffers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .. import _native
from ..errors import UnavailableError
from .base import Picture


class Jpeg:
    """A decoder for one thread. `available` is False without the library; then PyAV decodes."""

    def __init__(self) -> None:
        self._decoder: _native.JpegDecoder | None = None
        with suppress(UnavailableError):
            self._decoder = _native.JpegDecoder()

    @property
    def available(self) -> bool:
        return self._decoder is not None

    def decode(self, data: Any) -> Picture | None:
        """A picture; None for a kind that only PyAV reads. Raises InvalidError for a damaged one."""
        if self._decoder is None:
            return None
        try:
            found = self._decoder.decode(data)
        except UnavailableError:
            return None
        return Picture(
            found["planes"], found["strides"], found["width"], found["height"], found["pixel"],
            range="full", matrix="bt601", siting="centre",
        )  # fmt: skip
