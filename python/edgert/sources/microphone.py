"""Microphones, by PortAudio."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import UnavailableError, make, missing_package
from .audio import CHUNK
from .base import Format, Samples

WAITING = 64  # chunks between PortAudio's thread and the reader; beyond, the oldest is lost and a gap marked
TIMEOUT = 5.0  # s without a sample, and the microphone is gone


class Microphone:
    """A microphone: `device` is its name, a part of it, or its number; none means the system's default."""

    def __init__(
        self,
        base_dir: Path,
        device: str | int | None = None,
        rate: float = 16000,
        channels: int = 1,
        chunk: float = CHUNK,
    ) -> None:
        self._device, self._rate, self._channels = device, round(rate), channels
        self._size = max(1, round(rate * chunk))
        self._chunks: queue.Queue[Any] = queue.Queue(WAITING)
        self._lost = False
        self._stream: Any = None
        self.realtime = False  # the microphone itself sets the rate
        self.copied_bytes = 0
        self._where = "microphone" if device is None else f"microphone {device}"

    def probe(self) -> Format:
        """What the document asks for; the microphone isn't opened, and may come later."""
        return {
            "kind": "audio", "rate": self._rate, "channels": self._channels, "dtype": "float32",
            "max_chunk": self._size,
        }  # fmt: skip

    def frames(self) -> Iterator[Samples]:
        """Chunks, as they come. Raises UnavailableError when there is no such microphone, or it falls
        silent."""
        self._open()
        done = 0
        while True:
            try:
                chunk = self._chunks.get(timeout=TIMEOUT)
            except queue.Empty:
                what = f"gave nothing for {TIMEOUT:.0f} s"
                raise make(UnavailableError, self._where, what, "see that it is plugged in") from None
            gap, self._lost = self._lost, False
            yield Samples(chunk, done / self._rate, 0.0, gap)
            done += len(chunk)

    def _open(self) -> None:
        sounddevice = import_sounddevice(self._where)
        hint = "see `python -m sounddevice` for the names of those that are there"
        try:
            self._stream = sounddevice.InputStream(
                samplerate=self._rate, blocksize=self._size, device=self._device, channels=self._channels,
                dtype="float32", callback=self._take,
            )  # fmt: skip
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise make(UnavailableError, self._where, f"can't be opened: {error}", hint) from error

    def _take(self, samples: Any, frames: int, time: Any, status: Any) -> None:
        # PortAudio's memory is only lent for the length of this call: the one copy of this source
        chunk = samples.copy()
        self.copied_bytes += chunk.nbytes
        if self._chunks.full():
            self._chunks.get_nowait()
            self._lost = True
        self._chunks.put_nowait(chunk)

    def close(self) -> None:
        """Closes the microphone."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def import_sounddevice(where: str) -> ModuleType:
    """The package. Raises UnavailableError, with what to install."""
    try:
        return import_module("sounddevice")
    except ImportError as error:
        raise missing_package(where, "sounddevice", "microphone") from error
    except OSError as error:  # the package is there, the system's PortAudio isn't
        hint = "install it: apt-get install libportaudio2"
        missing = make(UnavailableError, where, f"needs PortAudio ({error})", hint)
        missing.for_good = True  # type: ignore[attr-defined]
        raise missing from error
