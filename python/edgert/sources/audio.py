"""Sound files: by libsndfile (soundfile), else by FFmpeg."""

from __future__ import annotations

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
HINT = "give a WAV, FLAC, OGG or MP3 file, or anything with sound that FFmpeg can decode"


class Reader(Protocol):
    """An opened sound file."""

    rate: int
    channels: int

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
            if done == began_at:
                raise make(InvalidError, str(self._path), "has no sound in it", HINT)
            if not self._loop:
                return

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
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels

    def chunks(self, size: int) -> Iterator[Any]:
        """Chunks of `size` samples."""
        while len(chunk := self._file.read(size, dtype="float32", always_2d=True)):
            yield chunk

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class FFmpeg:
    """What FFmpeg reads: the sound of a video, AAC and so on."""

    def __init__(self, path: Path, where: str) -> None:
        self._where = where
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
