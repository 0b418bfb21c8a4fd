"""Cameras that send JPEG over HTTP: pictures as they were sent, whatever stands between them."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from edgert.errors import InvalidError, NotFoundError, UnavailableError
from edgert.sources import open_source, probe_format
from edgert.sources.turbojpeg import Jpeg
from mjpeg_server import CameraServer

av = pytest.importorskip("av")
PATIENCE = 20.0


def jpeg(level: int, size: tuple[int, int] = (64, 48), subsampling: int = 2) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    picture = np.full((size[1], size[0], 3), level, np.uint8)
    Image.fromarray(picture).save(out, "JPEG", subsampling=subsampling)
    return out.getvalue()


def part(body: bytes, length: bool = True, boundary: str = "frame", kind: str = "image/jpeg") -> bytes:
    count = f"Content-Length: {len(body)}\r\n" if length else ""
    return f"--{boundary}\r\nContent-Type: {kind}\r\n{count}\r\n".encode() + body + b"\r\n"


Serve = Callable[..., CameraServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    made: list[CameraServer] = []

    def start(data: bytes | Callable[[Any], None], **options: Any) -> CameraServer:
        send = data if callable(data) else lambda write: write(data)
        made.append(CameraServer(send, **options))
        return made[-1]

    yield start
    for server in made:
        server.close()


def read(url: str, **fields: Any) -> tuple[list[Any], Any]:
    """Its pictures until the stream ends, and the source."""
    source: Any = open_source({"type": "mjpeg", "url": url, "timeout": 5.0, **fields})
    pictures = []
    with pytest.raises(UnavailableError, match="ended the stream"):
        for picture in source.frames():
            pictures.append(picture)
    source.close()
    return pictures, source


def levels(pictures: list[Any]) -> list[int]:
    return [int(np.frombuffer(picture.planes[0], np.uint8)[0]) for picture in pictures]


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("announced", ["frame", "--frame", '"frame"'])
def test_pictures_come_as_planes_of_the_decoder(serve: Serve, length: bool, announced: str) -> None:
    stream = b"".join(part(jpeg(level), length) for level in (10, 20, 30)) + b"--frame--\r\n"
    pictures, source = read(serve(stream, boundary=announced).url)
    assert levels(pictures) == [10, 20, 30] and source.copied_bytes == 0 and source.rejected.counts == {}
    first = pictures[0]
    assert (first.pixel, first.range, first.siting, first.width) == ("yuv420p", "full", "centre", 64)
    # FFmpeg's own planes, or libjpeg-turbo's in a buffer of the core
    assert type(first.planes[0]) in (av.video.plane.VideoPlane, np.ndarray) and first.decode_ms > 0
    form = probe_format({"type": "mjpeg", "url": "http://127.0.0.1:9/"})
    assert (form["pixel"], form["range"], form["width"]) == ("yuv420p", "full", 0)


def test_the_size_may_change_and_other_subsamplings_are_converted(serve: Serve) -> None:
    stream = part(jpeg(10)) + part(jpeg(20, (128, 32))) + part(jpeg(30, subsampling=0))
    pictures, source = read(serve(stream).url)
    assert [(one.width, one.height) for one in pictures] == [(64, 48), (128, 32), (64, 48)]
    assert levels(pictures) == [10, 20, 30] and {one.pixel for one in pictures} == {"yuv420p"}
    assert (source.copied_bytes > 0 or Jpeg().available) and {one.range for one in pictures} == {"full"}


def test_garbage_is_counted_and_the_pictures_behind_it_come(serve: Serve) -> None:
    whole = jpeg(80)
    noise = np.random.default_rng(1).bytes(9000).replace(b"\n--", b"....")
    stream = (
        b"\r\nhello\r\n"
        + part(whole)
        + part(whole[:-300])
        + part(b"error", kind="text/plain")
        + noise
        + b"\r\n"
        + b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 99999999999\r\n\r\n"
        + part(b"")
        + part(jpeg(90))
    )
    pictures, source = read(serve(stream).url)
    assert levels(pictures) == [80, 90]
    counts = source.rejected.counts
    assert counts["cut-off JPEG"] == 1 and counts["not a JPEG"] == 2 and counts["bad length"] == 1
    assert counts["garbage between pictures"] >= 2 and "'text/plain'" in source.rejected.first["not a JPEG"]


def test_a_camera_that_asks_who_is_there(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(part(jpeg(10)), login="me:geheim")
    inline = server.url.replace("//", "//me:geheim@")
    assert len(read(inline)[0]) == 1
    monkeypatch.setenv("CAMERA", "geheim")
    assert len(read(server.url, user="me", password_env="CAMERA")[0]) == 1
    wrong = open_source({"type": "mjpeg", "url": server.url.replace("//", "//me:falsch@")})
    with pytest.raises(UnavailableError, match="answered 401 Unauthorized; give user and password") as caught:
        next(iter(wrong.frames()))
    assert "falsch" not in str(caught.value)


def test_what_is_no_camera_is_named(serve: Serve) -> None:
    server = serve(b"")
    base = server.url.removesuffix("/video")
    for url, kind, match in (
        (f"{base}/page", InvalidError, "answers text/html, not multipart/x-mixed-replace"),
        (f"{base}/gone", NotFoundError, "answered 404"),
        ("http://127.0.0.1:9/x", UnavailableError, "can't be reached: .*refused; check the address"),
    ):
        source = open_source({"type": "mjpeg", "url": url})
        with pytest.raises(kind, match=match):
            next(iter(source.frames()))
        source.close()


def test_a_camera_that_dies_is_told_and_another_reader_gets_it_when_it_is_back(serve: Serve) -> None:
    go_on = threading.Event()

    def send(write: Any) -> None:
        write(part(jpeg(10)) + part(jpeg(20))[:-100])
        go_on.wait(PATIENCE)

    server = serve(send)
    source = open_source({"type": "mjpeg", "url": server.url, "timeout": 0.5})
    frames = iter(source.frames())
    assert levels([next(frames)]) == [10]
    with pytest.raises(
        UnavailableError, match=r"gave nothing for 0\.5 s; check the address and that the camera"
    ):
        next(frames)
    source.close()
    go_on.set()
    again = iter(open_source({"type": "mjpeg", "url": server.url, "timeout": 5.0}).frames())
    assert levels([next(again)]) == [10]
    with pytest.raises(UnavailableError, match="ended the stream"):
        next(again)


def test_readers_that_come_and_go_leave_nothing_behind(serve: Serve) -> None:
    server = serve(part(jpeg(10)) + part(jpeg(20)[:-100]))
    read(server.url)  # what is loaded once
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        assert len(read(server.url)[0]) == 1
    until = time.monotonic() + PATIENCE  # the server's side closes when it gets to it
    while len(os.listdir("/proc/self/fd")) > before and time.monotonic() < until:
        time.sleep(0.02)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_reader_that_waits_can_be_stopped(serve: Serve) -> None:
    stopped, got = threading.Event(), threading.Event()

    def send(write: Any) -> None:
        write(part(jpeg(10)))
        stopped.wait(PATIENCE)

    source: Any = open_source({"type": "mjpeg", "url": serve(send).url, "timeout": 60.0})
    taken: list[Any] = []

    def run() -> None:
        for picture in source.frames():
            taken.append(picture)
            got.set()

    reading = threading.Thread(target=run)
    reading.start()
    assert got.wait(PATIENCE)
    source.interrupt()
    reading.join(PATIENCE)
    stopped.set()
    assert not reading.is_alive() and len(taken) == 1
    source.close()
