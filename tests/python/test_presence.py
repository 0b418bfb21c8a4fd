"""`edgert check` says which cameras, microphones and network cameras aren't there."""

from __future__ import annotations

import os
import pty
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
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


def test_a_camera_that_is_there() -> None:
    master, slave = pty.openpty()  # a character device, as a camera's node is
    assert said(type="camera", device=os.ttyname(slave)) == ""
    os.close(master)
    os.close(slave)


def test_a_network_camera(port: int) -> None:
    assert said(type="rtsp", url=f"rtsp://127.0.0.1:{port}/x") == ""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        closed = unused.getsockname()[1]
        text = said(type="rtsp", url=f"rtsp://me:secret@127.0.0.1:{closed}/x")
    assert f"camera rtsp://me@127.0.0.1:{closed}/x: 127.0.0.1 doesn't answer (Connection refused)" in text
    assert "secret" not in text
    assert "the host nowhere.invalid isn't known" in said(type="rtsp", url="rtsp://nowhere.invalid/x")
    assert "doesn't answer" in said(type="rtsp", url="rtsp://127.0.0.1:99999/x")


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
        and "not there now: 1 of the sensors" in found.output
    )
    assert "video9" not in found.output  # no pipeline reads it
    unseen = testing.CliRunner().invoke(main, ["check", "--no-devices", str(box)])
    assert unseen.exit_code == 0 and "all well: 1 node (0 model runs)" in unseen.output
