"""Sources of pictures: what a file gives is what enters, and what is wrong is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.errors import Error, InvalidError, NotFoundError, UnavailableError
from edgert.sources import open_source, probe_format
from edgert.sources.patterns import moving, pan_offset
from edgert.sources.synthetic import as_array

av = pytest.importorskip("av")


def write_video(path: Path, sizes: list[tuple[int, int]], codec: str = "mpeg4", rate: int = 10) -> Path:
    """A video with one frame for each size; the index is the frame's grey level / 8."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = sizes[0]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for index, (width, height) in enumerate(sizes):
            picture = np.full((height, width, 3), 8 * index % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def read(**source: Any) -> list[Any]:
    opened = open_source(source)
    try:
        return list(opened.frames())
    finally:
        opened.close()


def test_video_gives_the_decoders_planes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [(96, 64)] * 12)
    source = open_source({"type": "video", "path": "a.avi"}, tmp_path)
    pictures = list(source.frames())
    assert len(pictures) == 12
    assert source.copied_bytes == 0 and source.realtime
    first = pictures[0]
    assert (first.pixel, first.width, first.height, first.range, first.matrix) == (
        "yuv420p",
        96,
        64,
        "video",
        "bt601",
    )
    assert type(first.planes[0]) is av.video.plane.VideoPlane
    assert first.strides[0] >= 96 and len(first.planes) == 3
    luma = [int(np.frombuffer(picture.planes[0], np.uint8)[0]) for picture in pictures]
    expected = [round(16 + 8 * index * 219 / 255) for index in range(12)]
    assert np.abs(np.subtract(luma, expected)).max() <= 3
    assert [round(picture.media_time, 3) for picture in pictures] == [
        round(index / 10, 3) for index in range(12)
    ]
    assert all(picture.decode_ms > 0 for picture in pictures)
    assert probe_format({"type": "video", "path": str(path)})["pixel"] == "yuv420p"


def test_video_loops_with_media_time_going_on(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [(64, 64)] * 5)
    frames = open_source({"type": "video", "path": str(path), "loop": True, "speed": "max"})
    assert not frames.realtime
    taken = [picture for picture, _ in zip(frames.frames(), range(12), strict=False)]
    frames.close()
    assert [round(10 * picture.media_time) for picture in taken] == list(range(12))
    assert [picture.gap for picture in taken] == [index in (5, 10) for index in range(12)]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.h264"])
def test_each_time_round_has_the_same_pictures(tmp_path: Path, name: str) -> None:
    """Where the file can be wound back, and where it has to be opened anew."""
    path, count = tmp_path / name, 23
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "7", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(count):
            picture = np.full((48, 64, 3), 10 + 9 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    source = open_source({"type": "video", "path": str(path), "loop": True, "speed": "max"})
    luma = [
        int(np.frombuffer(picture.planes[0], np.uint8)[0])
        for picture, _ in zip(source.frames(), range(3 * count), strict=False)
    ]
    source.close()
    assert len(set(luma[:count])) == count
    assert luma[:count] == luma[count : 2 * count] == luma[2 * count :]


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [(64, 64)] * 5)
    source = open_source({"type": "video", "path": str(path), "loop": True, "speed": "max"})
    frames = source.frames()
    before = [next(frames).width for _ in range(4)]
    write_video(tmp_path / "b.mp4", [(96, 64)] * 5).replace(path)
    after = [next(frames).width for _ in range(3)]
    source.close()
    assert before == [64] * 4 and after == [64, 96, 96]


