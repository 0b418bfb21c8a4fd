"""`edgert check` says which cameras, microphones and network cameras aren't there."""

from __future__ import annotations

import os
import pty
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from edgert.errors import InvalidError
from edgert.sources import presence
from edgert.sources.presence import absent

testing = pytest.importorskip("click.testing")
pytest.importorskip("rich")
from edgert.cli import main  # noqa: E402


def said(**source: Any) -> str:
    (error,) = absent([SimpleNamespace(**source)])
    return str(error or "")


@pytest.fixture
def port() -> Iterator[int]:
    """One that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_camera_that_is_not_there(tmp_path: Path) -> None:
    missing = said(type="camera", device=str(tmp_path / "video7"))
    assert f"camera {tmp_path}/video7: there is no such device; there " in missing
    (tmp_path / "video7").write_text("")
    assert "is no device; name one of /dev/video*" in said(type="camera", device=str(tmp_path / "video7"))


@pytest.fixture
def terminal() -> Iterator[str]:
    """A character device, as cameras and serial ports are."""
    master, slave = pty.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


def capability(every: int, own: int) -> bytes:
    return bytes(84) + struct.pack("II", every, own) + bytes(12)


def test_a_camera_that_is_there(terminal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is a device, but no camera; there " in said(type="camera", device=terminal)
    asked: list[int] = []

    def answer(node: int, question: int, memory: bytes) -> bytes:
        asked.append(question)
        assert len(memory) == 104
        return capability(0x80000001, len(asked) % 2)  # the second time: a node for metadata

    monkeypatch.setattr("fcntl.ioctl", answer)
    assert said(type="camera", device=terminal) == ""
    assert "gives no pictures" in said(type="camera", device=terminal)
    assert asked == [0x80685600] * 2  # VIDIOC_QUERYCAP on 64 bits


def test_a_serial_port(terminal: str, tmp_path: Path) -> None:
    pytest.importorskip("serial")
    assert said(type="serial", device=terminal) == ""
    text = said(type="serial", device=str(tmp_path / "ttyUSB3"))
    assert f"serial {tmp_path}/ttyUSB3: there is no such device; " in text
    (tmp_path / "file").write_text("")
    assert "is no device; name a serial port" in said(type="serial", device=str(tmp_path / "file"))


def test_a_device_that_this_user_may_not_open(terminal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    hint = f"this user may not open it; add this user to the group of {terminal}"
    assert f"{hint} (video" in said(type="camera", device=terminal)
    pytest.importorskip("serial")
    assert f"{hint} (dialout" in said(type="serial", device=terminal)


HOSTS: list[tuple[str, str, str]] = [
    ("rtsp", "camera", "url"),
    ("mjpeg", "camera", "url"),
    ("mqtt", "broker", "broker"),
]


@pytest.mark.parametrize(("kind", "what", "key"), HOSTS)
def test_a_host(port: int, kind: str, what: str, key: str) -> None:
    scheme = {"mjpeg": "http"}.get(kind, kind)
    assert said(type=kind, **{key: f"{scheme}://127.0.0.1:{port}"}) == ""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        closed = unused.getsockname()[1]
        text = said(type=kind, **{key: f"{scheme}://me:secret@127.0.0.1:{closed}"})
    assert text.startswith(f"{what} 127.0.0.1:{closed}: 127.0.0.1 doesn't answer (Connection refused); ")
    assert "secret" not in text and "me" not in text.replace("camera", "")
    assert "the host nowhere.invalid isn't known" in said(type=kind, **{key: f"{scheme}://nowhere.invalid"})
    assert "out of range" in said(type=kind, **{key: f"{scheme}://127.0.0.1:99999"})


def test_a_device_of_the_network(port: int) -> None:
    assert said(type="tcp", host="127.0.0.1", port=port) == ""
    assert "device nowhere.invalid:7: the host" in said(type="tcp", host="nowhere.invalid", port=7)


def test_what_hangs_is_told_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setitem(presence.LOOKS, "camera", lambda source: never.wait(60) and None)
    camera, library = SimpleNamespace(type="camera"), SimpleNamespace(type="video")
    error, none = absent([camera, library], longest=0.05)
    never.set()
    assert none is None and "camera: did not answer within 0.05 s; see whether" in str(error)


def test_a_gstreamer_pipeline() -> None:
    if why := said(type="gstreamer", pipeline="videotestsrc"):
        pytest.skip(why)
    text = said(type="gstreamer", pipeline="videotestsrc ! nosuchelement")
    assert 'no element "nosuchelement"; check the name of nosuchelement' in text
    (error,) = absent([SimpleNamespace(type="gstreamer", pipeline="videotestsrc patern=1")])
    assert isinstance(error, InvalidError) and 'no property "patern"' in str(error)


def test_the_device_of_a_gstreamer_pipeline() -> None:
    if why := said(type="gstreamer", pipeline="videotestsrc"):
        pytest.skip(why)
    text = said(type="gstreamer", pipeline="v4l2src device=/nowhere/video7")
    if 'no element "v4l2src"' in text:
        pytest.skip(text)  # gstreamer1.0-plugins-good, which some systems have and no other test needs
    assert "/nowhere/video7" in text


def test_the_package_of_an_element_that_is_missing() -> None:
    if why := said(type="gstreamer", pipeline="videotestsrc"):
        pytest.skip(why)
    text = said(type="gstreamer", pipeline="videotestsrc ! nvnothing ! fakesink")
    assert text.endswith("install it: apt-get install nvidia-l4t-gstreamer")
    text = said(type="gstreamer", pipeline="videotestsrc ! avdec_nothing ! nvnothing ! fakesink")
    assert text.endswith("apt-get install gstreamer1.0-libav nvidia-l4t-gstreamer")


class FakeDevices(SimpleNamespace):
    """sounddevice, on a machine with one microphone and one loudspeaker."""

    PortAudioError = RuntimeError

    def query_devices(self, device: Any = None, kind: str | None = None) -> Any:
        every = [
            {"name": "Built-in Mic", "max_input_channels": 2},
            {"name": "Speaker", "max_input_channels": 0},
        ]
        if kind is None:
            return every
        if device is not None and device not in "Built-in Mic":
            raise ValueError(f"No input device matching {device!r}")
        return every[0]


def test_a_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FakeDevices())
    assert said(type="microphone", device=None) == said(type="microphone", device="Built-in") == ""
    text = said(type="microphone", device="Jabra")
    assert text == "microphone Jabra: there is no such device; there are Built-in Mic"


def test_without_sounddevice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert "microphone: needs the Python package sounddevice; install it" in said(
        type="microphone", device=None
    )


def test_what_is_no_device_is_not_looked_at() -> None:
    assert said(type="video", path="nowhere.mp4") == ""


BOX = """
kind: Sensor
name: door
source: {type: camera, device: NODE}
---
kind: Sensor
name: spare
source: {type: camera, device: /nowhere/video9}
---
kind: Pipeline
name: rows
sensor: door
steps: [{name: out, transform: image.to_tensor, from: frame, params: {width: 8, height: 8}}]
"""


def test_check_says_it_at_the_sensors_line_and_ends_with_3(tmp_path: Path) -> None:
    box = tmp_path / "box.yaml"
    box.write_text(BOX.replace("NODE", str(tmp_path / "video0")))
    found = testing.CliRunner().invoke(main, ["check", str(box)])
    assert found.exit_code == 3, found.output
    assert f"{box}:4: Sensor/door: not there now: camera {tmp_path}/video0: there is no such" in found.output
    assert (
        "the documents are well: 1 node (0 model runs)" in found.output
        and "not there now: 1 device or host\n" in found.output
    )
    assert "video9" not in found.output  # no pipeline reads it
    unseen = testing.CliRunner().invoke(main, ["check", "--no-devices", str(box)])
    assert unseen.exit_code == 0 and "all well: 1 node (0 model runs)" in unseen.output


def test_check_looks_at_sinks_and_refuses_what_is_no_pipeline(tmp_path: Path) -> None:
    box = tmp_path / "box.yaml"
    rows = "source: {type: push, format: {kind: image, width: 8, height: 8}}"
    box.write_text(
        BOX.replace("source: {type: camera, device: NODE}", rows)
        + "sinks: [{type: mqtt, broker: mqtt://127.0.0.1:1}]\n"
    )
    found = testing.CliRunner().invoke(main, ["check", str(box)])
    assert found.exit_code == 3, found.output
    assert (
        f"{box}:14: Pipeline/rows: not there now: broker 127.0.0.1:1: 127.0.0.1 doesn't answer"
        in found.output
    )
    assert testing.CliRunner().invoke(main, ["check", "--no-devices", str(box)]).exit_code == 0
    if said(type="gstreamer", pipeline="videotestsrc"):
        return
    box.write_text(
        BOX.replace("{type: camera, device: NODE}", '{type: gstreamer, pipeline: "videotestsrc a=1"}')
    )
    found = testing.CliRunner().invoke(main, ["check", str(box)])
    assert found.exit_code == 1 and f"{box}:4: Sensor/door: gstreamer: the pipeline can't be" in found.output
