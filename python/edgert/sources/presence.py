"""Whether the devices and hosts that documents name are there now. They may come and go while others run, so
planning doesn't need them; `edgert check` says what is absent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import Error, UnavailableError, make
from . import devices
from .reach import reach, reach_address

LONGEST = 8.0  # s for all of them together; what hangs (a name server, a driver) is left behind


def absent(sources: Sequence[Any], longest: float = LONGEST) -> list[Error | None]:
    """Of each Sensor document's `source` (or MQTT sink): why what it names isn't there; None when it is, or
    when it names none. An InvalidError says that it never will be: a GStreamer pipeline that is none.

    All are looked at at the same time: hosts for at most 3 s each, everything for at most `longest`.
    """
    looks = [_Look(source) for source in sources]
    until = time.monotonic() + longest
    for look in looks:
        look.join(max(0.0, until - time.monotonic()))
    return [look.late(longest) if look.is_alive() else look.error for look in looks]


class _Look(threading.Thread):
    """Looks at one."""

    def __init__(self, source: Any) -> None:
        super().__init__(name="edgert-look", daemon=True)
        self.source = source
        self.error: Error | None = None
        self.start()

    def run(self) -> None:
        look = LOOKS.get(self.source.type)
        try:
            if look is not None:
                look(self.source)
        except Error as error:
            self.error = error

    def late(self, longest: float) -> Error:
        hint = "see whether another program has it, and that its driver or name server answers"
        return make(UnavailableError, self.source.type, f"did not answer within {longest:g} s", hint)


LOOKS: dict[str, Callable[[Any], None]] = {
    "camera": lambda source: devices.camera(source.device),
    "microphone": lambda source: devices.microphone(source.device),
    "serial": lambda source: devices.serial_port(source.device),
    "gstreamer": lambda source: devices.pipeline(source.pipeline),
    "rtsp": lambda source: reach_address("camera", source.url),
    "mjpeg": lambda source: reach_address("camera", source.url),
    "mqtt": lambda source: reach_address("broker", source.broker),
    "tcp": lambda source: reach("device", source.host, source.port),
}
"""By the source's type; those that aren't here name no device, or are files, which planning opens."""
