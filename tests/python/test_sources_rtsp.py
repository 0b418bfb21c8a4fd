"""RTSP cameras that fall silent: the reader comes back by itself, at the timeout of the document."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from edgert.errors import UnavailableError
from edgert.sources import open_source

pytest.importorskip("av")

# A session of H.264 whose parameter sets say 640x480, baseline.
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAA8DxYuS,aMuMsg==\r\n"
    "a=control:track1\r\n"
)
ANSWERS = {
    "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
    "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
    "SETUP": "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
    "PLAY": "Session: 1\r\n",
}


class Camera:
    """Answers requests up to (not with) the method `silent_at`; it never sends a picture."""

    def __init__(self, silent_at: str) -> None:
        self.silent_at, self.asked = silent_at, [""]
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                connection, _ = self._server.accept()
                self._open.append(connection)
                self._answer(connection)
        except OSError:
            return

    def _answer(self, connection: socket.socket) -> None:
        waiting = b""
        while data := connection.recv(4096):
            waiting += data
            while b"\r\n\r\n" in waiting:
                request, _, waiting = waiting.partition(b"\r\n\r\n")
                lines = request.decode().split("\r\n")
                method = lines[0].split()[0]
                self.asked.append(method)
                if method == self.silent_at:
                    continue
                number = next(line for line in lines if line.lower().startswith("cseq"))
                head = f"RTSP/1.0 200 OK\r\n{number}\r\n{ANSWERS.get(method, '')}\r\n"
                connection.sendall((head + (SDP if method == "DESCRIBE" else "")).encode())

    def close(self) -> None:
        for each in [self._server, *self._open]:
            each.close()


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    made = Camera(request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("camera", "what"),
    [
        ("OPTIONS", "can't be opened"),
        ("PLAY", "can't be"),
        ("GET_PARAMETER", "can't be read on after 0 frames"),
    ],
    indirect=["camera"],
)
def test_a_camera_that_falls_silent_is_told_at_the_timeout(camera: Camera, what: str) -> None:
    source = open_source(
        {"type": "rtsp", "url": f"rtsp://me:secret@127.0.0.1:{camera.port}/x", "timeout": 0.5}
    )
    with pytest.raises(UnavailableError) as found:
        next(iter(source.frames()))
    source.close()
    said = str(found.value)
    assert said.startswith(f"camera rtsp://127.0.0.1:{camera.port}/x: {what}"), said
    assert "nothing came for 0.5 s; check the address and that the camera is on" in said
    assert "secret" not in said and "OPTIONS" in camera.asked
