"""Results as messages of an MQTT topic."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..results import Result
from ..sources.broker import Broker
from .jsonl import as_text

LOG = logging.getLogger("edgert.sinks")
LAST = 2.0  # s for what is under way when the sink closes


class MqttSink:
    """Publishes each result to a topic: the same JSON as JsonLines writes, one message a result.

    The broker need not be there yet: the connection is made, and made again, in the background. What can't be
    sent meanwhile waits if `qos` is 1 or 2 (1000 messages at most), else it is left out and counted in `lost`
    by reason. A result never waits for the broker. `title` is the pipeline's ("application/pipeline"), for
    messages. Raises UnavailableError without paho-mqtt.
    """

    def __init__(
        self,
        broker: str,
        topic: str = "edgert/{application}/{pipeline}",
        qos: int = 0,
        retain: bool = False,
        base_dir: Path = Path(),
        title: str = "",
        **options: Any,
    ) -> None:
        if options.get("ca"):
            options["ca"] = str(base_dir / options["ca"])
        self._broker = Broker(broker, **options)
        self._broker.where = f"sink of {title}: {self._broker.where}" if title else self._broker.where
        self._topic, self._qos, self._retain = topic, qos, retain
        self._lock = threading.Lock()
        self._last: Any = None
        self.published = 0
        self.lost: dict[str, int] = {}
        self._told = False
        self._client = self._broker.client()
        self._client.on_connect, self._client.on_disconnect = self._connected, self._disconnected
        self._client.on_connect_fail = self._unreached
        self._broker.connect_later(self._client)
        self._client.loop_start()

    def __call__(self, result: Result) -> None:
        """Publishes one result."""
        text = as_text(result)
        if text is None:
            return
        application, _, pipeline = result.pipeline.partition("/")
        topic = self._topic.format(application=application, pipeline=pipeline, sensor=result.sensor)
        self.publish(topic, text)

    def publish(self, topic: str, text: str) -> None:
        """Publishes one message."""
        with self._lock:
            paho = self._broker.paho
            if not self._qos and not self._client.is_connected():
                self._lose("the broker is away")
                return
            sent = self._client.publish(topic, text, self._qos, self._retain)
            if sent.rc in (paho.MQTT_ERR_SUCCESS, paho.MQTT_ERR_NO_CONN) and (self._qos or not sent.rc):
                self.published += 1  # of QoS 1 and 2, Paho keeps it until the broker is back
                self._last = sent
            else:
                self._lose(
                    "too many wait" if sent.rc == paho.MQTT_ERR_QUEUE_SIZE else paho.error_string(sent.rc)
                )

    def _lose(self, reason: str) -> None:
        self.lost[reason] = self.lost.get(reason, 0) + 1

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._tell(f"{self._broker.refused(reason)}; trying again")
        elif self._told:
            LOG.warning("%s: is back", self._broker.where)
            self._told = False

    def _disconnected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._tell(f"{self._broker.where}: the connection is lost ({reason}); trying again")

    def _unreached(self, client: Any, data: Any) -> None:
        self._tell(f"{self._broker.where}: can't be reached; trying again")

    def _tell(self, text: str) -> None:
        """Says it once, until the broker is there."""
        if not self._told:
            self._told = True
            LOG.warning("%s", text)

    def close(self) -> None:
        """Sends what is under way, for 2 s at most, and says goodbye to the broker."""
        with self._lock:
            if self._client.is_connected() and self._last is not None:
                with suppress(RuntimeError, ValueError):  # it could not be sent, and was counted
                    self._last.wait_for_publish(LAST)
            self._client.disconnect()
            self._client.loop_stop()
