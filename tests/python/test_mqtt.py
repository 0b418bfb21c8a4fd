"""MQTT with a real broker: a sensor that subscribes, a sink that publishes, and a broker that is killed."""

from __future__ import annotations

import io
import json
import queue
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.errors import NotFoundError, UnavailableError
from edgert.sources import open_source
from mosquitto import PATIENCE, PROGRAM, WHY, Mosquitto, free_port

mqtt = pytest.importorskip("paho.mqtt.client")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason=WHY)

TABLE = {"kind": "table", "columns": ["x", "y"], "rate": 10.0, "max_rows": 4}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path)
    yield running
    running.stop()


class Client:
    """Another program at the broker: publishes, and keeps what comes for it."""

    def __init__(self, broker: Mosquitto, topic: str | None = None) -> None:
        self.messages: queue.Queue[Any] = queue.Queue()
        self._subscribed: queue.Queue[Any] = queue.Queue()
        self._paho = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._paho.reconnect_delay_set(1, 1)
        self._paho.on_message = lambda client, data, message: self.messages.put(message)
        self._paho.on_subscribe = lambda *rest: self._subscribed.put(True)
        self._paho.on_connect = lambda client, *rest: client.subscribe(topic, 1) if topic else None
        self._paho.connect("127.0.0.1", broker.port)
        self._paho.loop_start()
        if topic:
            self._subscribed.get(timeout=PATIENCE)

    def publish(self, topic: str, payload: bytes | str, retain: bool = False) -> None:
        self._paho.publish(topic, payload, 1, retain).wait_for_publish(PATIENCE)

    def close(self) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()


@pytest.fixture
def connect(broker: Mosquitto) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def client(topic: str | None = None) -> Client:
        made.append(Client(broker, topic))
        return made[-1]

    yield client
    for one in made:
        one.close()


class Reading:
    """A source that is read on this thread; its frames come one by one."""

    def __init__(self, broker: Mosquitto, **fields: Any) -> None:
        given = {"topic": "t/#", "payload": "json", "format": TABLE, **fields}
        self.source: Any = open_source({"type": "mqtt", "broker": broker.url, **given})
        self._taken: queue.Queue[Any] = queue.Queue()

    def __enter__(self) -> Reading:
        import threading

        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self.source._subscribed.wait(PATIENCE)
        return self

    def _read(self) -> None:
        try:
            for item in self.source.frames():
                self._taken.put(item)
            self._taken.put(None)
        except Exception as error:
            self._taken.put(error)

    def next(self) -> Any:
        return self._taken.get(timeout=PATIENCE)

    def __exit__(self, *rest: Any) -> None:
        self.source.interrupt()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.source.close()


def test_json_fields_become_columns(broker: Mosquitto, connect: Any) -> None:
    columns = {**TABLE, "columns": ["climate.t", "ok", "h"]}
    with Reading(broker, format=columns, time="at", time_unit="ms") as reading:
        sender = connect()
        sender.publish(
            "t/a", json.dumps({"h": 40, "at": 5000, "climate": {"t": 21.5}, "ok": True, "id": "x"})
        )
        sender.publish(
            "t/b", json.dumps([{"h": h, "at": 6000 + h, "climate": {"t": 0}, "ok": 0} for h in range(6)])
        )
        first, second, third = (reading.next() for _ in range(3))
    assert first.array.tolist() == [[21.5, 1, 40]] and first.array.dtype == np.float32
    assert first.media_time == 0 and second.media_time == pytest.approx(1)
    assert second.array[:, 2].tolist() == [0, 1, 2, 3] and third.array[:, 2].tolist() == [4, 5]