def test_jpeg_is_full_range_and_chroma_is_centred(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", [(64, 64)], codec="mjpeg")
    picture = read(type="video", path=str(path))[0]
    assert (picture.pixel, picture.range, picture.siting) == ("yuv420p", "full", "centre")


def test_other_pixel_formats_are_converted_and_counted(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.full((16, 24, 4), 200, np.uint8), "RGBA").save(tmp_path / "a.png")
    source = open_source({"type": "images", "path": "a.png"}, tmp_path)
    picture = next(iter(source.frames()))
    assert picture.pixel == "rgb24" and source.copied_bytes >= 16 * 24 * 3
    assert np.frombuffer(picture.planes[0], np.uint8)[0] == 200


@pytest.mark.parametrize("content", [b"", b"garbage " * 4000, b"\0" * 100_000])
def test_garbage_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    with pytest.raises(Error) as caught:
        probe_format({"type": "video", "path": str(path)})
    assert str(path) in str(caught.value) and caught.value.hint


def test_a_text_file_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello\n" * 100)
    with pytest.raises(InvalidError, match="no video"):
        probe_format({"type": "video", "path": str(path)})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nowhere\.avi"):
        probe_format({"type": "video", "path": "nowhere.avi"}, tmp_path)


def test_a_cut_off_video_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.avi", [(320, 240)] * 80)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    taken = []
    with pytest.raises(InvalidError, match=r"ends after .* s, but says that it has 8.0 s"):
        for picture in open_source({"type": "video", "path": str(cut)}).frames():
            taken.append(picture)
    assert 10 < len(taken) < 75


def test_a_video_with_a_hole_is_damaged_and_says_how_many_packets(tmp_path: Path) -> None:
    whole = bytearray(write_video(tmp_path / "a.avi", [(320, 240)] * 60, codec="mjpeg").read_bytes())
    third = len(whole) // 3
    whole[third : 2 * third] = np.random.default_rng(0).bytes(third)
    path = tmp_path / "holes.avi"
    path.write_bytes(whole)
    with pytest.raises(InvalidError, match=r"packets? of it can't be decoded; the file is .* damaged"):
        read(type="video", path=str(path))


def test_media_time_goes_on_where_the_streams_time_goes_back(tmp_path: Path) -> None:
    part = write_video(tmp_path / "a.ts", [(320, 240)] * 15, "mpeg2video", 25).read_bytes()
    path = tmp_path / "twice.ts"
    path.write_bytes(part + part)
    pictures = read(type="video", path=str(path))
    times = [picture.media_time for picture in pictures]
    assert len(times) > 20 and times[0] == 0 and np.allclose(np.diff(times), 0.04, atol=0.005)
    assert sum(picture.gap for picture in pictures) == 1


def test_damaged_packets_are_left_out(tmp_path: Path) -> None:
    whole = bytearray(write_video(tmp_path / "a.avi", [(320, 240)] * 60, codec="mjpeg").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 400] = b"\xff" * 400
    path = tmp_path / "damaged.avi"
    path.write_bytes(whole)
    assert len(read(type="video", path=str(path))) >= 50


def test_a_video_may_change_its_size(tmp_path: Path) -> None:
    parts = [
        write_video(tmp_path / f"{index}.ts", [size] * 8, "mpeg2video", 25)
        for index, size in enumerate(SIZES)
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    sizes = [(picture.width, picture.height) for picture in read(type="video", path=str(path))]
    assert set(sizes) == set(SIZES)


SIZES = [(320, 240), (160, 128)]


def test_a_camera_that_is_not_there_is_named() -> None:
    camera = open_source({"type": "camera", "device": "/dev/video99", "width": 640, "height": 480})
    assert camera.probe()["width"] == 640  # it may be plugged in later
    with pytest.raises(NotFoundError, match="/dev/video99"):
        next(iter(camera.frames()))
    camera.close()


def test_an_rtsp_camera_that_does_not_answer_is_named() -> None:
    camera = open_source({"type": "rtsp", "url": "rtsp://127.0.0.1:9/none", "timeout": 2.0})
    assert camera.probe()["pixel"] == "yuv420p"
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9.*can't be opened.*check the address"):
        next(iter(camera.frames()))


def test_images_of_a_folder_come_in_order_at_a_rate(tmp_path: Path) -> None:
    from PIL import Image

    for index in (2, 0, 1):
        Image.fromarray(np.full((8, 8, 3), 50 * index, np.uint8)).save(tmp_path / f"{index}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    for path in (tmp_path, tmp_path / "*.png"):
        pictures = read(type="images", path=str(path), rate=4.0)
        assert [np.frombuffer(picture.planes[0], np.uint8)[0] for picture in pictures] == [0, 50, 100]
        assert [picture.media_time for picture in pictures] == [0, 0.25, 0.5]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no picture there"):
        probe_format({"type": "images", "path": str(tmp_path)})


def test_synthetic_pictures_are_known() -> None:
    pictures = read(type="synthetic", width=40, height=30, rate=10.0, pixel="rgb24", count=3)
    assert [picture.media_time for picture in pictures] == [0, 0.1, 0.2]
    for index, picture in enumerate(pictures):
        assert np.array_equal(as_array(picture), moving(index, 40, 30))
    assert read(type="synthetic", width=40, height=30, count=1)[0].pixel == "yuv420p"


def test_a_pan_is_a_window_into_the_picture(tmp_path: Path) -> None:
    from PIL import Image

    whole = np.random.default_rng(0).integers(0, 256, (50, 80, 3), np.uint8)
    Image.fromarray(whole).save(tmp_path / "a.png")
    source = {
        "type": "synthetic",
        "pattern": "pan",
        "path": "a.png",
        "width": 32,
        "height": 24,
        "pixel": "rgb24",
    }
    pictures = [p for p, _ in zip(open_source(source, tmp_path).frames(), range(60), strict=False)]
    for index in (0, 17, 50, 59):
        x, y = pan_offset(index, 48, 26)
        assert np.array_equal(as_array(pictures[index]), whole[y : y + 24, x : x + 32])
    assert np.shares_memory(pictures[0].planes[0], pictures[1].planes[0])
    with pytest.raises(InvalidError, match="smaller than the window"):
        probe_format({**source, "width": 200}, tmp_path)


def test_unknown_types_patterns_and_fields_are_refused() -> None:
    with pytest.raises(InvalidError, match="unknown type 'lidar'"):
        open_source({"type": "lidar"})
    with pytest.raises(InvalidError, match="no pattern 'stripes'"):
        probe_format({"type": "synthetic", "pattern": "stripes"})
    with pytest.raises(InvalidError, match="colour"):
        open_source({"type": "video", "path": "a", "colour": "red"})
