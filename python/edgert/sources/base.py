"""What a source is, and the two things that it gives: pictures, and samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

from ..errors import NotFoundError, make

Format = dict[str, Any]  # as PlanBuilder.sensor() takes it
ZOO = "zoo:"


@dataclass(slots=True)
class Picture:
    """One image. `planes` are objects with the buffer protocol, `strides` the bytes from a row to the next.

    `media_time` is in seconds of the stream; `gap` says that what came before does not continue here.
    """

    planes: Sequence[Any]
    strides: Sequence[int]
    width: int
    height: int
    pixel: str
    range: str = "video"
    matrix: str = "bt601"
    siting: str = "left"
    media_time: float = -1.0
    decode_ms: float = 0.0
    gap: bool = False

    def push(self, port: Any, timeout: float | None) -> bool:
        """Hands it to a native SensorPort, without a copy. False: the inbox dropped it (and counted)."""
        return bool(
            port.push_image(
                list(self.planes), list(self.strides), self.width, self.height, self.pixel,
                range=self.range, matrix=self.matrix, siting=self.siting, media_time=self.media_time,
                decode_ms=self.decode_ms, gap=self.gap, timeout=timeout,
            )
        )  # fmt: skip


@dataclass(slots=True)
class Samples:
    """A chunk of sound [n, channels] (float32 or int16), or rows of a table [n, columns] (float32).

    `media_time` is that of the first sample, in seconds.
    """

    array: npt.NDArray[Any]
    media_time: float = -1.0
    decode_ms: float = 0.0
    gap: bool = False
    last: bool = False
    """Nothing of this stream follows: what transforms held back comes out."""

    def push(self, port: Any, timeout: float | None) -> bool:
        """Hands it to a native SensorPort, without a copy. False: the inbox dropped it (and counted)."""
        return bool(
            port.push_samples(
                self.array,
                media_time=self.media_time,
                decode_ms=self.decode_ms,
                gap=self.gap,
                timeout=timeout,
                last=self.last,
            )
        )


Item = Picture | Samples


class Source(Protocol):
    """Reads one sensor. One thread uses it: probe() at planning, then frames() once, then close()."""

    realtime: bool  # replayed at its own rate: whoever reads it waits for each frame's media_time
    copied_bytes: int  # what this source had to convert or copy before a frame could enter

    def probe(self) -> Format:
        """The format of its frames. Raises Error when there is nothing to read."""

    def frames(self) -> Iterator[Item]:
        """Its frames, until it ends. Raises Error when reading fails; what was given before stays good."""

    def close(self) -> None:
        """Gives back what it holds."""


def find_file(path: str | Path, base_dir: Path) -> Path:
    """The file that a document means: `zoo:NAME`, absolute, or relative to the document. Raises
    NotFoundError."""
    text = str(path)
    if text.startswith(ZOO):
        from .. import zoo

        return zoo.resolve(text)
    found = base_dir / Path(text).expanduser()
    if not found.exists():
        raise make(NotFoundError, text, f"no such file ({found})", "give a path relative to the document")
    return found