def test_payloads_that_do_not_parse_are_counted_told_once_and_left_out(
    broker: Mosquitto, connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [
        "{",
        "[1, 2]",
        '{"x": 1}',
        '{"x": 1, "y": "warm"}',
        b"\xff\xfe",
        '{"x": 1e999, "y": [1]}',
        "[" * 100000,
    ]
    with Reading(broker) as reading:
        sender = connect()
        for payload in [*bad, *bad]:
            sender.publish("t", payload)
        sender.publish("t", '{"x": 1, "y": null}')
        item = reading.next()
        counts, first = reading.source.rejected.counts, reading.source.rejected.first
    assert item.array[0, 0] == 1 and np.isnan(item.array[0, 1]) and not item.gap
    assert counts == {"not JSON": 4, "not an object": 2, "field missing": 2, "not a number": 4, "not text": 2}
    assert "'y' is" in first["not a number"] and "'warm'" in first["not a number"]
    assert len([record for record in caplog.records if "left out" in record.message]) == len(counts)


def test_csv_arrays_and_sound(broker: Mosquitto, connect: Any) -> None:
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    sound = np.arange(-300, 300, dtype=np.int16)
    audio = {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "int16", "max_chunk": 400}
    sender = connect()
    with Reading(broker, payload="csv", separator=";") as reading:
        sender.publish("t", "x;y\n1;2\n3;4\n")
        assert reading.next().array.tolist() == [[1, 2], [3, 4]]
    with Reading(broker, payload="float32") as reading:
        sender.publish("t", b"123")
        sender.publish("t", rows.tobytes())
        taken = reading.next()
        assert np.array_equal(taken.array, rows) and not taken.array.flags.owndata
        assert reading.source.rejected.counts == {"odd length": 1} and reading.source.copied_bytes == 0
    with Reading(broker, payload="int16", format=audio) as reading:
        sender.publish("t", sound.tobytes())
        chunks = [reading.next().array for _ in range(2)]
        assert [len(chunk) for chunk in chunks] == [400, 200] and np.array_equal(
            np.concatenate(chunks)[:, 0], sound
        )
    with Reading(broker, payload="int16", format={**audio, "dtype": "float32"}) as reading:
        sender.publish("t", sound.tobytes())
        assert np.array_equal(reading.next().array[:, 0] * 32768, sound[:400])
        assert reading.source.copied_bytes == 4 * sound.size


def jpeg(level: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), level, np.uint8)).save(out, "JPEG", subsampling=2)
    return out.getvalue()


def test_pictures_and_what_is_none(broker: Mosquitto, connect: Any) -> None:
    pytest.importorskip("av")
    whole = jpeg(90)
    with Reading(broker, payload="jpeg", format=None) as reading:
        sender = connect()
        for payload in (b"", b"hello", whole[:-200], whole[:300] + b"\xff\xd9", whole, jpeg(200)):
            sender.publish("t", payload)
        pictures = [reading.next(), reading.next()]
        counts = reading.source.rejected.counts
    assert [int(np.frombuffer(one.planes[0], np.uint8)[0]) for one in pictures] == [90, 200]
    assert {(one.width, one.height, one.pixel, one.range) for one in pictures} == {
        (64, 48, "yuv420p", "full")
    }
    assert counts["not a JPEG"] == 2 and sum(counts.values()) == 4 and reading.source.copied_bytes == 0


def test_a_retained_message_is_taken_or_not(broker: Mosquitto, connect: Any) -> None:
    sender = connect()
    sender.publish("t", '{"x": 7, "y": 7}', retain=True)
    with Reading(broker) as reading:
        assert reading.next().array[0, 0] == 7
    with Reading(broker, retained=False) as reading:
        sender.publish("t", '{"x": 8, "y": 8}')
        assert reading.next().array[0, 0] == 8


def test_a_broker_that_goes_away_is_told_behind_what_had_come(broker: Mosquitto, connect: Any) -> None:
    with Reading(broker) as reading:
        connect().publish("t", '{"x": 1, "y": 0}')
        assert reading.next().array[0, 0] == 1
        broker.kill()
        lost = reading.next()
    assert isinstance(lost, UnavailableError)
    assert re.search(
        r"mqtt 127\.0\.0\.1:\d+: the connection is lost \(.+\); check that the broker runs", str(lost)
    )


def test_a_broker_that_is_not_there_is_named() -> None:
    source: Any = open_source({
        "type": "mqtt", "broker": f"mqtt://me:geheim@127.0.0.1:{free_port()}", "topic": "t",
        "payload": "json", "format": TABLE,
    })  # fmt: skip
    with pytest.raises(UnavailableError, match=r"mqtt 127\.0\.0\.1:\d+: can't be reached") as caught:
        next(iter(source.frames()))
    source.close()
    assert "geheim" not in str(caught.value)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    tool = PROGRAM.replace("sbin", "bin") + "_passwd" if PROGRAM else ""
    if not Path(tool).exists():
        pytest.skip("needs mosquitto_passwd")
    subprocess.run([tool, "-b", "-c", str(tmp_path / "users"), "me", "geheim"], check=True)
    running = Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {tmp_path / 'users'}\n")
    yield running
    running.stop()


