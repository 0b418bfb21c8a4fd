"""PyAV, and what it says when something is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..errors import InvalidError, NotFoundError, UnavailableError, make, missing_package

SILENT = 0.95  # of the longest wait: clocks of two kinds differ a little
# FFmpeg reads nearly anything as one of these; for a sensor such a file is garbage
NOT_VIDEO = {"ansi", "bintext", "xbin", "idf"}


def import_av(where: str) -> ModuleType:
    """The package av. Raises UnavailableError that names the extra."""
    try:
        import av
    except ImportError as error:
        raise missing_package(where, "av", "media") from error
    av.logging.set_level(None)
    return av


@contextmanager
def explained(where: str, what: str, hint: str, timeout: float | None = None) -> Iterator[None]:
    """FFmpeg's errors as edgert's, with the place and what to do. What took as long as `timeout` (s), which
    PyAV keeps, was silent; FFmpeg then says that it was to exit, that it is not permitted, or the like."""
    av = import_av(where)
    began = time.monotonic()
    try:
        yield
    except (av.error.FFmpegError, OSError, UnicodeError) as error:
        if timeout is not None and time.monotonic() - began >= SILENT * timeout:
            raise make(UnavailableError, where, f"{what}: nothing came for {timeout:g} s", hint) from error
        if isinstance(error, FileNotFoundError):
            raise make(NotFoundError, where, "is not there", hint) from error
        invalid = (av.error.InvalidDataError, av.error.PatchWelcomeError, UnicodeError)
        kind = InvalidError if isinstance(error, invalid) else UnavailableError
        raise make(kind, where, f"{what}: {reason(error)}", hint) from error


def reason(error: BaseException) -> str:
    """FFmpeg's words alone, without number and file name."""
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def first_stream(container: Any, kind: str, where: str, hint: str) -> Any:
    """The first "video" or "audio" stream. Raises InvalidError when there is none."""
    streams = getattr(container.streams, kind)
    if not streams or streams[0].codec_context.name in NOT_VIDEO:
        raise make(InvalidError, where, f"has no {kind} in it", hint)
    return streams[0]
