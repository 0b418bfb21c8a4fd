"""Users and passwords are shown nowhere: messages, reports, metrics, logs, plans, objects."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from edgert.hiding import hidden, secrets_in, without_credentials

testing = pytest.importorskip("click.testing")
pytest.importorskip("rich")
from edgert import Runtime  # noqa: E402
from edgert.cli import main  # noqa: E402
from edgert.documents import DocumentErrors, MjpegSource, RtspSource, load  # noqa: E402

USER, PASSWORD = "nightwatch", "owl4711"

SHOWN = [
    ("rtsp://nightwatch:owl4711@host:554/a", "rtsp://host:554/a"),
    ("rtsp://nightwatch:owl/47@11@host/a", "rtsp://host/a"),
    ("rtsp://host:554/cam@1", "rtsp://host:554/cam@1"),
    ("rtsp://host/cam@1", "rtsp://host/cam@1"),
    ("can't open http://nightwatch@host/x: no", "can't open http://host/x: no"),
    ("http://host/x?a=1&user=nightwatch&password=owl4711&b=2", "http://host/x?a=1&user=…&password=…&b=2"),
    (
        "rtsp://host/user=nightwatch_password=owl_4711_channel=1.sdp",
        "rtsp://host/user=…_password=…_channel=1.sdp",
    ),
    ('rtspsrc user-id=nightwatch user-pw="owl 4711" latency=0', "rtspsrc user-id=… user-pw=… latency=0"),
    ("no credentials: 3 == 3, a=b", "no credentials: 3 == 3, a=b"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_an_address_is_shown_without_them(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_words_of_others_are_cleaned_of_them() -> None:
    secrets = secrets_in("rtspsrc location=rtsp://nightwatch:owl%2F4711@host/x user-id=me ! decodebin")
    assert sorted(secrets) == ["me", "nightwatch", "owl%2F4711", "owl/4711"]
    assert hidden("host says: no nightwatch with owl/4711", secrets) == "host says: no … with …"


def test_documents_do_not_show_them() -> None:
    said = repr(RtspSource(url=f"rtsp://{USER}:{PASSWORD}@host/x")) + repr(
        MjpegSource(url=f"http://{USER}:{PASSWORD}@host/x", user=USER, password=PASSWORD)
    )
    assert "rtsp://host/x" in said and USER not in said and PASSWORD not in said
    with pytest.raises(ValueError) as found:
        RtspSource(url=f"rtp://{USER}:{PASSWORD}@host/x")
    assert USER not in str(found.value) and PASSWORD not in str(found.value)


WRONG = [
    f'{{type: rtsp, url: "rtp://{USER}:{PASSWORD}@host/x"}}',
    f'{{type: rtsp, url: "rtsp://{USER}:{PASSWORD}/x@host/x"}}',
    f'{{type: mjpeg, url: "http://{USER}:{PASSWORD}@host:door/x"}}',
    f'{{type: mjpeg, url: "http://host/x", user: [{USER}], password: {{a: {PASSWORD}}}}}',
    f'{{type: mjpeg, url: "http://host/x", user: {USER}, password: !!int {PASSWORD}}}',
    f'{{type: gstreamer, pipeline: "x", bud: "rtsp://{USER}:{PASSWORD}@host"}}',
    f'{{type: mqtt, topic: a, payload: jpeg, broker: "mqtt://{USER}:{PASSWORD}@host/x/y"}}',
]


@pytest.mark.parametrize("source", WRONG)
def test_a_refused_document_does_not_show_them(tmp_path: Path, source: str) -> None:
    (tmp_path / "box.yaml").write_text(f"kind: Sensor\nname: a\nsource: {source}\n")
    with pytest.raises(DocumentErrors) as found:
        load(tmp_path / "box.yaml")
    assert USER not in str(found.value) and PASSWORD not in str(found.value)
    assert f"{tmp_path}/box.yaml:3: " in str(found.value)


LOGIN = f"{USER}:{PASSWORD}@"
CELLS = "payload: json, format: {kind: table, columns: [a], rate: 1}"
SOURCES = {
    "rtsp": f'{{type: rtsp, url: "rtsp://{LOGIN}127.0.0.1:1/x", timeout: 2s}}',
    "mjpeg": f'{{type: mjpeg, url: "http://{LOGIN}127.0.0.1:1/x", timeout: 2s}}',
    "mqtt": f'{{type: mqtt, broker: "mqtt://{LOGIN}127.0.0.1:1", topic: a, timeout: 2s, {CELLS}}}',
    "gstreamer": f'{{type: gstreamer, pipeline: "rtspsrc location=rtsp://{LOGIN}127.0.0.1:1/x user-id={USER} '
    f'user-pw={PASSWORD} ! decodebin ! videoconvert", timeout: 2s}}',
}


def box(kind: str) -> str:
    """One pipeline of a sensor that isn't there, with a broker that isn't either."""
    picture = "transform: image.to_tensor, params: {width: 8, height: 8}"
    step = "transform: table.select, params: {columns: [a]}" if kind == "mqtt" else picture
    return (
        f"kind: Sensor\nname: s\nsource: {SOURCES[kind]}\nreconnect: {{attempts: 1, first: 50ms}}\n---\n"
        f"kind: Pipeline\nname: p\nsensor: s\nsteps: [{{name: out, {step}, from: frame}}]\n"
        f'sinks: [{{type: mqtt, broker: "mqtt://{LOGIN}127.0.0.1:1"}}]\n'
    )


@pytest.mark.parametrize("kind", list(SOURCES))
def test_no_command_shows_them(tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("paho.mqtt.client")
    pytest.importorskip("av")
    pytest.importorskip("matplotlib")
    document = tmp_path / "box.yaml"
    document.write_text(box(kind))
    caplog.set_level(logging.DEBUG)
    said = ""
    report = tmp_path / "report.html"
    for command in (
        ["check"],
        ["explain", "--json"],
        ["explain"],
        ["compile", "-o", str(tmp_path / "box.plan")],
        ["run", "--duration", "20s", "--report", str(report), "-o", str(tmp_path / "out.jsonl")],
    ):
        found = testing.CliRunner().invoke(main, [*command, str(document)])
        assert found.exit_code in (0, 3), found.output
        said += found.output
    assert "not there now" in said and "sensor s" in said
    said += "".join(
        (tmp_path / name).read_bytes().decode("latin-1") for name in ("report.html", "box.plan", "out.jsonl")
    )
    with Runtime(document) as runtime:
        runtime.wait(20)
        said += str(runtime.metrics()) + runtime.prometheus() + str(runtime.sensor_states())
        said += str(runtime.failures) + repr(runtime.documents.sensors) + repr(runtime.documents.pipelines)
    assert runtime.failures
    said += caplog.text
    assert USER not in said and PASSWORD not in said