def test_credentials_of_document_and_environment(guarded: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE", "geheim")
    with Reading(guarded, user="me", password_env="HOUSE") as good:
        assert good.source.rejected.counts == {}
    monkeypatch.setenv("HOUSE", "falsch")
    with Reading(guarded, user="me", password_env="HOUSE") as bad:
        error = bad.next()
    assert isinstance(error, UnavailableError) and "refuses: Not authorized" in str(error)
    assert "falsch" not in str(error)
    monkeypatch.delenv("HOUSE")
    source = open_source({
        "type": "mqtt", "broker": guarded.url, "topic": "t", "payload": "json", "format": TABLE, "user": "me",
        "password_env": "HOUSE",
    })  # fmt: skip
    with pytest.raises(NotFoundError, match="the environment has no HOUSE"):
        next(iter(source.frames()))


def test_tls_with_the_authority_of_the_house_and_without(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    make = (
        "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=house -addext subjectAltName=IP:127.0.0.1 "
        f"-keyout {tmp_path}/key.pem -out {tmp_path}/ca.pem"
    )
    subprocess.run([openssl, *make.split()], check=True, capture_output=True)
    broker = Mosquitto(
        tmp_path, f"allow_anonymous true\ncertfile {tmp_path}/ca.pem\nkeyfile {tmp_path}/key.pem\n", "mqtts"
    )
    try:
        with Reading(broker, ca=str(tmp_path / "ca.pem")) as good:
            assert good.source.rejected.counts == {} and good._taken.empty()
        fields = {"type": "mqtt", "broker": broker.url, "topic": "t", "payload": "json", "format": TABLE}
        with pytest.raises(UnavailableError, match=r"can't be reached: .*CERTIFICATE_VERIFY_FAILED"):
            next(iter(open_source(fields).frames()))
        with pytest.raises(UnavailableError, match=r"none\.pem can't be used: .*; give `ca` the PEM file"):
            next(iter(open_source({**fields, "ca": "none.pem"}, tmp_path).frames()))
    finally:
        broker.stop()


BOX = """
kind: Sensor
name: watch
source:
  type: mqtt
  broker: %(url)s
  topic: in/watch
  payload: json
  qos: 1
  format: {kind: table, columns: [ax, ay, az], rate: 50}
reconnect: {first: 50ms, most: 200ms}
---
kind: Pipeline
name: size
application: sport
sensor: watch
steps:
  - {name: size, transform: table.magnitude, from: rows}
  - {name: rows, transform: table.select, from: frame}
outputs: [size]
sinks:
  - {type: mqtt, broker: "%(url)s", topic: "out/{application}/{pipeline}/{sensor}", qos: 1, retain: true}
---
kind: Application
name: sport
"""


def test_from_topic_through_a_pipeline_to_a_topic_and_on_after_a_restart(
    broker: Mosquitto, connect: Any, tmp_path: Path
) -> None:
    (tmp_path / "box.yaml").write_text(BOX % {"url": broker.url})
    with Runtime(tmp_path / "box.yaml") as runtime:
        listener = connect("out/#")
        assert answer(runtime, connect(), listener, 3, 4) == pytest.approx(5)
        connect().publish("in/watch", "no JSON")
        watch = runtime.sensor("watch")
        for turn in range(1, 4):
            broker.kill()
            assert watch.wait_for("reconnecting", timeout=PATIENCE)
            assert re.search("mqtt .*(the connection is lost|can't be reached)", watch.state.reason)
            broker.start()
            size = answer(runtime, connect(), connect("out/#"), 6 * turn, 8 * turn)
            assert size == pytest.approx(10 * turn) and watch.state.state == "running"
    figures = runtime.metrics()
    row = figures["sensors"]["watch"]
    assert runtime.failures == [] and row["reconnects"] == 3 and row["rejected"] == {"not JSON": 1}
    assert figures["sinks"][0]["pipeline"] == "sport/size" and figures["sinks"][0]["published"] >= 2


def answer(runtime: Runtime, sender: Client, listener: Client, x: float, y: float) -> float:
    """Publishes until the answer comes: nobody knows when all have subscribed (again)."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        sender.publish("in/watch", json.dumps({"ax": x, "ay": y, "az": 0}))
        try:
            message = listener.messages.get(timeout=0.3)
        except queue.Empty:
            continue
        value = float(np.ravel(json.loads(message.payload)["answers"]["size"]["values"])[0])
        if message.topic == "out/sport/size/watch" and value == pytest.approx((x * x + y * y) ** 0.5):
            return value
    raise AssertionError("no answer came")


def test_a_sink_says_whose_it_is(caplog: pytest.LogCaptureFixture) -> None:
    from edgert.sinks.mqtt import MqttSink

    sink = MqttSink("mqtt://127.0.0.1:1", title="shop/people")  # nobody listens there
    until = time.monotonic() + 20
    while not caplog.text and time.monotonic() < until:
        time.sleep(0.01)
    sink.close()
    assert "sink of shop/people: mqtt 127.0.0.1:1: can't be reached; trying again" in caplog.text
