"""A topic of an MQTT broker as a sensor."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import UnavailableError, make
from .base import Format, Item
from .broker import Broker
from .jpeg import jpeg_format
from .mailbox import Mailbox
from .payloads import Payload, make_payload
from .rejected import Rejected, Unreadable

WAITING = 256  # messages between Paho's thread and the reader
ROWS = ("time", "time_unit", "fields", "separator")


class Mqtt:
    """Subscribes to a topic; each message is one frame, or several where it holds more than a frame may.

    A message that can't be read is counted in `rejected` and left out. When the broker goes away frames()
    raises, behind what had come: the sensor then says so, and is opened again as its document has it.
    """

    def __init__(
        self,
        broker: str,
        topic: str,
        payload: str,
        base_dir: Path,
        format: Mapping[str, Any] | None = None,
        qos: int = 0,
        retained: bool = True,
        **options: Any,
    ) -> None:
        self._rows = {key: options.pop(key) for key in ROWS if key in options}
        if options.get("ca"):
            options["ca"] = str(base_dir / options["ca"])
        self._broker = Broker(broker, **options)
        self._topic, self._kind, self._qos, self._retained = topic, payload, qos, retained
        form = dict(format or {})
        self._format = jpeg_format(form.get("width", 0), form.get("height", 0)) if payload == "jpeg" else form
        self._where = f"{self._broker.where}/{topic}"
        self._mail = Mailbox(WAITING)
        self._subscribed = threading.Event()
        self._client: Any = None
        self._payload: Payload | None = None
        self.rejected = Rejected(self._where)
        self.realtime = False

    @property
    def copied_bytes(self) -> int:
        """What had to be converted, of arrays and pictures."""
        return int(getattr(self._payload, "copied_bytes", 0))

    @property
    def lost(self) -> int:
        """Messages that came faster than they were taken."""
        return self._mail.lost

    def probe(self) -> Format:
        """What the document says; the broker isn't asked, and may come later."""
        return dict(self._format)

    def frames(self) -> Iterator[Item]:
        """Frames, as messages come. Raises UnavailableError when the broker can't be reached, refuses, or
        goes away."""
        self._payload = make_payload(self._kind, self._format, self._rows, self._where)
        self._start()
        while (message := self._mail.take()) is not None:
            data, gap = message
            try:
                for item in self._payload.frames(data):
                    item.gap, gap = item.gap or gap, False
                    yield item
            except Unreadable as error:
                self.rejected.add(error)

    def _start(self) -> None:
        client = self._client = self._broker.client(again=False)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._on_subscribe, self._on_message
        self._broker.connect(client)
        client.loop_start()
        if not self._subscribed.wait(self._broker.timeout):
            hint = "check that it is an MQTT broker, and that it isn't overloaded"
            what = f"did not answer within {self._broker.timeout:g} s"
            raise make(UnavailableError, self._broker.where, what, hint)

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._refuse(reason)
        else:
            client.subscribe(self._topic, self._qos)

    def _on_subscribe(self, client: Any, data: Any, number: int, reasons: Any, properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refuse(f"to subscribe {self._topic}: {reasons[0]}")
        self._subscribed.set()

    def _refuse(self, why: object) -> None:
        self._mail.fail(self._broker.refused(why))
        self._subscribed.set()  # frames() waits no longer, and finds the error

    def _disconnected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            hint = "check that the broker runs, and the network between"
            what = f"the connection is lost ({reason})"
            self._mail.fail(make(UnavailableError, self._broker.where, what, hint))
            self._subscribed.set()

    def _on_message(self, client: Any, data: Any, message: Any) -> None:
        if self._retained or not message.retain:
            self._mail.put(message.payload)

    def interrupt(self) -> None:
        """Ends frames(); from any thread."""
        self._mail.close()
        self._subscribed.set()

    def close(self) -> None:
        """Says goodbye to the broker."""
        self._mail.close()
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None
