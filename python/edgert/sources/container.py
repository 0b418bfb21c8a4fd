"""Decoding the video of anything that FFmpeg opens: files, V4L2 devices, RTSP streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import InvalidError, make
from .base import Format, Picture
from .media import explained, first_stream, import_av
from .pacing import Timeline
from .pixels import colour, native_pixel, siting, to_picture
from .sparing import Sparing, make_sparing
from .turbojpeg import Jpeg

DECODER_THREADS = 2  # the models want the cores
BROKEN_PACKETS = 50  # in a row, and the stream is given up
PLAUSIBLE = 5.0  # s: an older stamp is not of this machine's clock
CUT_OFF = 0.95  # a file that gives less of its announced length is reported


class Tap(Protocol):
    """Gets a stream's packets as they are, on the thread that reads; it must neither block nor raise."""

    def begin(self, stream: Any) -> None:
        """The packets that follow are of this stream, which stays open as long as they come."""

    def packet(self, packet: Any) -> None:
        """The next one."""


class Container:
    """One opened container and its first video stream. One thread uses it.

    `where` and `hint` are for the messages. `copied_bytes` and `broken` (packets that didn't decode) count
    up.
    """

    def __init__(self, url: str, where: str, hint: str, **options: Any) -> None:
        self._where, self._hint = where, hint
        self._timeout: float | None = options.get("timeout")  # of opening, and of each packet
        self.copied_bytes = self.broken = 0
        self.monotonic = False  # its stamps are of this machine's monotonic clock
        self._sparing: Sparing | None = None
        self._first: Any = None  # what the first packet is known by, and that packet when it was read again
        self._again: Any = None
        self.tap: Tap | None = None
        av = import_av(where)
        self._invalid: type[Exception] = av.error.InvalidDataError
        with explained(where, "can't be opened", hint, self._timeout):
            self._container = av.open(url, **options)
        try:
            self._stream = first_stream(self._container, "video", where, hint)
        except Exception:
            self.close()
            raise
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._jpeg = Jpeg() if self._stream.codec_context.name == "mjpeg" else None
        self.rate = float(self._stream.average_rate or self._stream.guessed_rate or 25)

    def format(self) -> Format:
        """What its frames look like, by what the stream says of itself."""
        context = self._stream.codec_context
        name = context.pix_fmt or "yuv420p"
        range_, matrix = colour(
            name, context.height, int(context.color_range or 0), int(context.colorspace or 0)
        )
        pixel = native_pixel(name, name.startswith(("rgb", "bgr", "gbr", "pal", "argb", "abgr")))
        return {
            "kind": "image", "pixel": pixel, "width": context.width, "height": context.height,
            "range": range_, "matrix": matrix, "siting": siting(name),
        }  # fmt: skip

    def want(self, rate: float | None) -> None:
        """Nobody needs more than `rate` frames a second: others aren't decoded, where that is possible."""
        if rate is not None:
            self._sparing = make_sparing(self._stream, self.rate, rate)

    def rewind(self) -> bool:
        """Goes back to the first frame, as newly opened, in a hundredth of the time that opening it and its
        decoder take. False: this one can't, or doesn't find its first packet again."""
        if self._first is None or self._jpeg is not None:
            return False
        with suppress(import_av(self._where).error.FFmpegError, OSError):
            self._container.seek(self._container.start_time or 0)
            self._again = next(self._container.demux(self._stream), None)
            return self._again is not None and _mark(self._again) == self._first
        return False

    @property
    def decode_skipped(self) -> int:
        """Frames that were not decoded because nobody wants so many."""
        return self._sparing.skipped if self._sparing is not None else 0

    @property
    def announced(self) -> float | None:
        """The length in seconds that the file says it has, when it says one."""
        if self._stream.frames:
            return float(self._stream.frames / self.rate)
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        alone = len(self._container.streams) == 1  # else another stream may be the longer one
        return self._container.duration / 1e6 if alone and self._container.duration else None

    def pictures(self) -> Iterator[Picture]:
        """Its frames in order. media_time is the stream's, from 0; decode_ms the time that each one took.

        Where the stream's time goes back (parts put one after the other), media_time goes on, with `gap`.
        """
        decoded = self._decode_pictures()
        timeline = Timeline(1.0 / self.rate)
        count = 0
        while True:
            began = time.perf_counter_ns()
            with explained(self._where, f"can't be read on after {count} frames", self._hint, self._timeout):
                frame = next(decoded, None)
            if frame is None:
                break
            picture, time_ = frame
            stamp = count / self.rate if time_ is None else time_
            picture.media_time, picture.gap = timeline.at(stamp)
            if self.monotonic and 0 <= (now := time.monotonic()) - stamp < PLAUSIBLE:
                picture.capture = min(stamp, now)
            picture.decode_ms = (time.perf_counter_ns() - began) / 1e6
            count += 1
            yield picture
        if count == 0:
            raise make(InvalidError, self._where, "no frame of it can be decoded", self._hint)

    def _decode_pictures(self) -> Iterator[tuple[Picture, float | None]]:
        """Pictures and their times in the stream."""
        if self._jpeg is not None and self._jpeg.available:
            yield from self._decode_jpeg(self._jpeg)
            return
        for frame in self._decode():
            picture, copied = to_picture(frame)
            self.copied_bytes += copied
            yield picture, None if frame.time is None else float(frame.time)

    def _decode_jpeg(self, jpeg: Jpeg) -> Iterator[tuple[Picture, float | None]]:
        """As `_decode`, by libjpeg-turbo; PyAV takes what that can't read."""
        in_a_row = 0
        for packet in self._packets():
            if packet.size == 0:
                continue
            try:
                picture = jpeg.decode(packet)
                if picture is None:
                    (picture, copied) = to_picture(packet.decode()[0])
                    self.copied_bytes += copied
                in_a_row = 0
            except (InvalidError, self._invalid, IndexError):
                self.broken += 1
                in_a_row += 1
                if in_a_row > BROKEN_PACKETS:
                    raise
                continue
            yield picture, None if packet.pts is None else float(packet.pts * packet.time_base)

    def _packets(self) -> Iterator[Any]:
        """The packets that are to be decoded; the tap gets all."""
        if self.tap is not None:
            self.tap.begin(self._stream)
        for packet in self._demuxed():
            if self.tap is not None:
                self.tap.packet(packet)
            if self._sparing is None or self._sparing.wanted(packet):
                yield packet

    def _demuxed(self) -> Iterator[Any]:
        if self._again is not None:
            again, self._again = self._again, None
            yield again
        for packet in self._container.demux(self._stream):
            self._first = self._first or _mark(packet)
            yield packet

    def _decode(self) -> Iterator[Any]:
        """Frames; a packet that doesn't decode is left out, too many in a row end the stream."""
        in_a_row = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
                in_a_row = 0
            except self._invalid:
                self.broken += 1
                in_a_row += 1
                if in_a_row > BROKEN_PACKETS:
                    raise
                continue
            if self._sparing is not None:
                self._sparing.came(frames)
            yield from frames

    def first_rgb(self) -> npt.NDArray[np.uint8]:
        """Its first frame as RGB: uint8 [height, width, 3]."""
        with explained(self._where, "can't be decoded", self._hint):
            frame = next(self._decode())
        pixels: npt.NDArray[np.uint8] = frame.to_ndarray(format="rgb24")
        return pixels

    def close(self) -> None:
        """Closes it; a second time does nothing."""
        self._container.close()


def _mark(packet: Any) -> tuple[Any, ...]:
    """What tells a packet of one file from the others."""
    return packet.pts, packet.dts, packet.pos, packet.size
