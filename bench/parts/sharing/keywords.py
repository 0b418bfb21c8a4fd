"""Trains the keyword heads of bench/sharing.py: logistic regressions on embeddings of synthetic speech.

Debian's espeak-ng and flite speak ten words with several voices; each head tells its word from the others.
Needs both programs (apt-get install espeak-ng flite). What was trained is kept in the cache.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from common import say
from edgert import load

from parts.sharing.models import EMBEDDINGS, MEL_STEP, MEL_WINDOW, SAMPLES, SIZE, folder, keyword_head

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HEADS = WORDS[:6]
ESPEAK = [
    f"{voice}+{kind}" for voice in ("en", "en-us", "en-gb-x-rp") for kind in ("m1", "m3", "m5", "f2", "f4")
]
FLITE = ("slt", "rms", "awb", "kal16")
HELD_OUT = ("f4", "rms")
RATE = 16000
STEPS, RIDGE = 400, 0.2


def train() -> dict[str, float]:
    """Makes the heads, unless they are there, and says how much they tell right of what is new to them."""
    scores = folder() / "keywords.npy"
    if scores.exists() and all((folder() / f"keyword-{word}.onnx").exists() for word in HEADS):
        return {"held_out_accuracy": float(np.load(scores))}
    for program in ("espeak-ng", "flite"):
        if shutil.which(program) is None:
            raise SystemExit(f"bench/sharing.py: {program} isn't installed; apt-get install espeak-ng flite")
    say("training keyword heads on synthetic speech …")
    features, words, held = _spoken()
    mean, deviation = features[~held].mean(0), features[~held].std(0) + 1e-3
    scaled = (features - mean) / deviation
    guesses = []
    for word in HEADS:
        weight, bias = _logistic(scaled[~held], np.array([each == word for each in words])[~held])
        guesses.append(scaled[held] @ weight + bias)
        keyword_head(word, weight / deviation, bias - float(mean @ (weight / deviation)))
    wanted = np.array([[each == word for word in HEADS] for each in words])[held]
    right = float(((np.stack(guesses, 1) > 0) == wanted).mean())
    np.save(scores, right)
    return {"held_out_accuracy": right}


def _logistic(x: Any, y: Any) -> tuple[Any, float]:
    """Weights of a logistic regression with a ridge penalty, by gradient descent with momentum; the few
    examples of the word weigh as much as all others."""
    weight, bias = np.zeros(x.shape[1]), 0.0
    speed, lean = np.zeros_like(weight), 0.0
    balance = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    for _ in range(STEPS):
        off = balance * (1 / (1 + np.exp(-(x @ weight + bias))) - y) / len(y)
        speed = 0.9 * speed - 0.02 * (x.T @ off + RIDGE * weight)
        lean = 0.9 * lean - 0.02 * off.sum()
        weight, bias = weight + speed, bias + lean
    return weight, float(bias)


def _spoken() -> tuple[Any, list[str], Any]:
    """Features of each spoken word, the words, and which were held out."""
    mel, embedding = load("zoo:keyword-melspectrogram").session(), load("zoo:keyword-embedding").session()
    random = np.random.default_rng(0)
    features, words, held = [], [], []
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "word.wav"
        for word in WORDS:
            for voice in (*ESPEAK, *FLITE):
                _say(word, voice, file)
                sound = _placed(file, random)
                spectrum = np.squeeze(mel.run((sound * 32767)[None])["output"]) / 10 + 2
                starts = range(0, MEL_STEP * EMBEDDINGS, MEL_STEP)
                patches = np.stack([spectrum[at : at + MEL_WINDOW] for at in starts])[..., None]
                features.append(embedding.run(np.ascontiguousarray(patches))["conv2d_19"].reshape(-1))
                words.append(word)
                held.append(voice.endswith(HELD_OUT))
    assert features[0].size == EMBEDDINGS * SIZE
    return np.stack(features).astype(np.float64), words, np.array(held)


def _say(word: str, voice: str, file: Path) -> None:
    if voice in FLITE:
        subprocess.run(
            ["flite", "-voice", voice, "-t", word, "-o", str(file)], check=True, capture_output=True
        )
    else:
        subprocess.run(["espeak-ng", "-v", voice, "-w", str(file), word], check=True, capture_output=True)


def _placed(file: Path, random: Any) -> Any:
    """The word at the end of a head's window, at 16 kHz, in a little noise."""
    sound, rate = soundfile.read(str(file), dtype="float32")
    sound = np.interp(np.arange(0, len(sound), rate / RATE), np.arange(len(sound)), sound)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1][: SAMPLES - 6000]
    sound *= random.uniform(0.2, 0.9) / np.abs(sound).max()
    made = random.normal(0, 0.002, SAMPLES)
    begin = SAMPLES - 4000 - len(sound) + int(random.integers(-1500, 1500))
    made[begin : begin + len(sound)] += sound
    return made.astype(np.float32)
