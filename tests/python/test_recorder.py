"""The recorder: clips that decode to the same pictures, kept within bounds, also when the disk is full."""

from __future__ import annotations

import errno
import os
import time
from collections import namedtuple
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from edgert.answers import Raw  # noqa: E402
from edgert.errors import UnavailableError  # noqa: E402
from edgert.recorder import Keep, Recorder, Settings, Store, clip  # noqa: E402
from edgert.recorder.ring import Coded, Ring  # noqa: E402
from edgert.sinks.record import found  # noqa: E402

RATE, SECONDS, GOP = 10, 20, 5
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s at 10 frames a second with B-frames; frame i is of grey 10 + i."""
    path = tmp_path_factory.mktemp("video") / "camera.mp4"
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream("libx264", rate=RATE, options={"g": str(GOP), "bf": "2", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(RATE * SECONDS):
            picture = np.full((48, 64, 3), 10 + index, np.uint8)
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        sink.mux(stream.encode())
    return path


def play(video: Path, recorder: Recorder, events: dict[float, Any]) -> None:
    """Feeds the file; at each time of `events` says that something happened in the newest frame."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        recorder.begin(stream)
        due = dict(events)
        for packet in container.demux(stream):
            recorder.packet(packet)
            for at in [at for at in due if packet.pts is not None and packet.pts * packet.time_base >= at]:
                recorder.event(time.monotonic_ns(), due.pop(at))
    recorder.close()


def greys(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [round(f.to_ndarray(format="gray").mean()) for f in container.decode(video=0)]


def source_greys(video: Path) -> list[int]:
    return greys(video)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path / "clips", "door", Keep(free=0))


def test_a_clip_has_the_time_before_and_after(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=2.0, after=3.0))
    play(video, recorder, {10.0: None})
    [path] = recorder.written
    got, all_of_it = greys(path), source_greys(video)
    first = all_of_it.index(got[0])
    assert got == all_of_it[first : first + len(got)]  # the very same pictures
    assert 7.0 <= first / RATE <= 8.0  # from the key frame before
    assert 12.7 <= (first + len(got)) / RATE <= 13.4
    assert recorder.figures.clips == 1 and recorder.figures.lost == {}


def test_events_in_a_row_make_one_clip_until_it_is_too_long(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=1.0, after=2.0, longest=6.0))
    play(video, recorder, {4.0: None, 5.0: None, 6.0: None, 7.0: None, 8.0: None})
    assert recorder.figures.events == 5
    assert len(recorder.written) == 2
    long, rest = map(greys, recorder.written)
    assert 5.9 <= len(long) / RATE <= 6.6
    got, all_of_it = long + rest, source_greys(video)
    ends = [at for at in range(len(got), len(all_of_it)) if all_of_it[at - len(got) : at] == got]
    assert ends and 9.7 <= ends[0] / RATE <= 10.4  # no picture twice, none left out


