"""Frames of one process in another: lent from shared memory, never copied by who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._native import LeasedFrame


@dataclass(frozen=True)
class Share:
    """Where and how a runtime lends its sensors' frames.

    `path` is of a local socket that only this user may open. `frames` are lent at once at most, over all
    clients, and `most_held` to one of them. `largest` is the largest frame in bytes; by default what the
    sensors announce. The memory taken is at most `frames` times `largest`, and only when it is used.
    """

    path: str | Path
    frames: int = 16
    largest: int = 0
    most_held: int = 16


MOST_FRAMES = 4096


def options(share: str | Path | Share | None) -> dict[str, Any] | None:
    """What the core takes. Raises InvalidError for a number that can't be."""
    from .errors import InvalidError, make

    if share is None:
        return None
    if not isinstance(share, Share):
        share = Share(share)
    for name, least, most in (
        ("frames", 1, MOST_FRAMES),
        ("most_held", 1, MOST_FRAMES),
        ("largest", 0, 2**60),
    ):
        value = getattr(share, name)
        if not least <= value <= most:
            raise make(InvalidError, "share", f"{name} is {value}", f"give {least} to {most}")
    return {
        "path": str(share.path),
        "slots": share.frames,
        "slot_bytes": share.largest,
        "most_held": share.most_held,
    }


class SharedSensor:
    """One sensor of another process's runtime: iterate over it for its frames.

    Each is a LeasedFrame: `planes` or `samples` (read-only arrays of that process's memory), `width`,
    `height`, `pixel`, `sequence`, `media_time`, `capture_ns`, and `refused` (frames since the last one that
    this client could not get, because it held all it may, or memory was short). Its memory goes back when the
    frame and its arrays are gone.
    """

    def __init__(self, native: Any, timeout: float | None) -> None:
        self._native = native
        self._timeout = timeout

    def next(self, timeout: float | None = None) -> LeasedFrame:
        """The next frame. Raises DeadlineError after `timeout` seconds, CancelledError when the sensor ended,
        UnavailableError when the other process went away."""
        frame: LeasedFrame = self._native.next(timeout)
        return frame

    def __iter__(self) -> Iterator[LeasedFrame]:
        """Frames until the sensor ends."""
        from .errors import CancelledError

        while True:
            try:
                yield self.next(self._timeout)
            except CancelledError:
                return


def attach(
    path: str | Path,
    sensor: str,
    *,
    held: int | None = None,
    rate: float | None = None,
    timeout: float | None = None,
) -> SharedSensor:
    """Connects to a sensor of a runtime that shares its frames at `path`.

        for frame in edgert.attach("/run/user/1000/edgert.sock", "camera"):
            print(frame.sequence, frame.planes[0].mean())

    `held` frames may be kept at once (more are refused, never waited for); left out, 4, or what the runtime
    lends to one client if that is less. `rate` is in frames a second at most; `timeout` in seconds bounds the
    wait for each frame. Raises UnavailableError when nobody shares there, NotFoundError for an unknown
    sensor, InvalidError for more frames than the runtime lends to one client.
    """
    from . import _native
    from .errors import InvalidError, make

    if held is not None and held < 1:
        hint = "hold at least 1, or leave it out"
        raise make(InvalidError, f"shared sensor {sensor!r}", f"it would hold {held} frames", hint)
    interval = 0.0 if rate is None else 1.0 / rate if rate > 0 else -1.0
    return SharedSensor(_native.ShareClient(str(path), sensor, held or 0, interval), timeout)
