"""An MQTT broker, by Eclipse Paho: what a sensor that subscribes and a sink that publishes share."""

from __future__ import annotations

import ssl
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import UnavailableError, make, missing_package
from .credentials import password_of

PORTS = {"mqtt": 1883, "mqtts": 8883}  # as IANA has them
SOONEST, LATEST = 1, 30  # s between two tries to reach a broker that went away, doubling
QUEUED = 1000  # messages of QoS 1 and 2 that wait for a broker that is away


class Broker:
    """Where a broker is and how to get in; makes Paho's clients.

    `broker` is mqtt://HOST[:PORT], or mqtts:// for TLS. `password_env` names an environment variable. With a
    `client_id` the session outlives the connection: the broker keeps what comes for it (QoS 1 and 2).
    """

    def __init__(
        self,
        broker: str,
        user: str | None = None,
        password: Any = None,
        password_env: str | None = None,
        ca: str | None = None,
        client_id: str | None = None,
        keepalive: float = 15.0,
        timeout: float = 10.0,
    ) -> None:
        parts = urlsplit(broker)
        self.host = parts.hostname or ""
        self.port = parts.port or PORTS[parts.scheme]
        self.where = f"mqtt {self.host}:{self.port}"
        self.timeout = timeout
        self._tls, self._ca = parts.scheme == "mqtts", ca
        self._user = user or (unquote(parts.username) if parts.username else None)
        self._inline = unquote(parts.password) if parts.password else password
        self._variable = password_env
        self._id, self._keepalive = client_id, max(1, round(keepalive))
        self.paho: Any = None  # the module, once there is a client

    def client(self, again: bool = True) -> Any:
        """A client that isn't connected yet; `again`: it makes a lost connection anew by itself.

        Raises UnavailableError without paho-mqtt, NotFoundError for a variable that the environment lacks.
        """
        try:
            self.paho = import_module("paho.mqtt.client")
        except ImportError as error:
            raise missing_package(self.where, "paho-mqtt", "mqtt") from error
        client = self.paho.Client(
            self.paho.CallbackAPIVersion.VERSION2,
            client_id=self._id or "",
            clean_session=self._id is None,
            reconnect_on_failure=again,
        )
        client.connect_timeout = self.timeout
        client.reconnect_delay_set(SOONEST, LATEST)
        client.max_queued_messages_set(QUEUED)
        if self._user is not None:
            client.username_pw_set(self._user, password_of(self.where, self._inline, self._variable))
        if self._tls:
            self._secure(client)
        return client

    def _secure(self, client: Any) -> None:
        try:
            client.tls_set(ca_certs=self._ca, cert_reqs=ssl.CERT_REQUIRED)
        except (OSError, ValueError) as error:
            hint = "give `ca` the PEM file of the authority that signed the broker's certificate"
            raise make(UnavailableError, self.where, f"{self._ca} can't be used: {error}", hint) from error

    def connect(self, client: Any) -> None:
        """Opens the connection. Raises UnavailableError when the broker can't be reached."""
        try:
            client.connect(self.host, self.port, self._keepalive)
        except (OSError, ValueError) as error:
            hint = "check the address, and that the broker runs"
            raise make(UnavailableError, self.where, f"can't be reached: {error}", hint) from error

    def connect_later(self, client: Any) -> None:
        """Has the client's own thread open the connection, and try again until it succeeds."""
        client.connect_async(self.host, self.port, self._keepalive)

    def refused(self, why: object) -> UnavailableError:
        """The error for a broker that is there and says no."""
        hint = "check user and password, and what the broker allows them"
        return make(UnavailableError, self.where, f"refuses: {why}", hint)
