"""Whether a host answers at a port. Nothing is said to it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from ..errors import UnavailableError, make

PATIENCE = 3.0  # s for a host to answer
PORTS = {
    "rtsp": 554, "rtsps": 322,  # RFC 7826, section 18.1
    "http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883,  # IANA's registry of service names
}  # fmt: skip


def reach_address(what: str, address: str) -> None:
    """Asks the host of a URL; `what` it is ("camera") is for the message. Raises UnavailableError."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise make(UnavailableError, f"{what} {host}", str(error), "correct the port") from error
    reach(what, host, port)


def reach(what: str, host: str, port: int) -> None:
    """Opens a connection and closes it. Raises UnavailableError when nobody answers."""
    where = f"{what} {host}:{port}"
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except socket.gaierror as error:
        said, hint = f"the host {host} isn't known", "check its name, or write its number"
        raise make(UnavailableError, where, said, hint) from error
    except (OSError, OverflowError) as error:
        reason = str(getattr(error, "strerror", None) or error)
        said, hint = f"{host} doesn't answer ({reason})", f"check the address and that the {what} is on"
        raise make(UnavailableError, where, said, hint) from error
