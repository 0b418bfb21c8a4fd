"""Sources of sound and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.errors import InvalidError, UnavailableError
from edgert.sources import open_source, probe_format

soundfile = pytest.importorskip("soundfile")


def read(base: Path, **source: Any) -> list[Any]:
    return list(open_source(source, base).frames())


@pytest.fixture
def tone(tmp_path: Path) -> np.ndarray[Any, Any]:
    """Two channels, 1 s at 8 kHz, as tmp_path/tone.wav and .flac."""
    samples = np.random.default_rng(1).integers(-32768, 32767, (8000, 2)).astype(np.int16)
    for ending in ("wav", "flac"):
        soundfile.write(tmp_path / f"tone.{ending}", samples, 8000, subtype="PCM_16")
    return samples


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_sound_comes_in_chunks_sample_for_sample(tmp_path: Path, tone: Any, ending: str) -> None:
    chunks = read(tmp_path, type="audio", path=f"tone.{ending}", chunk=0.03)
    assert {len(chunk.array) for chunk in chunks[:-1]} == {240}
    whole = np.concatenate([chunk.array for chunk in chunks])
    assert whole.dtype == np.float32 and np.array_equal(whole * 32768, tone)
    assert np.allclose([chunk.media_time for chunk in chunks], np.arange(len(chunks)) * 0.03)
    form = probe_format({"type": "audio", "path": f"tone.{ending}", "chunk": 0.03}, tmp_path)
    assert form == {"kind": "audio", "rate": 8000, "channels": 2, "dtype": "float32", "max_chunk": 240}


def test_sound_loops_with_a_gap(tmp_path: Path, tone: Any) -> None:
    source = open_source({"type": "audio", "path": "tone.wav", "chunk": 0.5, "loop": True}, tmp_path)
    chunks = [chunk for chunk, _ in zip(source.frames(), range(5), strict=False)]
    source.close()
    assert [chunk.gap for chunk in chunks] == [False, False, True, False, True]
    assert [chunk.media_time for chunk in chunks] == [0, 0.5, 1, 1.5, 2]


def test_the_sound_of_a_video_is_read_by_ffmpeg(tmp_path: Path, tone: Any) -> None:
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    chunks = read(tmp_path, type="audio", path="a.mkv", chunk=0.05)
    assert np.array_equal(np.concatenate([chunk.array for chunk in chunks]) * 32768, tone)
    assert max(len(chunk.array) for chunk in chunks) <= 400


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF and then nothing")
    (tmp_path / "bad.mp4").write_bytes(b"nothing at all")
    for name in ("bad.wav", "bad.mp4"):
        with pytest.raises(InvalidError, match=f"{name}: can't be read as sound"):
            probe_format({"type": "audio", "path": name}, tmp_path)


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("wav", "ends after 0.5 s, but says that it has 1.0 s; the file is cut off"),
        ("flac", "can't be decoded from 0.* s on"),
    ],
)
def test_a_sound_file_that_is_cut_off_is_told(tmp_path: Path, tone: Any, ending: str, said: str) -> None:
    whole = (tmp_path / f"tone.{ending}").read_bytes()
    (tmp_path / f"cut.{ending}").write_bytes(whole[: len(whole) // 2])
    frames = open_source({"type": "audio", "path": f"cut.{ending}", "chunk": 0.05}, tmp_path).frames()
    came: list[Any] = []
    with pytest.raises(InvalidError, match=f"cut.{ending}: {said}"):
        came.extend(frames)
    assert sum(len(chunk.array) for chunk in came) / 8000 <= 0.5


def test_a_wav_that_was_written_as_a_stream_has_no_length(tmp_path: Path, tone: Any) -> None:
    whole = bytearray((tmp_path / "tone.wav").read_bytes())
    for unknown in (0xFFFFFFFF, 0x80000000, 0x7FFFF000):
        whole[40:44] = unknown.to_bytes(4, "little")
        (tmp_path / "stream.wav").write_bytes(whole)
        assert sum(len(chunk.array) for chunk in read(tmp_path, type="audio", path="stream.wav")) == 8000


def test_a_microphone_that_is_not_there_is_named() -> None:
    microphone = open_source({"type": "microphone", "device": "no such microphone", "rate": 16000.0})
    assert microphone.probe()["rate"] == 16000
    with pytest.raises(UnavailableError, match="no such microphone"):
        next(iter(microphone.frames()))
    microphone.close()


def test_csv_columns_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t,x,y,label\n0,1,2,a\n1,3,4,b\n2,5,,c\n")
    source = {
        "type": "table",
        "path": "a.csv",
        "columns": ["y", "x"],
        "rate": 2.0,
        "rows": 2,
        "missing": "nan",
    }
    chunks = read(tmp_path, **source)
    assert np.array_equal(chunks[0].array, np.array([[2, 1], [4, 3]], np.float32))
    assert np.isnan(chunks[1].array[0, 0]) and chunks[1].media_time == 1.0
    assert probe_format(source, tmp_path) == {
        "kind": "table",
        "columns": ["y", "x"],
        "rate": 2.0,
        "max_rows": 2,
    }


@pytest.mark.parametrize(
    ("text", "columns", "match"),
    [
        ("x,y\n1,2\n3,oops\n", None, r"a.csv:3: 'oops' is no number"),
        ("x,y\n1,2\n3\n", None, r"a.csv:3: has 1 values, not 2"),
        ("x,y\n1,2\n", ["z"], r"a.csv:1: no column 'z'"),
        ("1,2\n3,4\n", None, r"a.csv:1: its first line has no column names"),
        ("x,y\n", None, r"has no rows"),
    ],
)
def test_what_is_wrong_with_a_csv_is_said_with_its_line(
    tmp_path: Path, text: str, columns: list[str] | None, match: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InvalidError, match=match):
        probe_format({"type": "table", "path": "a.csv", "columns": columns}, tmp_path)


def test_ts_cases_are_recordings_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text("# c\n@classLabel true up down\n@data\n1,2,3:4,5,6:up\n7,8,9:1,1,1:down\n")
    chunks = read(tmp_path, type="table", path="a.ts", columns=["a", "b"], rate=10.0)
    assert np.array_equal(
        np.concatenate([c.array for c in chunks]), [[1, 4], [2, 5], [3, 6], [7, 1], [8, 1], [9, 1]]
    )
    assert [chunk.gap for chunk in chunks] == [False, False, False, True, False, False]
    two = read(tmp_path, type="table", path="a.ts", recordings=[1, 0, 1])
    assert [chunk.array[0, 0] for chunk in two] == [7, 8, 9, 1, 2, 3, 7, 8, 9]
    with pytest.raises(InvalidError, match="there is no recording 2; it has 2"):
        probe_format({"type": "table", "path": "a.ts", "recordings": [2]}, tmp_path)
    with pytest.raises(InvalidError, match=r"a.ts:4: has 2 dimensions, but 1 columns are named"):
        probe_format({"type": "table", "path": "a.ts", "columns": ["a"]}, tmp_path)


def test_numpy_tables(tmp_path: Path) -> None:
    rows = np.arange(24, dtype=np.float64).reshape(2, 4, 3)
    np.savez(tmp_path / "a.npz", rows)
    np.save(tmp_path / "b.npy", rows[0])
    three = read(tmp_path, type="table", path="a.npz", rate=1.0, rows=4)
    assert np.array_equal(np.stack([chunk.array for chunk in three]), rows)
    assert len(read(tmp_path, type="table", path="b.npy", rate=1.0)) == 4
    np.save(tmp_path / "c.npy", np.array(["a"]))
    with pytest.raises(InvalidError, match=r"c\.npy: holds"):
        probe_format({"type": "table", "path": "c.npy"}, tmp_path)
