"""JPEG by libjpeg-turbo: the same planes as PyAV's, in files and in MJPEG; damaged ones refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from edgert import _native
from edgert.errors import InvalidError
from edgert.sources.container import Container
from edgert.sources.images import Images
from edgert.sources.turbojpeg import Jpeg

av = pytest.importorskip("av")
pytestmark = pytest.mark.skipif(not Jpeg().available, reason="libjpeg-turbo isn't installed")

FORMATS = {"yuvj420p": "yuv420p", "yuvj422p": "yuv420p", "yuvj444p": "yuv420p", "gray": "gray"}


def smooth(width: int, height: int) -> npt.NDArray[np.uint8]:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    waves = [128 + 60 * np.sin(x / 40 + k) + 50 * np.cos(y / 30 - k) for k in range(3)]
    return np.stack(waves, -1).astype(np.uint8)


def encoded(kind: str, width: int, height: int) -> bytes:
    """A JPEG of smooth colours, by FFmpeg."""
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt, coder.time_base = width, height, kind, Fraction(1, 25)
    coder.options = {"qscale": "2", "strict": "unofficial"}
    frame = av.VideoFrame.from_ndarray(smooth(width, height), "rgb24").reformat(
        format=kind, dst_color_range="JPEG"
    )
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*coder.encode(frame), *coder.encode(None)])


def plane(data: Any, stride: int, width: int, height: int) -> npt.NDArray[np.int64]:
    return np.frombuffer(data, np.uint8)[: stride * height].reshape(height, stride)[:, :width].astype(int)


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (320, 200), (17, 1)])
@pytest.mark.parametrize("kind", ["yuvj420p", "yuvj422p", "yuvj444p"])
def test_planes_are_those_of_pyav(kind: str, size: tuple[int, int]) -> None:
    width, height = size
    data = encoded(kind, width, height)
    found = _native.JpegDecoder().decode(data)
    assert (found["pixel"], found["width"], found["height"]) == (FORMATS[kind], width, height)
    decoder = av.CodecContext.create("mjpeg", "r")
    (frame,) = decoder.decode(av.Packet(data))
    luma = plane(frame.planes[0], frame.planes[0].line_size, width, height)
    assert np.abs(plane(found["planes"][0], found["strides"][0], width, height) - luma).max() <= 2
    columns, rows = (width + 1) // 2, (height + 1) // 2
    for k in (1, 2):
        source = frame.planes[k]
        samples = plane(source, source.line_size, source.width, source.height).astype(float)
        got = plane(found["planes"][k], found["strides"][k], columns, rows)
        step = (2 if source.height > rows else 1, 2 if source.width > columns else 1)
        whole = got[: samples.shape[0] // step[0], : source.width // step[1]]
        means = samples[: whole.shape[0] * step[0], : whole.shape[1] * step[1]]
        means = means.reshape(whole.shape[0], step[0], whole.shape[1], step[1]).mean((1, 3))
        assert np.abs(whole - means).max() <= 2


def test_a_folder_of_pictures_uses_it(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded("yuvj422p", 64, 48))
    (picture,) = Images(str(tmp_path), tmp_path).frames()
    assert (picture.pixel, picture.range, picture.matrix, picture.siting) == (
        "yuv420p", "full", "bt601", "centre",
    )  # fmt: skip


def test_an_mjpeg_stream_uses_it(tmp_path: Path) -> None:
    file = tmp_path / "camera.mjpeg"
    file.write_bytes(encoded("yuvj420p", 64, 48) * 5)
    container = Container(str(file), "camera", "look at it", format="mjpeg")
    pictures = list(container.pictures())
    container.close()
    assert len(pictures) == 5
    assert container.copied_bytes == 0
    assert [picture.media_time for picture in pictures] == sorted({p.media_time for p in pictures})


@pytest.mark.parametrize("cut", [0, 2, 60, 0.5, 0.9])
def test_damaged_pictures_are_refused(cut: float, tmp_path: Path) -> None:
    data = encoded("yuvj420p", 320, 200)
    part = data[: int(cut if cut > 1 or cut == 0 else cut * len(data))]
    with pytest.raises(InvalidError, match="JPEG picture"):
        _native.JpegDecoder().decode(part)
    (tmp_path / "bad.jpg").write_bytes(part)
    with pytest.raises(InvalidError, match=r"bad\.jpg"):
        list(Images(str(tmp_path / "bad.jpg"), tmp_path).frames())


def test_many_pictures_share_the_decoders_buffers() -> None:
    decoder, data = _native.JpegDecoder(), encoded("yuvj420p", 64, 48)
    places = {decoder.decode(data)["planes"][0].ctypes.data for _ in range(50)}
    assert len(places) <= 2
    held = [decoder.decode(data)["planes"][0] for _ in range(3)]
    assert len({array.ctypes.data for array in held}) == 3
