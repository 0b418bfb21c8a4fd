"""Sources in C++: GStreamer pipelines, and shared libraries of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import Error, InvalidError, NotFoundError, make
from ..hiding import hidden, secrets_in
from .base import Format, NativeItem, find_file

ANY_PICTURE: Format = {
    "kind": "image", "pixel": "yuv420p", "width": 0, "height": 0,
    "range": "video", "matrix": "bt601", "siting": "left",
}  # fmt: skip


class Native:
    """A source in C++, by its type in csrc/edgert/source/registry.h and its parameters."""

    ends = True  # it tells a loss by an error

    def __init__(self, kind: str, params: Mapping[str, Any], form: Mapping[str, Any]) -> None:
        self._kind, self._params, self._format = kind, dict(params), dict(form)
        self._native: Any = None
        self._stopped = False
        self.realtime = False  # the source itself sets the rate

    @property
    def copied_bytes(self) -> int:
        """What had to be copied before a frame could enter."""
        return 0 if self._native is None else int(self._native.bytes_copied)

    @property
    def lost(self) -> int:
        """Frames that were left out because readers hold too many."""
        return 0 if self._native is None else int(self._native.held_back)

    def probe(self) -> Format:
        """What the document says; nothing is opened, and the sensor may come later."""
        return dict(self._format)

    def frames(self) -> Iterator[NativeItem]:
        """Its frames, as they come. Raises what the source says, as an Error."""
        from .. import _native

        secrets = secrets_in(str(self._params.get("pipeline", "")))
        try:
            self._native = _native.Source(self._kind, self._params)
            self._native.open()
            while not self._stopped and (frame := self._native.next()) is not None:
                yield NativeItem(frame)
        except Error as error:  # in GStreamer's words, which may quote the pipeline
            told = make(type(error), error.where, hidden(error.what, secrets), error.hint)
            # What the document says is no pipeline, or no library of sources; or an element isn't installed.
            told.for_good = isinstance(error, (InvalidError, NotFoundError))  # type: ignore[attr-defined]
            raise told from None

    def interrupt(self) -> None:
        """Ends frames(); from any thread."""
        self._stopped = True
        if self._native is not None:
            self._native.interrupt()

    def close(self) -> None:
        """Ends it; frames that readers hold stay good."""
        self._native = None


class Gstreamer(Native):
    """A GStreamer pipeline. Its end is led into an appsink; its memory is the frames', without a copy."""

    def __init__(
        self,
        pipeline: str,
        base_dir: Path,
        format: Mapping[str, Any] | None = None,
        timeout: float = 10.0,
        speed: str = "original",
        wait: int = 2,
        budget: int = 32,
    ) -> None:
        params = {
            "pipeline": pipeline, "timeout": float(timeout), "paced": speed == "original", "wait": wait,
            "budget": budget,
        }  # fmt: skip
        super().__init__("gstreamer", params, format or ANY_PICTURE)


class Library(Native):
    """A source that a shared library of one's own makes (csrc/edgert/source/source.h)."""

    def __init__(
        self,
        library: str,
        base_dir: Path,
        format: Mapping[str, Any],
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self._file, self._base = library, base_dir
        super().__init__("library", params or {}, format)

    def probe(self) -> Format:
        """What the document says. Raises NotFoundError without the library; it isn't opened."""
        find_file(self._file, self._base)
        return super().probe()

    def frames(self) -> Iterator[NativeItem]:
        """Its frames. Raises NotFoundError without the library, and what the source says."""
        self._params["library"] = str(find_file(self._file, self._base).resolve())
        return super().frames()
