"""Sensors that are wrong or end early: told in one line; the others' results keep coming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_boxes import OTHER, edgert, refused, results, video

pytest.importorskip("av")
pytest.importorskip("soundfile")

BOX = """
kind: Sensor
name: bad
source: %s
reconnect: false
---
kind: Pipeline
name: bad
sensor: bad
steps: [{name: tensor, transform: %s, from: frame%s}]
"""
PICTURE = ("image.to_tensor", ", params: {width: 8, height: 8}")
SOUND = ("audio.convert", "")
ROWS = ("table.select", "")
OTHERS_RESULTS = 40


def box(source: str, step: tuple[str, str] = PICTURE) -> str:
    return BOX % (source, *step) + OTHER


def run(folder: Path, text: str, *options: object) -> tuple[Any, Any]:
    """The result of `edgert run`, and its results by pipeline and status."""
    (folder / "box.yaml").write_text(text)
    said = edgert("run", "-q", folder / "box.yaml", "-o", folder / "out.jsonl", *options)
    return said, results(folder / "out.jsonl")


def fails(folder: Path, text: str, *parts: str) -> int:
    """Asserts that only sensor `bad` fails, once, with these parts; its results come before that."""
    said, came = run(folder, text)
    assert said.exit_code == 3
    told = [line for line in said.output.splitlines() if line.startswith("sensor bad failed: ")]
    assert len(told) == 1 and all(part in told[0] for part in parts), said.output
    assert came["other", "ok"] == OTHERS_RESULTS
    assert {status for _, status in came} == {"ok"}
    return int(came["bad", "ok"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Invalid data"),
        (np.random.default_rng(0).bytes(50_000), "Invalid data"),
        (b"RIFF garbage " * 99, "Invalid data"),
    ],
    ids=["empty", "noise", "half a header"],
)
def test_a_video_that_is_garbage(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    refused(tmp_path, box("{type: video, path: a.mp4}"), 4, "Sensor/bad: a.mp4", said, "give a video file")


def test_a_video_that_ends_early_gives_what_it_has(tmp_path: Path) -> None:
    whole = video(tmp_path / "a.avi", (160, 120), 60).read_bytes()
    (tmp_path / "a.avi").write_bytes(whole[: len(whole) // 2])
    text = box("{type: video, path: a.avi, speed: max}")
    came = fails(tmp_path, text, "a.avi: ends after", "but says that it has 6.0 s", "get it again")
    assert 20 <= came <= 32


def test_a_video_whose_index_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = video(tmp_path / "a.mp4", (160, 120), 30, "mpeg4").read_bytes()
    (tmp_path / "a.mp4").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path, box("{type: video, path: a.mp4}"), 4, "a.mp4: can't be opened", "give a video file")


@pytest.mark.parametrize(("ending", "codec"), [("mjpeg", "mjpeg"), ("ts", "mpeg2video")])
def test_a_video_that_changes_its_size_goes_on(ending: str, codec: str, tmp_path: Path) -> None:
    parts = [
        video(tmp_path / f"{size[0]}.{ending}", size, 15, codec).read_bytes()
        for size in ((160, 120), (96, 64))
    ]
    (tmp_path / f"a.{ending}").write_bytes(b"".join(parts))
    text = box(f"{{type: video, path: a.{ending}, speed: max}}")
    said, came = run(tmp_path, text, "--video", tmp_path / "out.mp4")
    assert said.exit_code == 0, said.output
    assert came["bad", "ok"] >= 28 and came["other", "ok"] == OTHERS_RESULTS
    assert (tmp_path / "out.bad.mp4").stat().st_size > 1000


def test_a_frame_of_another_size_is_seen_whole(tmp_path: Path) -> None:
    from edgert import Runtime

    sizes = ((160, 120), (96, 64))
    parts = [video(tmp_path / f"{size[0]}.mjpeg", size, 2).read_bytes() for size in sizes]
    (tmp_path / "a.mjpeg").write_bytes(b"".join(parts))
    (tmp_path / "box.yaml").write_text(box("{type: video, path: a.mjpeg, speed: max}"))
    runtime = Runtime(tmp_path / "box.yaml")
    seen = []
    runtime.on_result("bad", lambda result: seen.append((result.sequence, result.frame.width)))
    with runtime:
        assert runtime.wait(30)
    assert sorted(seen) == [(0, 160), (1, 160), (2, 96), (3, 96)]


@pytest.mark.parametrize(
    ("source", "step", "parts"),
    [
        (
            "{type: camera, device: /dev/video99}",
            PICTURE,
            ("camera /dev/video99: is not there", "ls /dev/video*"),
        ),
        (
            "{type: camera, device: /dev/null}",
            PICTURE,
            ("camera /dev/null: can't be opened", "ls /dev/video*"),
        ),
        (
            '{type: rtsp, url: "rtsp://127.0.0.1:9/x", timeout: 2s}',
            PICTURE,
            ("127.0.0.1:9/x", "check the address"),
        ),
        ("{type: microphone, device: nowhere}", SOUND, ("microphone nowhere: ", "; ")),
    ],
    ids=["camera", "no camera", "rtsp", "microphone"],
)
def test_a_device_that_is_not_there(source: str, step: Any, parts: tuple[str, ...], tmp_path: Path) -> None:
    assert fails(tmp_path, box(source, step), *parts) == 0


@pytest.mark.parametrize(
    ("file", "content", "step", "parts"),
    [
        ("a.wav", b"RIFFgarbage", SOUND, ("a.wav: can't be read as sound", "give a WAV")),
        (
            "a.csv",
            b"x,y\n1,2\n3,oops\n",
            ROWS,
            ("a.csv:3: 'oops' is no number", "name only columns of numbers"),
        ),
        ("a.csv", b"x,y\n1,2\n3\n", ROWS, ("a.csv:3: has 1 values, not 2", "complete the line")),
        ("a.csv", b"", ROWS, ("a.csv:1: its first line has no column names", "write one")),
        ("a.csv", b"x,y\n", ROWS, ("a.csv: has no rows", "give a table")),
        ("a.npy", b"no array", ROWS, ("a.npy: can't be read as a table", "; ")),
        ("a.png", b"no picture", PICTURE, ("a.png", "give pictures")),
    ],
)
def test_a_recording_that_is_garbage(
    file: str, content: bytes, step: Any, parts: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / file).write_bytes(content)
    kind = {SOUND: "audio", ROWS: "table", PICTURE: "images"}[step]
    rate = ", rate: 10" if kind == "table" else ""
    refused(tmp_path, box(f"{{type: {kind}, path: {file}{rate}}}", step), 4, "Sensor/bad: ", *parts)
