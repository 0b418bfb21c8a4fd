"""Sinks: JSON lines, annotated videos and pictures."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from edgert.answers import Mask
from edgert.errors import Error
from edgert.planner.given import Fitted
from edgert.sinks import AnnotatedVideo, JsonLines, Pictures
from edgert.sinks.canvas import Canvas
from edgert.sinks.composer import WAITING, Composer
from edgert.sinks.draw import draw, words
from edgert.sinks.frames import to_rgb
from made_results import box, made, picture

av = pytest.importorskip("av")


SOUND = SimpleNamespace(width=0, height=0, planes=[])


def test_json_lines_say_everything(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path / "a.jsonl")
    sink(made({"people": box(1, 2, 30, 40, 0.75, 1)}, sequence=7))
    sink(made({"what": ("classes", np.array([[2, 0.5]]))}, pipeline="b/c"))
    sink.close()
    first, second = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert first["answers"] == {"people": [{"box": [1, 2, 30, 40], "score": 0.75, "label": "b"}]}
    assert (first["application"], first["pipeline"], first["sequence"], first["time"]) == (
        "shop",
        "people",
        7,
        0.7,
    )
    assert first["stages"]["model"] == 8.0 and first["latency_ms"] == 12.5
    assert second["answers"] == {"what": [{"label": "c", "score": 0.5}]}


def test_json_lines_are_there_as_soon_as_they_come(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path / "a.jsonl")
    for count in (1, 2):
        sink(made({"people": box(1, 2, 30, 40, 0.75, 1)}))
        assert (tmp_path / "a.jsonl").read_text().count("\n") == count
    sink.close()


def test_json_lines_are_json_whatever_a_model_says(tmp_path: Path) -> None:
    sink = JsonLines(tmp_path / "a.jsonl")
    sink(made({"x": ("raw", np.array([np.nan, np.inf, 1.0]))}))
    sink(made({"x": ("raw", np.zeros((200, 200)))}))
    sink(made({"x": ("raw", None)}, status="engine", error=ValueError("it broke")))
    sink.close()
    lines = [
        json.loads(line, parse_constant=pytest.fail)
        for line in (tmp_path / "a.jsonl").read_text().splitlines()
    ]
    assert lines[0]["answers"]["x"]["values"] == [None, None, 1.0]
    assert lines[1]["answers"]["x"] == {"shape": [200, 200], "dtype": "float64"}
    assert lines[2]["answers"] == {"x": None} and lines[2]["error"] == "it broke"


def test_json_lines_refuse_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        JsonLines(tmp_path / "nowhere" / "a.jsonl")


@pytest.mark.parametrize("pixel", ["rgb24", "bgr24", "gray", "yuv420p", "nv12", "yuyv422"])
def test_frames_of_every_format_become_rgb(pixel: str) -> None:
    colour = (200, 200, 200) if pixel == "gray" else (200, 120, 40)
    rgb = np.empty((48, 64, 3), np.uint8)
    rgb[:] = colour
    decoded = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel)
    planes = [np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size) for plane in decoded.planes]
    frame = SimpleNamespace(width=64, height=48, pixel=pixel, planes=planes, range="video", matrix="bt601")
    found = to_rgb(frame)
    assert found.shape == (48, 64, 3)
    assert np.abs(found.astype(int) - colour).max() <= 6


def test_drawing_is_where_the_answer_is() -> None:
    canvas = Canvas(np.zeros((100, 200, 3), np.uint8))
    canvas.box((20, 30, 120, 80), "", (255, 0, 0))
    assert canvas.pixels()[30, 60, 0] == 255
    canvas.mask(np.array([[0, 1], [0, 0]], np.float32), (0, 0, 255), area=(0, 0, 200, 100))
    canvas.points(np.array([[150.0, 90.0]]), (0, 255, 0))
    pixels = canvas.pixels()
    assert pixels[55, 20, 0] > 200 and pixels[55, 60, 0] == 0
    assert pixels[10, 180, 2] > 80 and pixels[90, 20, 2] == 0
    assert pixels[90, 150, 1] == 255


@pytest.mark.parametrize(
    ("fit", "inside", "outside"),
    [("letterbox", [(10, 30), (190, 70)], []), ("centre_crop", [(60, 5), (140, 95)], [(40, 50), (160, 50)])],
)
def test_a_mask_lies_where_the_model_looked(
    fit: str, inside: list[tuple[int, int]], outside: list[tuple[int, int]]
) -> None:
    canvas = Canvas(np.zeros((100, 200, 3), np.uint8))
    mask = np.ones((64, 64), np.float32)
    if fit == "letterbox":  # the bars above and below are no part of the picture
        mask[:16] = mask[48:] = 0
    draw(canvas, Mask(mask), (0, 0, 255), Fitted(fit, 128, 128))
    pixels = canvas.pixels()
    assert all(pixels[y, x, 2] > 80 for x, y in inside)
    assert all(pixels[y, x, 2] == 0 for x, y in outside)


def test_labels_stay_in_the_picture_and_apart() -> None:
    canvas = Canvas(np.zeros((200, 300, 3), np.uint8))
    for box_ in ((280, 50, 299, 120), (270, 52, 298, 118), (275, 0, 299, 30)):
        canvas.box(box_, "a long label", (255, 0, 0))
    places = canvas.labels
    assert all(0 <= x0 < x1 <= 300 and 0 <= y0 < y1 <= 200 for x0, y0, x1, y1 in places)
    rows = sorted((y0, y1) for _, y0, _, y1 in places)
    assert all(above[1] <= below[0] for above, below in pairwise(rows))


def test_what_is_drawn_is_said_in_words_too() -> None:
    found = np.array([[0, 0, 1, 1, 0.9, 0], [0, 0, 2, 2, 0.9, 1], [0, 0, 3, 3, 0.9, 1]], np.float32)
    assert words(made({"x": ("detections", found)}).answers["x"]) == "2 b, 1 a"
    assert words(made({"x": ("mask", np.eye(4))}).answers["x"]) == "covers 25 %"
    points = np.array([[1, 1, 0, 0.9], [2, 2, 0, 0.1]])
    assert words(made({"x": ("keypoints", points)}).answers["x"]) == "1 point"


def test_answers_without_a_place_are_said_in_words() -> None:
    assert words(made({"x": ("classes", np.array([[1, 0.25], [0, 0.2]]))}).answers["x"]) == "b 0.25"
    assert words(made({"x": ("probability", np.array([0.5]))}).answers["x"]) == "0.50"
    assert words(made({"x": ("classes", np.zeros((0, 2)))}).answers["x"]) == ""
    assert words(None) == ""


def test_a_composer_keeps_order_and_the_last_result_of_slower_pipelines() -> None:
    composer = Composer("camera")
    for sequence in (1, 0, 3, 2, *range(4, WAITING + 4)):
        composer.add(made({"people": box(10, 10, 50, 50, 0.9, 0)}, sequence=sequence))
    composer.add(made({"mask": ("mask", np.ones((4, 4)))}, pipeline="shop/mask", sequence=0))
    taken = [composed.sequence for composed in iter(composer.take, None)]
    assert taken == [0, 1, 2, 3]
    composer.add(made({"people": box(0, 0, 9, 9, 1, 0)}, sequence=2))  # too late: it is gone
    rest = [composed.sequence for composed in iter(lambda: composer.take(rest=True), None)]
    assert rest == list(range(4, WAITING + 4))


def test_results_of_slower_pipelines_are_drawn_on_the_frames_between() -> None:
    composer = Composer("camera")
    composer.add(made({"mask": ("mask", np.ones((4, 4)))}, pipeline="shop/mask", sequence=0))
    for sequence in range(30):
        composer.add(made({"none": ("detections", np.zeros((0, 6)))}, sequence=sequence))
    drawn = [composed.draw().pixels()[5, 90] for composed in iter(lambda: composer.take(rest=True), None)]
    tinted = [bool((pixel != 90).any()) for pixel in drawn]
    assert tinted == [sequence <= 10 for sequence in range(30)]  # for a second


def test_an_annotated_video_has_every_frame_at_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    video = AnnotatedVideo(path, "camera")
    for sequence in range(25):
        video(made({"people": box(10, 10, 60, 50, 0.9, 0)}, sequence=sequence))
        video(
            made(
                {"sound": ("probability", np.array([0.7]))}, pipeline="shop/sound", sensor="mic", frame=SOUND
            )
        )
    video.close()
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert (frames[0].width, frames[0].height) == (96, 64)
        assert [round(frame.time, 2) for frame in frames] == [round(index / 10, 2) for index in range(25)]
        last = frames[-1].to_ndarray(format="rgb24").astype(int)
    edge, inside = last[24, 10], last[20, 40]
    assert np.abs(edge - 90).max() > 25 and np.abs(inside - 90).max() < 12


def test_a_video_that_cannot_be_written_is_refused_before_it_starts(tmp_path: Path) -> None:
    with pytest.raises(Error, match="nowhere"):
        AnnotatedVideo(tmp_path / "nowhere" / "a.mp4", "camera")
    with pytest.raises(Error, match="no kind of video"):
        AnnotatedVideo(tmp_path / "a.nokind", "camera")


def test_an_encoder_that_fails_says_so_and_nobody_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = AnnotatedVideo(tmp_path / "a.mp4", "camera")
    monkeypatch.setattr(video, "_write", lambda composed: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        for sequence in range(200):
            video(made({"people": box(1, 1, 9, 9, 1, 0)}, sequence=sequence))
        video.close()


def test_pictures_come_at_an_interval(tmp_path: Path) -> None:
    sink = Pictures(tmp_path / "shots", "camera", every=1.0)
    for sequence in range(35):
        found = {"people": box(10, 10, 60, 50, 0.9, 0), "more": box(9, 9, 20 + sequence, 50, 0.9, 0)}
        sink(made(found if sequence == 20 else {"people": found["people"]}, sequence=sequence))
    sink.close()
    assert sink.best == sink.written[2]
    assert [path.name for path in sink.written] == [f"camera-{second:07.1f}.png" for second in range(4)]
    assert all(path.stat().st_size > 100 for path in sink.written)


def test_a_frame_may_change_its_size_in_a_video(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / "a.mp4", "camera")
    for sequence in range(4):
        video(
            made({"p": box(1, 1, 9, 9, 1, 0)}, sequence=sequence, frame=picture(64 + 32 * (sequence > 1), 64))
        )
    video.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert {(frame.width, frame.height) for frame in container.decode(video=0)} == {(64, 64)}
