"""Whether cameras, microphones, serial ports and GStreamer pipelines of this machine are there and may be
used. Nothing is read from them."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from importlib import import_module
from pathlib import Path

from ..errors import InvalidError, NotFoundError, UnavailableError, make, missing_package
from ..hiding import hidden, secrets_in
from .microphone import import_sounddevice

# linux/videodev2.h: VIDIOC_QUERYCAP fills v4l2_capability, with capabilities and device_caps at 84
QUERYCAP, CAPABILITY_BYTES, CAPABILITIES_AT = 0x80685600, 104, 84
CAPTURES = 0x1 | 0x1000  # V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE
DEVICE_CAPS = 0x80000000


def camera(device: str) -> None:
    """Raises NotFoundError or UnavailableError when it is no V4L2 camera that this user may open."""
    where = f"camera {device}"
    there = ", ".join(sorted(str(node) for node in Path("/dev").glob("video*")))
    hint = f"there are {there}" if there else "there is no /dev/video* at all: plug a camera in"
    _node(where, device, hint, "name one of /dev/video*", "video")
    try:
        answer = _asked(device)
    except OSError as error:
        if error.errno in (25, 22):  # ENOTTY, EINVAL: the device doesn't know the question
            raise make(NotFoundError, where, "is a device, but no camera", hint) from error
        raise make(UnavailableError, where, f"can't be opened: {error.strerror}", hint) from error
    every, own = struct.unpack_from("II", answer, CAPABILITIES_AT)
    if not (own if every & DEVICE_CAPS else every) & CAPTURES:
        what = "gives no pictures (a camera has nodes for other things, too)"
        raise make(
            NotFoundError, where, what, "try the next /dev/video*; `v4l2-ctl --list-devices` shows them"
        )


def _asked(device: str) -> bytes:
    node = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return fcntl.ioctl(node, QUERYCAP, bytes(CAPABILITY_BYTES))
    finally:
        os.close(node)


def microphone(device: str | None) -> None:
    """Raises NotFoundError when PortAudio knows no such one, UnavailableError without PortAudio."""
    where = "microphone" if device is None else f"microphone {device}"
    sounddevice = import_sounddevice(where)
    try:
        sounddevice.query_devices(device, "input")
    except (sounddevice.PortAudioError, ValueError) as error:
        names = [one["name"] for one in sounddevice.query_devices() if one["max_input_channels"] > 0]
        hint = f"there are {', '.join(names)}" if names else "this machine has no microphone: plug one in"
        what = "there is no such device" if device else "the system has no default one"
        raise make(NotFoundError, where, what, hint) from error


def serial_port(device: str) -> None:
    """Raises NotFoundError or UnavailableError when it is no serial port that this user may open."""
    where = f"serial {device}"
    try:
        import_module("serial")
        ports = import_module("serial.tools.list_ports")
    except ImportError as error:
        raise missing_package(where, "pyserial", "serial") from error
    there = ", ".join(sorted(port.device for port in ports.comports()))
    hint = f"there are {there}" if there else "this machine has no serial port: plug the device in"
    _node(where, device, hint, "name a serial port, as /dev/ttyUSB0 or one of /dev/serial/by-id", "dialout")


def _node(where: str, device: str, absent: str, other: str, group: str) -> None:
    """Raises when it isn't a device node that this user may open. `absent` and `other` say what to do."""
    path = Path(device)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise make(NotFoundError, where, "there is no such device", absent) from error
    if not stat.S_ISCHR(mode):
        raise make(NotFoundError, where, "is no device", other)
    if not os.access(path, os.R_OK | os.W_OK):
        hint = f"add this user to the group of {path} ({group}, on most systems)"
        raise make(UnavailableError, where, "this user may not open it", hint)


def pipeline(text: str) -> None:
    """Makes a GStreamer pipeline and opens its devices, without starting it. Raises InvalidError when it is
    none, NotFoundError when an element is missing (with its package, where known), UnavailableError."""
    from .. import _native

    try:
        _native.Source("gstreamer", {"pipeline": text, "look": True}).open()
    except (InvalidError, NotFoundError, UnavailableError) as error:
        secrets = secrets_in(text)
        raise make(type(error), error.where, hidden(error.what, secrets), error.hint) from None