def test_few_key_frames_and_many_events_write_each_picture_once(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "still.mp4"
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream("libx264", rate=RATE, options={"g": "80", "keyint_min": "80"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(200):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            sink.mux(stream.encode(picture))
        sink.mux(stream.encode())
    recorder = Recorder(store, Settings(before=1.0, after=2.0, longest=4.0))
    play(path, recorder, {n / 5: None for n in range(1, 100)})
    assert [len(greys(one)) for one in recorder.written] == [80, 80, 40]


def test_two_events_far_apart_make_two_clips(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=1.0, after=1.0))
    play(video, recorder, {4.0: None, 14.0: None})
    assert len(recorder.written) == 2
    assert len({path.name for path in recorder.written}) == 2


def test_a_snapshot_is_drawn(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings())
    play(video, recorder, {5.0: lambda path: path.write_bytes(b"picture")})
    assert [path.suffix for path in recorder.written].count(".jpg") == 1
    assert recorder.figures.snapshots == 1


def test_a_new_stream_ends_the_clip(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=1.0, after=60.0))
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        recorder.begin(stream)
        for packet in container.demux(stream):
            recorder.packet(packet)
        recorder.event(time.monotonic_ns())
        recorder.begin(stream)
        recorder.event(time.monotonic_ns())  # nothing of the new stream yet
    recorder.close()
    assert recorder.figures.clips == 1


def coded(index: int, key: bool, size: int = 10) -> Coded:
    return Coded(None, float(index), index, key, size)


def test_the_ring_begins_with_a_key_frame_and_keeps_its_seconds() -> None:
    ring = Ring(5.0, 1 << 20)
    ring.add(coded(0, False))
    assert len(ring) == 0
    for index in range(1, 40):
        ring.add(coded(index, index % 4 == 0 or index == 1))
    kept = [c.time for c in ring.since(0)]
    assert kept[0] % 4 == 0 and kept[0] <= 39 - 5 and kept[-1] == 39
    assert kept[0] > 39 - 5 - 4
    assert next(c.time for c in ring.since(37)) == 36
    assert ring.bytes == 10 * len(kept)


def test_the_ring_is_bounded_in_bytes() -> None:
    ring = Ring(1000.0, 100)
    for index in range(100):
        ring.add(coded(index, index % 3 == 0))
    assert ring.bytes <= 100 and ring.cut > 0
    assert next(iter(ring.since(0))).key


def files(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def named(index: int) -> str:
    return f"door-20260101-00000{index}.000.mp4"


def make_files(store: Store, count: int, size: int = 1000) -> None:
    for index in range(count):
        path = store.folder / named(index)
        path.write_bytes(b"x" * size)
        os.utime(path, (time.time() - 100 * (count - index),) * 2)


def test_the_oldest_files_go_by_size_and_age(tmp_path: Path) -> None:
    store = Store(tmp_path, "door", Keep(size=2500, free=0))
    make_files(store, 5)
    others = [f"door-back-{named(0)[5:]}", "other-1.mp4"]  # another sensor's, and somebody else's
    for name in others:
        (tmp_path / name).write_bytes(b"y" * 9000)
    assert store.room()
    assert files(store) == [named(3), named(4), *others]
    store.keep = Keep(age=150, free=0)
    assert store.room()
    assert files(store) == [named(4), *others]
    assert store.removed == 4


def test_room_is_made_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path, "door", Keep(free=1000))
    make_files(store, 3)

    def usage(folder: Path) -> Usage:
        used = sum(path.stat().st_size for path in Path(folder).iterdir())
        return Usage(3500, used, 3500 - used)

    monkeypatch.setattr("shutil.disk_usage", usage)
    assert store.room(500)
    assert files(store) == [named(1), named(2)]
    assert not store.room(5000)


def test_a_full_disk_costs_clips_and_nothing_else(
    video: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(0, 0, 0))
    store.keep = Keep(free=1)
    recorder = Recorder(store, Settings(before=1, after=1))
    play(video, recorder, {5.0: None, 15.0: None})
    assert recorder.figures.lost == {"disk full": 2}
    assert files(store) == []


def test_a_write_that_fails_leaves_no_half_file_and_the_next_clip_works(
    video: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = clip.Clip.write
    broken = iter([True] * 3)

    def write(self: clip.Clip, item: Coded) -> None:
        if next(broken, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        healthy(self, item)

    monkeypatch.setattr(clip.Clip, "write", write)
    recorder = Recorder(store, Settings(before=1, after=1))
    play(video, recorder, {3.0: None, 6.0: None, 9.0: None, 15.0: None})
    assert recorder.figures.lost == {"can't be written": 3}
    assert "No space left" in recorder.figures.last_error
    assert files(store) == [path.name for path in recorder.written]
    assert len(recorder.written) == 1


def test_a_clip_that_cannot_be_written_on_keeps_what_is_on_the_disk(
    video: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = clip._Disk.write
    room = [12_000]  # bytes

    def write(self: clip._Disk, data: Any) -> int:
        fits = bytes(data)[: room[0]]
        room[0] -= len(fits)
        healthy(self, fits)
        if len(fits) < len(data):
            self._error = OSError(errno.ENOSPC, "No space left on device")
        return len(data)

    monkeypatch.setattr(clip._Disk, "write", write)
    recorder = Recorder(store, Settings(before=2, after=15))
    play(video, recorder, {2.0: None})
    assert recorder.figures.lost["can't be written"] >= 1
    [kept] = recorder.written
    assert 5 < len(greys(kept)) < RATE * SECONDS
    assert files(store) == [kept.name]


def test_a_snapshot_that_cannot_be_drawn_costs_no_clip(video: Path, store: Store) -> None:
    def draw(path: Path) -> None:
        path.write_bytes(b"half a pic")
        raise OSError(errno.ENOSPC, "No space left on device")

    recorder = Recorder(store, Settings(before=1, after=1))
    play(video, recorder, {5.0: draw})
    assert [path.suffix for path in recorder.written] == [".mp4"]
    assert recorder.figures.lost == {"can't be written": 1} and files(store) == [recorder.written[0].name]


def test_files_get_old_where_nothing_happens(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgert.recorder.recorder.TIDY", 0.01)
    make_files(store, 3)
    store.keep = Keep(age=150, free=0)
    recorder = Recorder(store, Settings())
    until = time.monotonic() + 60
    while len(files(store)) > 1 and time.monotonic() < until:
        time.sleep(0.01)
    recorder.close()
    assert files(store) == [named(2)]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Raw(np.zeros((3, 1), np.uint8)), False),
        (Raw(np.array([[0], [1]], np.uint8)), True),
        (Raw(np.zeros((0, 1), np.uint8)), False),
        ([], False),
        (None, False),
    ],
)
def test_a_threshold_says_what_counts(answer: Any, says: bool) -> None:
    assert found(answer) == says


def test_what_a_killed_run_left_is_swept(tmp_path: Path, video: Path) -> None:
    half = named(1).replace(".mp4", ".part.mp4")
    (tmp_path / half).write_bytes(b"half")
    (tmp_path / f"door-back-{half[5:]}").write_bytes(b"being written for another sensor")
    (tmp_path / named(1)).write_bytes(b"whole")
    cut = named(2).replace(".mp4", ".part.mp4")
    whole = video.read_bytes()  # its index is at the end: of this half nothing can be played
    (tmp_path / cut).write_bytes(whole[: len(whole) // 2])
    assert files(Store(tmp_path, "door", Keep())) == [named(1), f"door-back-{half[5:]}"]


def test_what_can_be_played_of_a_killed_run_stays(tmp_path: Path, video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=1, after=8))
    play(video, recorder, {3.0: None})
    [whole] = recorder.written
    half = whole.with_name(whole.name.replace(".mp4", ".part.mp4"))
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    pictures = len(greys(whole))
    whole.unlink()
    Store(store.folder, "door", Keep())
    assert files(store) == [whole.name] and pictures // 2 < len(greys(whole)) < pictures


def test_a_recorder_that_comes_leaves_what_another_one_writes(video: Path, store: Store) -> None:
    recorder = Recorder(store, Settings(before=1, after=8))
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        recorder.begin(stream)
        for index, packet in enumerate(container.demux(stream)):
            recorder.packet(packet)
            if index == 30:
                recorder.event(time.monotonic_ns())
                until = time.monotonic() + 20
                while not (open_ones := list(store.folder.glob("*.part.mp4"))) and time.monotonic() < until:
                    time.sleep(0.01)
                Store(store.folder, "door", Keep())
                assert list(store.folder.glob("*.part.mp4")) == open_ones != []
    recorder.close()
    assert recorder.figures.clips == 1 and recorder.figures.lost == {}, recorder.figures
    [whole] = recorder.written
    assert files(store) == [whole.name] and len(greys(whole)) > 8 * RATE


def _write(picture: bytes, path: Path) -> None:
    path.write_bytes(picture)


def test_two_recorders_of_a_folder_begin_at_one_time(
    video: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgert.recorder.store.time.time", lambda: 1.8e9)
    other = Store(store.folder, "door", Keep(free=0))
    recorders = [Recorder(each, Settings(before=1, after=2)) for each in (store, other)]
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        for recorder in recorders:
            recorder.begin(stream)
        for index, packet in enumerate(container.demux(stream)):
            for number, recorder in enumerate(recorders):
                recorder.packet(packet)
                if index == 50:
                    recorder.event(time.monotonic_ns(), partial(_write, bytes([number])))
    for recorder in recorders:
        recorder.close()
    for recorder in recorders:
        assert (recorder.figures.clips, recorder.figures.snapshots, recorder.figures.lost) == (1, 1, {})
    made = [path for recorder in recorders for path in recorder.written]
    assert len({path.name for path in made}) == 4 and files(store) == sorted(path.name for path in made)
    clips = [path for path in made if path.suffix == ".mp4"]
    assert greys(clips[0]) == greys(clips[1]) and len(greys(clips[0])) > RATE
    pictures = [next(p for p in recorder.written if p.suffix == ".jpg") for recorder in recorders]
    assert [path.read_bytes() for path in pictures] == [b"\0", b"\1"]


def test_a_recorder_that_was_killed_holds_no_clip(tmp_path: Path, video: Path, store: Store) -> None:
    import subprocess
    import sys

    half = store.folder / named(1).replace(".mp4", ".part.mp4")
    program = (
        "import sys, time; from pathlib import Path; from edgert.recorder.clip import _Disk;"
        "disk = _Disk(Path(sys.argv[1])); disk.write(b'half'); print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(half)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"open\n"
        Store(store.folder, "door", Keep())
        assert files(store) == [half.name]  # another process writes it
        process.kill()
    Store(store.folder, "door", Keep())
    assert files(store) == []  # nothing of it can be played


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnavailableError, match="choose a folder that you may write to"):
        Store(tmp_path / "file" / "clips", "door", Keep())


BOX = """
kind: Sensor
name: door
source: {{type: video, path: {video}, speed: {speed}}}
---
{{kind: Application, name: shop}}
---
kind: Model
name: face
file: zoo:face-detection-short
input: {{image: {{size: 128, layout: nhwc, fit: stretch, range: [-1, 1]}}}}
---
kind: Pipeline
name: faces
application: shop
sensor: door
rate: 1fps
steps: [{{name: face, model: face}}]
sinks:
  - {{type: record, folder: clips, before: 1s, after: 3s, snapshot: true, keep: {{size: 1GB, free: 0B}}}}
"""


def test_a_document_records_what_it_found(video: Path, tmp_path: Path) -> None:
    import edgert

    (tmp_path / "box.yaml").write_text(BOX.format(video=video, speed="original"))
    with edgert.Runtime(tmp_path / "box.yaml") as runtime:
        time.sleep(4)
        runtime.stop()
        [figures] = runtime.metrics()["sinks"]
    clips = sorted((tmp_path / "clips").glob("door-*.mp4"))
    pictures = sorted((tmp_path / "clips").glob("door-*.jpg"))
    assert figures["clips"] == len(clips) == 1 and figures["lost"] == {}, figures
    assert figures["snapshots"] == len(pictures) == 1
    # The stop cuts packets in their order of coding: the last picture may come without the two B-frames
    # that are shown before it.
    got, whole = greys(clips[0])[:-1], source_greys(video)
    assert got == whole[whole.index(got[0]) :][: len(got)] and len(got) > 2 * RATE
    with av.open(str(pictures[0])) as picture:
        assert picture.streams.video[0].width == 64


@pytest.mark.parametrize(
    ("sink", "text"),
    [
        ("{type: record, folder: c, when: nose}", "there is no output 'nose'"),
        ("{type: record, folder: c, clips: false}", "it would record nothing"),
        ("{type: record, folder: c, keep: {size: 2 parsec}}", "unknown unit 'parsec'"),
        ("{type: record}", "folder"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(video: Path, tmp_path: Path, sink: str, text: str) -> None:
    from edgert.documents import load
    from edgert.documents.errors import DocumentErrors

    box = BOX.format(video=video, speed="max").split("sinks:")[0] + f"sinks:\n  - {sink}\n"
    (tmp_path / "box.yaml").write_text(box)
    with pytest.raises(DocumentErrors, match=text) as caught:
        load(tmp_path / "box.yaml")
    assert "box.yaml:" in str(caught.value)


def test_a_sensor_without_an_encoded_stream_has_no_clips(tmp_path: Path) -> None:
    from edgert.documents import load
    from edgert.documents.errors import DocumentErrors

    box = BOX.format(video="x", speed="max").replace(
        "type: video, path: x, speed: max", "type: synthetic, pattern: noise"
    )
    (tmp_path / "box.yaml").write_text(box)
    with pytest.raises(DocumentErrors, match="synthetic sensors have no encoded stream to keep"):
        load(tmp_path / "box.yaml")


def test_a_folder_that_cannot_be_written_ends_the_start_and_leaves_no_thread(
    video: Path, tmp_path: Path
) -> None:
    import threading

    import edgert

    (tmp_path / "clips").write_text("in the way")
    (tmp_path / "box.yaml").write_text(BOX.format(video=video, speed="max"))
    before = threading.active_count()
    runtime = edgert.Runtime(tmp_path / "box.yaml")
    with pytest.raises(UnavailableError, match="choose a folder"):
        runtime.start()
    assert threading.active_count() == before


def test_a_codec_that_mp4_has_no_place_for_goes_into_matroska(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "old.avi"
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream("msmpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(40):
            picture = np.full((48, 64, 3), 10 + index, np.uint8)
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        sink.mux(stream.encode())
    recorder = Recorder(store, Settings(before=1.0, after=1.0))
    play(path, recorder, {2.0: None})
    [clip_path] = recorder.written
    assert clip_path.suffix == ".mkv"
    got, whole = greys(clip_path), greys(path)
    assert got == whole[whole.index(got[0]) :][: len(got)] and len(got) > RATE
