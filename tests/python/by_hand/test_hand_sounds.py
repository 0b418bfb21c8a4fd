"""Voice activity, sound events and the watch by edgert and by hand in onnxruntime: the same answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

soundfile = pytest.importorskip("soundfile")

import hand_sound as sound  # noqa: E402
from hand_engines import Seen, onnx, run, zoo  # noqa: E402

HEARD = """
kind: Sensor
name: %s
source: {type: audio, path: zoo:%s, speed: max}
---
kind: Pipeline
name: heard
sensor: %s
steps:
"""
VOICE = HEARD % (("speech", "speech-sense", "speech")) + "  - {name: voice, model: zoo:silero-vad}\n"
SOUNDS = (
    HEARD % ("street", "street-recording", "street")
    + """
  - {name: sounds, model: zoo:yamnet}
  - {name: bell, model: zoo:yamnet-bicycle-bell, from: sounds.embedding}
outputs: [sounds, bell]
"""
)
WATCH = """
kind: Sensor
name: watch
source: {type: table, path: zoo:basic-motions-test, columns: [ax, ay, az, gx, gy, gz], rate: 10, rows: 7,
  speed: max}
---
kind: Pipeline
name: wearer
sensor: watch
steps:
  - {name: activity, model: zoo:activity-classifier}
"""


def each_window(results: list[Seen], output: str) -> tuple[list[Any], list[Any]]:
    """The arrays of all windows, and [begin, end] of each, in seconds."""
    arrays, times = [], []
    for seen in results:
        for row, array in seen.outputs[output]:
            arrays.append(array)
            times.append(seen.rows[output][row])
    return arrays, times


def recording(name: str) -> Any:
    samples, rate = soundfile.read(zoo(name), dtype="float32")
    assert rate == sound.RATE
    return samples


def test_voice_with_its_state_carried(tmp_path_factory: pytest.TempPathFactory) -> None:
    signal = np.concatenate([np.zeros(64, np.float32), recording("speech-sense")])
    state: Any = np.zeros((2, 1, 128), np.float32)
    wanted = []
    for window in sound.windows(signal, 576, 512):
        out, state = onnx("silero-vad", input=window[None], state=state, sr=np.array(16000, np.int64))
        wanted.append(out.item())
    zoo("silero-vad")
    seen = run(tmp_path_factory.mktemp("voice"), VOICE)["default/heard"]
    said, times = each_window(seen, "voice")
    assert len(said) == len(wanted) > 200 and max(wanted) > 0.9 > 0.1 > min(wanted)
    np.testing.assert_allclose(np.ravel(said), wanted, atol=1e-5)
    begins = (np.arange(len(wanted)) * 512 - 64) / sound.RATE
    np.testing.assert_allclose(times, np.column_stack([begins, begins + 576 / sound.RATE]), atol=1e-6)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    for name in ("yamnet", "yamnet-bicycle-bell", "street-recording", "yamnet-labels"):
        zoo(name)
    return run(tmp_path_factory.mktemp("street"), SOUNDS)["default/heard"]


@pytest.fixture(scope="module")
def by_hand() -> list[tuple[Any, Any]]:
    """YAMNet's scores [521] and embedding [1, 1024] of each window."""
    patches = sound.windows(recording("street-recording"), 15600, 7680)
    mels = (sound.yamnet_log_mel(patch).astype(np.float32) for patch in patches)
    out = [onnx("yamnet", log_mel=one[None]) for one in mels]
    return [(scores[0], embedding) for scores, embedding in out]


def test_sounds(street: list[Seen], by_hand: list[tuple[Any, Any]]) -> None:
    said, times = each_window(street, "sounds")
    assert len(said) == len(by_hand) > 100
    assert [begin for begin, _ in times] == pytest.approx([0.48 * i for i in range(len(times))], abs=1e-6)
    for rows, (scores, _) in zip(said, by_hand, strict=True):
        wanted = [index for index in np.argsort(-scores, kind="stable")[:5] if scores[index] >= 0.1]
        assert rows[:, 0].tolist() == wanted
        np.testing.assert_allclose(rows[:, 1], scores[wanted], atol=2e-4)


def test_bells(street: list[Seen], by_hand: list[tuple[Any, Any]]) -> None:
    wanted = [onnx("yamnet-bicycle-bell", embeddings=embedding)[0].item() for _, embedding in by_hand]
    said, _ = each_window(street, "bell")
    np.testing.assert_allclose(np.ravel(said), wanted, atol=1e-4)
    assert max(wanted) > 0.9


def test_activities(tmp_path_factory: pytest.TempPathFactory) -> None:
    zoo("activity-classifier")
    lines = zoo("basic-motions-test").read_text().split("@data")[1].split()
    cases = [line.split(":") for line in lines]
    seen = run(tmp_path_factory.mktemp("watch"), WATCH)["default/wearer"]
    said, _ = each_window(seen, "activity")
    assert len(said) == len(cases) == 40  # ten seconds each: one window
    kinds = ["Standing", "Running", "Walking", "Badminton"]
    right = 0
    for rows, case in zip(said, cases, strict=True):
        window = np.array([[float(number) for number in column.split(",")] for column in case[:6]]).T
        (wanted,) = onnx("activity-classifier", window=window[None].astype(np.float32))
        assert rows[:, 0].tolist() == np.argsort(-wanted[0], kind="stable").tolist()
        np.testing.assert_allclose(rows[:, 1], np.sort(wanted[0])[::-1], atol=1e-5)
        right += kinds[int(rows[0, 0])].lower() == case[6].lower()
    assert right >= 38
