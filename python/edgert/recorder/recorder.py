"""Clips of what happened at one camera, with the time before and after it."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .clip import Clip, Template
from .ring import Coded, Ring
from .store import Store

WAITING = 2048  # packets and events that wait for the writer's thread
CHECK = 4 << 20  # bytes written between two looks at the disk
TIDY = 5.0  # s between two looks for files that became too old


@dataclass(frozen=True)
class Settings:
    """`before` and `after` an event in seconds; a clip ends at the first key frame after `longest` s; the
    ring has at most `memory` bytes."""

    before: float = 5.0
    after: float = 5.0
    longest: float = 300.0
    memory: int = 64 << 20
    clips: bool = True  # False: snapshots alone


@dataclass
class Figures:
    """What happened so far. `lost` counts packets by reason: "writer behind", "disk full", "can't be
    written"."""

    events: int = 0
    clips: int = 0
    clip_bytes: int = 0
    snapshots: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    last_error: str = ""


@dataclass(frozen=True)
class _Event:
    arrival: int
    snapshot: Callable[[Path], None] | None


_NOTHING = object()  # nothing came for a while


@dataclass(frozen=True)
class _Begin:
    template: Template  # what the packets that follow are of


class Recorder:
    """Takes a camera's packets and a pipeline's events, and writes clips on a thread of its own.

    packet(), begin() and event() never wait: a disk that is slow costs the clip, never the camera. Errors are
    counted in `figures`, and the recorder goes on with the next event.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.figures = Figures()
        self.written: deque[Path] = deque(maxlen=1000)  # the last files
        self._ring = Ring(settings.before, settings.memory)
        self._template: Template | None = None
        self._clip: Clip | None = None
        self._until = self._limit = self._lag = 0.0  # s of the stream
        self._last: int | None = None  # arrival of the last event
        self._unchecked = 0
        self._inbox: queue.Queue[Coded | _Event | _Begin | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._work, name="edgert-recorder", daemon=True)
        self._thread.start()

    # -- from the source and from results

    def begin(self, stream: Any) -> None:
        """The packets that follow are of this stream (av.Stream, still open); what was before doesn't
        continue."""
        if not self.settings.clips:
            return
        try:
            self._put(_Begin(Template(stream)))
        except Exception as error:  # a codec that MP4 has no place for; the camera goes on
            self._note("can't be recorded", error)

    def packet(self, packet: Any) -> None:
        """The next packet of the stream."""
        if not self.settings.clips:
            return
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.size == 0:
            return
        seconds = float(stamp * packet.time_base)
        self._put(Coded(packet, seconds, time.monotonic_ns(), bool(packet.is_keyframe), packet.size))

    def event(self, capture_ns: int, snapshot: Callable[[Path], None] | None = None) -> None:
        """Something happened in the frame captured then (monotonic clock); `snapshot` draws it to a file."""
        self._put(_Event(capture_ns, snapshot))

    def close(self) -> None:
        """Finishes what is being written."""
        if self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join()

    def _put(self, item: Coded | _Event | _Begin) -> None:
        try:
            self._inbox.put_nowait(item)
        except queue.Full:
            self._lose("writer behind")

    # -- the writer's thread

    def _work(self) -> None:
        tidied = -TIDY
        while (item := self._next()) is not None:
            try:
                if time.monotonic() - tidied >= TIDY:  # files get old where nothing happens, too
                    self.store.tidy()
                    tidied = time.monotonic()
                if item is not _NOTHING:
                    self._take(item)
            except Exception as error:  # the disk, or the muxer: this clip ends, not the recorder
                self._fail(error)
        self._end_clip()

    def _next(self) -> Any:
        try:
            return self._inbox.get(timeout=TIDY)
        except queue.Empty:
            return _NOTHING

    def _take(self, item: Coded | _Event | _Begin) -> None:
        if isinstance(item, Coded):
            self._add(item)
        elif isinstance(item, _Event):
            self._happened(item)
        else:
            self._end_clip()
            self._ring.clear()
            self._template = item.template

    def _add(self, coded: Coded) -> None:
        self._ring.add(coded)
        if self._clip is None:
            return
        # An answer comes when the stream is already further: the next one may still belong to this clip.
        if coded.time > self._until + self._lag:
            self._end_clip()
            return
        # Pictures between two key frames can't be shown without the first, so that only there a clip can
        # be followed by another that holds none of them twice.
        if coded.key and coded.time > self._limit:
            self._follow()
        self._write(coded)

    def _happened(self, event: _Event) -> None:
        self.figures.events += 1
        first = self._last is None or event.arrival - self._last > self.settings.after * 1e9
        self._last = event.arrival
        if event.snapshot is not None and first:
            self._draw(event.snapshot)
        at = self._ring.time_at(event.arrival)
        if at is None or self._template is None:
            return
        if self._clip is None:
            self._start(at, self._template)
        self._lag = max(0.0, self._ring.newest - at)
        if self._clip is not None and self._clip.began is not None:
            self._until = at + self.settings.after
            self._limit = self._clip.began + self.settings.longest

    def _draw(self, snapshot: Callable[[Path], None]) -> None:
        """A snapshot that can't be drawn or written costs no clip, and leaves no half of it."""
        if not self.store.room():
            self._lose("disk full")
            return
        path = None
        try:
            path = self.store.new(".jpg")
            snapshot(path)
        except Exception as error:
            if path is not None:
                path.unlink(missing_ok=True)
            self._note("can't be written", error)
            return
        self.written.append(path)
        self.figures.snapshots += 1

    def _start(self, at: float, template: Template) -> None:
        if self._open(template, self._ring.bytes):
            for coded in self._ring.since(at - self.settings.before):
                self._write(coded)

    def _follow(self) -> None:
        """What happens goes on for longer than a clip may: another one begins where this one ends."""
        self._end_clip()
        if self._template is not None and self._open(self._template, 0):
            self._limit += self.settings.longest

    def _open(self, template: Template, needed: int) -> bool:
        if not self.store.room(needed):
            self._lose("disk full")
            return False
        for path in self.store.names(template.ending):
            with suppress(FileExistsError):  # another recorder of this sensor came first
                self._clip = Clip(path, template)
                break
        self._unchecked = 0
        return True

    def _write(self, coded: Coded) -> None:
        if self._clip is None:
            return
        self._clip.write(coded)
        self._unchecked += coded.bytes
        if self._unchecked >= CHECK:
            self._unchecked = 0
            if not self.store.room():
                self._lose("disk full")
                self._end_clip()

    def _end_clip(self) -> None:
        clip, self._clip = self._clip, None
        if clip is None:
            return
        try:
            size = clip.bytes
            self.written.append(clip.finish())
            self.figures.clips += 1
            self.figures.clip_bytes += size
        except Exception as error:
            self._clip = clip
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        clip, self._clip = self._clip, None
        if clip is not None and clip.salvage():
            self.written.append(clip.path)
            self.figures.clips += 1
            self.figures.clip_bytes += clip.bytes
        self._note("can't be written", error)

    def _note(self, reason: str, error: Exception) -> None:
        self._lose(reason)
        self.figures.last_error = f"{self.store.folder}: {error}"

    def _lose(self, reason: str) -> None:
        self.figures.lost[reason] = self.figures.lost.get(reason, 0) + 1
