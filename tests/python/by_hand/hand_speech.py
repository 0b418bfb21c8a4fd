"""Words spoken by Debian's flite and espeak-ng, as sound files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]

FLITE = ("slt", "rms", "awb", "kal")
ESPEAK = ("en-us", "en-us+f3", "en-gb", "en-gb+f2", "en-gb-scotland", "en-us+m3")
PAUSE = 0.8  # s of silence around a word


def voices() -> list[tuple[str, str]]:
    """Program and voice. Without both programs the test is skipped."""
    for program in ("flite", "espeak-ng"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {program}")
    return [("flite", voice) for voice in FLITE] + [("espeak-ng", voice) for voice in ESPEAK]


def speak(program: str, voice: str, text: str, folder: Path) -> tuple[Array, int]:
    """The samples as int16, and their rate: 8000 or 16000 by flite, 22050 by espeak-ng."""
    import soundfile

    path = folder / "said.wav"
    if program == "flite":
        command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
    else:
        command = ["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), text]
    subprocess.run(command, check=True, capture_output=True)
    samples, rate = soundfile.read(path, dtype="int16")
    return samples, rate


def said(program: str, voice: str, texts: list[str], folder: Path) -> Path:
    """A WAV file of these texts one after the other, with silence around each."""
    import soundfile

    parts = []
    for text in texts:
        samples, rate = speak(program, voice, text, folder)
        quiet = np.random.default_rng(1).integers(-3, 4, round(PAUSE * rate)).astype(np.int16)
        parts += [quiet, samples, quiet]
    path = folder / f"{program}-{voice}.wav"
    soundfile.write(path, np.concatenate(parts), rate, subtype="PCM_16")
    return path
