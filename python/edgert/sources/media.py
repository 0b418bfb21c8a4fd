"""PyAV, and what it says when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..errors import InvalidError, NotFoundError, UnavailableError, make, missing_package

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
def explained(where: str, what: str, hint: str) -> Iterator[None]:
    """FFmpeg's errors as edgert's, with the place and what to do."""
    av = import_av(where)
    try:
        yield
    except FileNotFoundError as error:
        raise make(NotFoundError, where, "is not there", hint) from error
    except (av.error.InvalidDataError, av.error.PatchWelcomeError, UnicodeError) as error:
        raise make(InvalidError, where, f"{what}: {reason(error)}", hint) from error
    except (av.error.FFmpegError, OSError) as error:
        raise make(UnavailableError, where, f"{what}: {reason(error)}", hint) from error


def reason(error: BaseException) -> str:
    """FFmpeg's words alone, without number and file name."""
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def first_stream(container: Any, kind: str, where: str, hint: str) -> Any:
    """The first "video" or "audio" stream. Raises InvalidError when there is none."""
    streams = getattr(container.streams, kind)
    if not streams or streams[0].codec_context.name in NOT_VIDEO:
        raise make(InvalidError, where, f"has no {kind} in it", hint)
    return streams[0]
