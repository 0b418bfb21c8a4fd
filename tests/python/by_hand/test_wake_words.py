"""Wake words fire on spoken words and are silent on other speech, a street and noise; and say what the model
says when it is run by hand, with the features of TensorFlow's own frontend (pymicro-features)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

soundfile = pytest.importorskip("soundfile")

import hand_speech as speech  # noqa: E402
from hand_engines import run, zoo  # noqa: E402

WORDS = {"wake-okay-nabu": "okay nabu", "wake-alexa": "alexa", "wake-hey-jarvis": "hey jarvis"}
OTHER = ["what time is it in the garden", "please close the door behind you", "seven yellow birds are flying"]
LISTENING = """
kind: Sensor
name: microphone
source: {type: audio, path: %s, speed: max}
---
kind: Pipeline
name: listening
sensor: microphone
steps:
  - {name: wake-okay-nabu, model: zoo:wake-okay-nabu}
  - {name: wake-alexa, model: zoo:wake-alexa}
  - {name: wake-hey-jarvis, model: zoo:wake-hey-jarvis}
"""


def heard(folder: Path, sound: str | Path) -> dict[str, Any]:
    """For each word [k, 2] of probability and whether it fired, and [k, 2] of begin and end in seconds."""
    for name in WORDS:
        zoo(name)
    results = run(folder, LISTENING % sound)["default/listening"]
    return {
        name: (
            np.array([array for seen in results for _, array in seen.outputs[name]]),
            np.array([seen.rows[name][row] for seen in results for row, _ in seen.outputs[name]]),
        )
        for name in WORDS
    }


def events(fired: Any) -> int:
    """How often it began to fire."""
    return int(np.sum(np.diff(np.concatenate([[0], fired])) > 0))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Any]]:
    """What each voice's three words, and three other sentences, made of the models."""
    out = {}
    for program, voice in speech.voices():
        folder = tmp_path_factory.mktemp("said")
        path = speech.said(program, voice, [*WORDS.values(), *OTHER], folder)
        out[program, voice] = heard(folder, path)
    return out


def test_words_fire(spoken: dict[tuple[str, str], dict[str, Any]]) -> None:
    hits = {name: [events(of[name][0][:, 1]) for of in spoken.values()] for name in WORDS}
    for name, counts in hits.items():
        print(f"{name}: {sum(count > 0 for count in counts)} of {len(counts)} voices, {counts}")
    assert max(max(counts) for counts in hits.values()) <= 2
    for name, counts in hits.items():
        # "hey jarvis" knows few synthetic voices: its authors' package says the same (docs/wake-words.md).
        least = {"wake-okay-nabu": 8, "wake-alexa": 6, "wake-hey-jarvis": 2}[name]
        assert sum(count > 0 for count in counts) >= least, name


@pytest.mark.parametrize("name", ["street-recording", "speech-sense", "noise"])
def test_silent_on(name: str, tmp_path: Path) -> None:
    if name == "noise":
        rng = np.random.default_rng(5)
        loudness = np.repeat([0.001, 0.01, 0.1, 0.5], 16000 * 5)
        soundfile.write(tmp_path / "noise.wav", rng.uniform(-1, 1, len(loudness)) * loudness, 16000)
        path: str | Path = "noise.wav"
    else:
        path = zoo(name)
    for word, (rows, _) in heard(tmp_path, path).items():
        assert len(rows) > 100
        assert events(rows[:, 1]) == 0, f"{word} fired on {name}: {rows[:, 0].max():.3f}"


def test_two_streams_of_one_model_do_not_mix(tmp_path: Path) -> None:
    speech.voices()
    path = speech.said("flite", "slt", ["okay nabu"], tmp_path)
    rng = np.random.default_rng(6)
    soundfile.write(tmp_path / "noise.wav", rng.uniform(-0.1, 0.1, 16000 * 4), 16000)
    zoo("wake-okay-nabu")
    text = "".join(
        f"kind: Sensor\nname: {name}\nsource: {{type: audio, path: {file}, speed: max}}\n---\n"
        f"kind: Pipeline\nname: {name}\nsensor: {name}\n"
        "steps: [{name: wake, model: zoo:wake-okay-nabu}]\n---\n"
        for name, file in (("said", path), ("noise", "noise.wav"))
    )
    results = run(tmp_path, text)
    together = {
        name: np.array([a for seen in results[f"default/{name}"] for _, a in seen.outputs["wake"]])
        for name in ("said", "noise")
    }
    assert events(together["said"][:, 1]) == 1
    assert events(together["noise"][:, 1]) == 0
    alone, _ = heard(tmp_path, path)["wake-okay-nabu"]
    np.testing.assert_array_equal(together["said"], alone)


def test_the_manifest_is_in_the_document() -> None:
    from edgert.documents import load
    from edgert.documents.collection import ZOO_DOCUMENTS

    for name in WORDS:
        manifest = json.loads(zoo(f"{name}-parameters").read_text())["micro"]
        answer = load([ZOO_DOCUMENTS / f"{name}.yaml"]).model(name).answer
        assert answer.cutoff == manifest["probability_cutoff"]
        assert answer.average == manifest["sliding_window_size"]


def test_probabilities_are_those_by_hand(tmp_path: Path) -> None:
    features = pytest.importorskip("pymicro_features")
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    speech.voices()
    path = speech.said("flite", "slt", list(WORDS.values()), tmp_path)  # 16 kHz: nothing is resampled
    samples, _ = soundfile.read(path, dtype="int16")
    rows = reference_features(features, samples)
    for name, (got, times) in heard(tmp_path, path).items():
        engine = litert.Interpreter(str(zoo(name)))
        engine.allocate_tensors()
        (put,), (take,) = engine.get_input_details(), engine.get_output_details()
        scale, zero = put["quantization"]
        said = []
        for at in range(0, len(rows) - 2, 3):
            block = np.round(rows[at : at + 3] / scale + zero).clip(-128, 127).astype(np.int8)
            engine.set_tensor(put["index"], block[None])
            engine.invoke()
            said.append(float(engine.get_tensor(take["index"]).item()) / 256)
        mean = [0.0] * 4 + [float(np.mean(said[i : i + 5])) for i in range(len(said) - 4)]
        np.testing.assert_allclose(got[:, 0], mean, atol=1e-6)
        np.testing.assert_allclose(times[:3], [[0.03 * i, 0.03 * i + 0.05] for i in range(3)], atol=1e-6)


def reference_features(features: Any, samples: Any) -> Any:
    """[n, 40] of TensorFlow's frontend."""
    frontend, out, data = features.MicroFrontend(), [], samples.tobytes()
    at = 0
    while at + 320 <= len(data):
        step = frontend.process_samples(data[at : at + 320])
        at += 2 * step.samples_read
        if step.features:
            out.append(step.features)
    return np.array(out, np.float32)
