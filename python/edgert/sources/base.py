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
    `capture` is when it was taken, on the monotonic clock in seconds, where the device says so. `lent`
    frames count against the sensor's frame budget.
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
    capture: float | None = None
    lent: bool = False

    def copy(self) -> None:
        """Takes memory of its own, so that the driver or decoder gets its buffer back."""
        self.planes = [bytearray(memoryview(plane)) for plane in self.planes]

    def push(self, port: Any, timeout: float | None) -> bool:
        """Hands it to a native SensorPort, without a copy. False: the inbox dropped it (and counted)."""
        more: dict[str, Any] = {} if self.capture is None else {"capture": self.capture}
        if self.lent:
            more["lent"] = True
        return bool(
            port.push_image(
                list(self.planes), list(self.strides), self.width, self.height, self.pixel,
                range=self.range, matrix=self.matrix, siting=self.siting, media_time=self.media_time,
                decode_ms=self.decode_ms, gap=self.gap, timeout=timeout, **more,
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
    capture: float | None = None

    def push(self, port: Any, timeout: float | None) -> bool:
        """Hands it to a native SensorPort, without a copy. False: the inbox dropped it (and counted)."""
        more: dict[str, Any] = {} if self.capture is None else {"capture": self.capture}
        return bool(
            port.push_samples(
                self.array,
                media_time=self.media_time,
                decode_ms=self.decode_ms,
                gap=self.gap,
                timeout=timeout,
                last=self.last,
                **more,
            )
        )


class NativeItem:
    """A frame of a C++ source: its times may be set, its memory isn't touched here."""

    __slots__ = ("native",)

    def __init__(self, native: Any) -> None:
        self.native = native

    @property
    def media_time(self) -> float:
        """Seconds of the stream."""
        return float(self.native.media_time)

    @media_time.setter
    def media_time(self, value: float) -> None:
        self.native.media_time = value

    @property
    def capture(self) -> float | None:
        """When it was taken, on the monotonic clock in seconds; None: the source doesn't say."""
        capture: float | None = self.native.capture
        return capture

    @capture.setter
    def capture(self, value: float | None) -> None:
        self.native.capture = value

    @property
    def decode_ms(self) -> float:
        """What the source took for it."""
        return float(self.native.decode_ms)

    @property
    def gap(self) -> bool:
        """Whether it doesn't continue what came before."""
        return bool(self.native.gap)

    @gap.setter
    def gap(self, value: bool) -> None:
        self.native.gap = value

    def push(self, port: Any, timeout: float | None) -> bool:
        """Hands it to a native SensorPort. False: the inbox dropped it (and counted)."""
        return bool(port.push_frame(self.native, timeout=timeout))


Item = Picture | Samples | NativeItem


class Source(Protocol):
    """Reads one sensor. A source is used once: made, perhaps asked probe(), then one thread runs frames() to
    its end and calls close(). To read again, reconnect or go on after a stop, another one is made.

    What a source must do:

    - *make*: only keep its arguments. Nothing is opened, nothing blocks.
    - *open*: at the first step of frames(), on the thread that reads.
    - *read*: yield each frame as soon as it is there. When the connection is lost, raise an Error that says
      where, what and what to do: the sensor is then tried again as its document says. Returning says that a
      recording has ended (of a live sensor: that it was lost). Waits for data should be bounded; one that
      isn't is noticed by the watchdog, which leaves the thread behind and makes another source.
    - *interrupt* (only if it can; a method without arguments): called from another thread, once, to make a
      waiting read raise or return soon: shut a socket down, set an event. It may be called at any moment,
      also before frames() or after close().
    - *close*: give back all that it holds. Always called, on the thread that read, also after an error.

    Attributes it may have besides: `frame_budget`, how many of its frames may be in use at once because the
    memory is a driver's or a decoder's (left out: any number); `decode_skipped`, frames that it did not
    decode because nobody wants so many; a method want(rate), called before frames(): no pipeline needs
    more than `rate` frames a second; `tap` (container.Tap), which is set before frames() and gets the encoded
    packets; `ends`, True of a live source that tells a loss by an error, so that returning is its end; and
    `rejected` (rejected.Rejected), `lost` (messages that came faster
    than they were read) and `reconnects` (those it made itself), which metrics show.
    """

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
