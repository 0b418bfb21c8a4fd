"""An annotated video of one camera."""

from __future__ import annotations

import queue
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import InvalidError, make
from ..results import Result
from ..sources.media import explained, import_av
from .canvas import Pixels, import_pillow
from .composer import Composed, Composer

KINDS = {".mp4": "mp4", ".mkv": "matroska", ".mov": "mov"}
CODECS = ("libx264", "libopenh264", "mpeg4")
OPTIONS = {"libx264": {"preset": "veryfast", "crf": "25"}}
TICKS = 1000  # of the video's clock, a second
AHEAD = 8  # frames that wait for the encoder; then results wait


def check_video(path: Path) -> None:
    """Raises InvalidError when no kind of video is called so, UnavailableError without pillow or av."""
    import_pillow(str(path))
    import_av(str(path))
    if path.suffix.lower() not in KINDS:
        what = f"no kind of video is called {path.suffix or 'nothing'}"
        raise make(InvalidError, str(path), what, f"end its name with {', '.join(KINDS)}")


class AnnotatedVideo:
    """Writes a video of one camera with the results of all pipelines drawn on it; of other sensors, captions.

    Give it to Runtime.on_result(None, ...). A thread of its own draws and encodes. Frames keep their times,
    and the first one's size. Raises UnavailableError without av or pillow, and when the file can't be
    written.
    """

    def __init__(self, path: str | Path, sensor: str) -> None:
        self.path = Path(path)
        self.frames = 0
        check_video(self.path)
        self._av = import_av(str(path))
        self._composer = Composer(sensor)
        with explained(str(path), "can't be written", "choose another place"):
            self.path.open("wb").close()  # FFmpeg opens it only with the first frame
            self._container = self._av.open(str(path), "w", format=KINDS[self.path.suffix.lower()])
        self._stream: Any = None
        self._last = -1
        self._error: Exception | None = None
        self._ready: queue.Queue[Composed | None] = queue.Queue(AHEAD)
        self._order = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="edgert-video", daemon=True)
        self._thread.start()

    def __call__(self, result: Result) -> None:
        """Takes one result. Raises what the encoder's thread ran into."""
        if self._error is not None:
            raise self._error
        self._composer.add(result)
        with self._order:
            self._pass_on(rest=False)

    def close(self) -> None:
        """Writes what is left and closes the file. Raises what the encoder's thread ran into."""
        with self._order:
            if self._thread.is_alive():
                self._pass_on(rest=True)
                self._ready.put(None)
        self._thread.join()
        self._container.close()
        if self._error is not None:
            raise self._error

    def _pass_on(self, rest: bool) -> None:
        while self._thread.is_alive() and (composed := self._composer.take(rest)) is not None:
            self._ready.put(composed)

    def _work(self) -> None:
        try:
            while (composed := self._ready.get()) is not None:
                self._write(composed)
            for packet in self._stream.encode() if self._stream else ():
                self._container.mux(packet)
        except Exception as error:
            self._error = error
            while self._ready.get() is not None:  # nobody may wait for a thread that is gone
                pass

    def _write(self, composed: Composed) -> None:
        pixels = composed.draw().pixels()
        if self._stream is None:
            self._open(pixels)
        frame = self._av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame = frame.reformat(self._stream.width, self._stream.height, "yuv420p")
        frame.pts = self._last = max(self._last + 1, round(composed.media_time * TICKS))
        frame.time_base = Fraction(1, TICKS)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
        self.frames += 1

    def _open(self, pixels: Pixels) -> None:
        codec = next(name for name in CODECS if name in self._av.codecs_available)
        self._stream = self._container.add_stream(codec, rate=25, options=OPTIONS.get(codec, {}))
        height, width = pixels.shape[:2]
        self._stream.width, self._stream.height = width - width % 2, height - height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._stream.codec_context.thread_count = 1  # the models want the cores
