"""Sensors of a network or a serial port: MQTT, lines of text, cameras over HTTP. And results to MQTT."""

from __future__ import annotations

import string
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from ..hiding import can_be_read
from .base import Part, readable
from .formats import FrameFormat, TableFormat
from .units import Duration, Time

FITTING = {"json": ("table",), "csv": ("table",), "jpeg": ("image",)}
NUMBERS = ("audio", "table")  # what float32 and int16 may be
PLACES = ("application", "pipeline", "sensor")  # what a topic may name in braces
QoS = Annotated[int, Field(ge=0, le=2)]


class Login(Part):
    """Who asks. Nothing of it is ever shown."""

    user: str | None = None
    password: SecretStr | None = None
    """Better in the environment: password_env."""
    password_env: str | None = Field(default=None, min_length=1)
    """The environment variable that holds the password."""

    @model_validator(mode="after")
    def _once(self) -> Login:
        if self.password is not None and self.password_env is not None:
            raise PydanticCustomError("twice", "password is given twice; keep password_env")
        return self


class RowKeys(Part):
    """How rows are written as text."""

    time: str | None = Field(default=None, min_length=1)
    """The field with a row's time; left out, rows have the time at which they come."""
    time_unit: Literal["s", "ms", "us", "ns"] = "s"
    """Of a time that is a number; it may be ISO 8601 text, too."""
    fields: list[str] | None = Field(default=None, min_length=1)
    """What the cells of a CSV line are, in order; left out, the time (if any) and the columns."""
    separator: str = Field(default=",", min_length=1, max_length=1)
    """Between the cells of a CSV line."""


def check_rows(rows: RowKeys, columns: list[str]) -> None:
    """Raises PydanticCustomError when the cells of a line can't give the columns."""
    if rows.fields is None:
        return
    wanted = [*columns, rows.time] if rows.time else columns
    if missing := [name for name in wanted if name not in rows.fields]:
        raise PydanticCustomError(
            "fields", "{text}", {"text": f"no field is called {missing[0]!r}; name it among the fields"}
        )


class MqttBroker(Login):
    """An MQTT broker."""

    broker: Annotated[str, Field(pattern=r"^mqtts?://[^/\s]+/?$")]
    """mqtt://HOST[:PORT], or mqtts:// for TLS."""
    ca: str | None = None
    """A PEM file with the authority that signed the broker's certificate; left out, the system's."""
    client_id: str | None = Field(default=None, min_length=1)
    """Given, the broker keeps what comes for this client while it is away (QoS 1 and 2)."""
    keepalive: Time = Duration(15)
    """How long silence may last before the connection is tried."""
    timeout: Time = Duration(10)
    """How long to wait for the broker."""
    qos: QoS = 0
    """0: at most once, 1: at least once, 2: exactly once."""

    @model_validator(mode="after")
    def _address(self) -> MqttBroker:
        if not can_be_read(self.broker):
            raise PydanticCustomError("broker", "the broker's address can't be read; write mqtt://HOST:PORT")
        return self


def _subscribable(topic: str) -> str:
    """MQTT 3.1.1, 4.7: what no broker would take is refused before one is asked."""
    levels = topic.split("/")
    if any("#" in level for level in levels[:-1]) or ("#" in levels[-1] and levels[-1] != "#"):
        text = "# stands for all levels that follow; write it alone, as the last one"
    elif any("+" in level and level != "+" for level in levels):
        text = "+ stands for one whole level; write it alone between two /"
    else:
        return topic
    raise PydanticCustomError("topic", "{text}", {"text": f"the topic is no filter: {text}"})


class MqttSource(MqttBroker, RowKeys):
    """Messages of an MQTT topic."""

    type: Literal["mqtt"] = "mqtt"
    topic: Annotated[str, Field(min_length=1), AfterValidator(_subscribable)]
    """May hold MQTT's wildcards: + for one level, # for all that follow."""
    payload: Literal["json", "csv", "float32", "int16", "jpeg"]
    """What a message is: a JSON object (or a list of them), lines of CSV, an array of little-endian
    numbers, a picture."""
    format: FrameFormat | None = None
    """What frames are; pictures say it themselves."""
    retained: bool = True
    """Whether to take the message that the broker kept from before."""

    @model_validator(mode="after")
    def _fits(self) -> MqttSource:
        kinds = FITTING.get(self.payload, NUMBERS)
        if self.format is None:
            if self.payload != "jpeg":
                text = "format is missing; add it: {kind: table, columns: [...], rate: ...}"
                raise PydanticCustomError("payload", "{text}", {"text": text})
            return self
        if self.format.kind not in kinds:
            text = (
                f"payload {self.payload} gives no frames of the kind {self.format.kind}; "
                f"give format the kind {' or '.join(kinds)}"
            )
            raise PydanticCustomError("payload", "{text}", {"text": text})
        if self.payload == "float32" and self.format.kind == "audio" and self.format.dtype != "float32":
            raise PydanticCustomError("payload", "float32 sound is no int16; say dtype: float32 in format")
        if isinstance(self.format, TableFormat):
            check_rows(self, self.format.columns)
        return self


class LineSource(RowKeys):
    """Lines of text, each a row."""

    payload: Literal["csv", "json"] = "csv"
    format: TableFormat
    timeout: Time | None = None
    """The longest silence; left out, any."""

    @model_validator(mode="after")
    def _fits(self) -> LineSource:
        check_rows(self, self.format.columns)
        return self


class SerialSource(LineSource):
    """Lines from a serial port."""

    type: Literal["serial"] = "serial"
    device: str = Field(min_length=1)
    """As /dev/ttyUSB0, or one of /dev/serial/by-id."""
    baud: int = Field(default=115200, ge=50)


class TcpSource(LineSource):
    """Lines from a TCP connection that edgert opens."""

    type: Literal["tcp"] = "tcp"
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)


class MjpegSource(Login):
    """A network camera that sends JPEG pictures over HTTP."""

    type: Literal["mjpeg"] = "mjpeg"
    url: Annotated[str, Field(pattern=r"^https?://"), AfterValidator(readable)]
    timeout: Time = Duration(10)
    """How long to wait for the camera."""


class MqttSink(MqttBroker):
    """Results, as messages of an MQTT topic: JSON, as `edgert run --output` writes it."""

    type: Literal["mqtt"] = "mqtt"
    topic: str = Field(default="edgert/{application}/{pipeline}", min_length=1)
    """May name {application}, {pipeline} and {sensor}."""
    retain: bool = False
    """Whether the broker keeps the last one for who comes later."""

    @model_validator(mode="after")
    def _topic(self) -> MqttSink:
        text = ""
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(self.topic) if name is not None]
        except ValueError as error:
            names, text = [], f"the topic can't be read: {error}; write names in braces, as {{pipeline}}"
        if unknown := [name for name in names if name not in PLACES]:
            text = (
                f"the topic names {{{unknown[0]}}}; there are {', '.join(f'{{{name}}}' for name in PLACES)}"
            )
        if "+" in self.topic or "#" in self.topic:
            text = "a topic to publish to has no wildcards; leave + and # out"
        if text:
            raise PydanticCustomError("topic", "{text}", {"text": text})
        return self
