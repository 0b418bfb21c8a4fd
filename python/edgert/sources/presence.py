"""Whether the devices and hosts that sensors name are there now. They may come and go while others run, so
planning doesn't need them; `edgert check` says what is absent."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import Error, NotFoundError, UnavailableError, make
from .microphone import import_sounddevice

PATIENCE = 3.0  # s for a host to answer
PORTS = {"rtsp": 554, "rtsps": 322}  # RFC 7826, section 18.1


def absent(sources: Iterable[Any]) -> list[Error | None]:
    """Of each Sensor document's `source`: why its device or host isn't there; None when it is, or needs none.

    Hosts are asked at the same time, each for at most 3 s.
    """
    with ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(_absent, sources))


def _absent(source: Any) -> Error | None:
    look = LOOKS.get(source.type)
    try:
        if look is not None:
            look(source)
    except Error as error:
        return error
    return None


def _camera(source: Any) -> None:
    path, where = Path(source.device), f"camera {source.device}"
    try:
        mode = path.stat().st_mode
    except OSError as error:
        there = ", ".join(sorted(str(node) for node in Path("/dev").glob("video*")))
        hint = f"there are {there}" if there else "there is no /dev/video* at all: plug a camera in"
        raise make(NotFoundError, where, "there is no such device", hint) from error
    if not stat.S_ISCHR(mode):
        raise make(NotFoundError, where, "is no device", "name one of /dev/video*")
    if not os.access(path, os.R_OK | os.W_OK):
        hint = f"add this user to the group of {path} (video, on most systems)"
        raise make(UnavailableError, where, "this user may not open it", hint)


def _microphone(source: Any) -> None:
    where = "microphone" if source.device is None else f"microphone {source.device}"
    sounddevice = import_sounddevice(where)
    try:
        sounddevice.query_devices(source.device, "input")
    except (sounddevice.PortAudioError, ValueError) as error:
        names = [one["name"] for one in sounddevice.query_devices() if one["max_input_channels"] > 0]
        hint = f"there are {', '.join(names)}" if names else "this machine has no microphone: plug one in"
        what = "there is no such device" if source.device else "the system has no default one"
        raise make(NotFoundError, where, what, hint) from error


def _rtsp(source: Any) -> None:
    address = urlsplit(source.url)
    where, host = f"camera {_without_password(source.url)}", address.hostname or ""
    try:
        port = address.port or PORTS[address.scheme]
        socket.create_connection((host, port), PATIENCE).close()
    except socket.gaierror as error:
        what, hint = f"the host {host} isn't known", "check its name, or write its number"
        raise make(UnavailableError, where, what, hint) from error
    except (OSError, ValueError) as error:
        said = str(getattr(error, "strerror", None) or error)
        what, hint = f"{host} doesn't answer ({said})", "check the address and that the camera is on"
        raise make(UnavailableError, where, what, hint) from error


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{place}"


LOOKS: dict[str, Callable[[Any], None]] = {"camera": _camera, "microphone": _microphone, "rtsp": _rtsp}
"""By the source's type; those that aren't here name no device, or are files, which planning opens."""
