"""Sound files: by libsndfile (soundfile), else by FFmpeg."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from ..errors import InvalidError, make, missing_package
from .base import Format, Samples, find_file
from .media import explained, first_stream, import_av

CHUNK = 0.1  # s
SNDFILE = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64"}
CUT = 0.25  # s that may lack: what coders pad with is counted differently
UNKNOWN = 0x7FFF0000  # bytes from which a WAV's length is none: it was written as a stream
HINT = "give a WAV, FLAC, OGG or MP3 file, or anything with sound that FFmpeg can decode"
AGAIN = "the file is cut off or damaged: get it again"
# libsndfile's words on a chunk of samples that is longer than the file: "data : 96000 (should be 47978)"
_SHORT = re.compile(r"^\s*(?:data|SSND)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)


class Reader(Protocol):
    """An opened sound file."""

    rate: int
    channels: int
    announced: float
    """Seconds that its header promises; 0 where it says nothing."""

    def chunks(self, size: int) -> Iterator[Any]:
        """Arrays [n, channels] float32, each of its own memory; n is `size` but at the end, or what the codec
        gives."""

    def close(self) -> None: ...


class AudioFile:
    """A sound file, in chunks of `chunk` seconds at its own rate; `loop` starts it again, with media time
    going on."""

    def __init__(
        self,
        path: str,
        base_dir: Path,
        chunk: float = CHUNK,
        loop: bool = False,
        speed: str = "original",
    ) -> None:
        self._path, self._base = path, base_dir
        self._chunk, self._loop = chunk, loop
        self._reader: Reader | None = None
        self.realtime = speed == "original"
        self.copied_bytes = 0

    def probe(self) -> Format:
        """Rate and channels, as the file's header says."""
        reader = self._start()
        self.close()
        size = self._size(reader.rate)
        return {
            "kind": "audio", "rate": reader.rate, "channels": reader.channels, "dtype": "float32",
            "max_chunk": max(size, 0 if isinstance(reader, SndFile) else 8192),
        }  # fmt: skip

    def frames(self) -> Iterator[Samples]:
        """Chunks; each time round begins with `gap`."""
        done = 0
        while True:
            reader = self._start()
            began_at = done
            for samples, took, last in _ended(_timed(reader.chunks(self._size(reader.rate)))):
                yield Samples(samples, done / reader.rate, took, gap=done == began_at > 0, last=last)
                done += len(samples)
            self.close()
            self._check_length((done - began_at) / reader.rate, reader.announced)
            if not self._loop:
                return

    def _check_length(self, length: float, announced: float) -> None:
        if length == 0:
            raise make(InvalidError, str(self._path), "has no sound in it", HINT)
        if announced - length > CUT:
            what = f"ends after {length:.1f} s, but says that it has {announced:.1f} s"
            raise make(InvalidError, str(self._path), what, AGAIN)

    def _size(self, rate: int) -> int:
        return max(1, round(rate * self._chunk))

    def _start(self) -> Reader:
        path = find_file(self._path, self._base)
        kind = SndFile if path.suffix.lower() in SNDFILE else FFmpeg
        self._reader = kind(path, str(self._path))
        return self._reader

    def close(self) -> None:
        """Closes the file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _timed(chunks: Iterator[Any]) -> Iterator[tuple[Any, float]]:
    while True:
        began = time.perf_counter_ns()
        chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk, (time.perf_counter_ns() - began) / 1e6


def _ended(chunks: Iterator[tuple[Any, float]]) -> Iterator[tuple[Any, float, bool]]:
    """Each with whether it is the last one: a file is read one chunk ahead."""
    held = next(chunks, None)
    while held is not None:
        following = next(chunks, None)
        yield (*held, following is None)
        held = following


class SndFile:
    """What libsndfile reads."""

    def __init__(self, path: Path, where: str) -> None:
        try:
            soundfile: Any = import_module("soundfile")
        except (ImportError, OSError) as error:
            raise missing_package(where, "soundfile", "media") from error
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as error:
            raise make(InvalidError, where, f"can't be read as sound: {error.error_string}", HINT) from error
        self._where, self._soundfile = where, soundfile
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.announced = self._file.frames * _promised(self._file.extra_info) / self.rate

    def chunks(self, size: int) -> Iterator[Any]:
        """Chunks of `size` samples."""
        while len(chunk := self._read(size)):
            yield chunk

    def _read(self, size: int) -> Any:
        try:
            return self._file.read(size, dtype="float32", always_2d=True)
        except self._soundfile.LibsndfileError as error:
            reached = self._file.tell() / self.rate
            what = f"can't be decoded from {reached:.1f} s on: {_plain(error)}"
            raise make(InvalidError, self._where, what, AGAIN) from error

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _plain(error: Any) -> str:
    """libsndfile's words without what it puts before and behind them."""
    return str(error.error_string or error).removeprefix("Error : ").rstrip(". ")


def _promised(told: str) -> float:
    """How many times the samples that are there the header promises."""
    found = _SHORT.search(told)
    said, there = (int(number) for number in found.groups()) if found else (0, 0)
    return said / there if there < said < UNKNOWN else 1.0


class FFmpeg:
    """What FFmpeg reads: the sound of a video, AAC and so on."""

    def __init__(self, path: Path, where: str) -> None:
        self._where, self.announced = where, 0.0
        self._av = import_av(where)
        with explained(where, "can't be read as sound", HINT):
            self._container = self._av.open(str(path))
        stream = first_stream(self._container, "audio", where, HINT)
        self.rate: int = stream.rate
        self.channels: int = stream.codec_context.channels

    def chunks(self, size: int) -> Iterator[Any]:
        """The codec's frames, or `size` samples where they are longer."""
        resampler = self._av.AudioResampler(format="flt", rate=self.rate)
        with explained(self._where, "can't be decoded", HINT):
            for frame in self._container.decode(audio=0):
                for packed in resampler.resample(frame):
                    samples = packed.to_ndarray().reshape(-1, self.channels)
                    yield from (samples[at : at + size] for at in range(0, len(samples), size))

    def close(self) -> None:
        """Closes the file."""
        self._container.close()
