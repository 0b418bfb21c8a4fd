"""The Python examples run as they stand, and find what is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from edgert import zoo

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"
NEEDS = {
    "read_results.py": ("street-camera", "ssd-mobilenetv2-oidv4", "ssd-mobilenetv2-oidv4-labels"),
    "push_frames.py": ("astronaut", "face-detection-short"),
    "build_documents.py": ("speech-sense", "silero-vad", "yamnet"),
}


def said_by(name: str, *arguments: str) -> str:
    """What an example prints; skipped where its models aren't here."""
    pytest.importorskip("av")
    if missing := [need for need in NEEDS[name] if not zoo.cached(need)]:
        pytest.skip(f"not in the cache: edgert zoo get {' '.join(missing)}")
    done = subprocess.run([sys.executable, EXAMPLES / name, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_tested() -> None:
    assert {file.name for file in EXAMPLES.glob("*.py")} == NEEDS.keys()


def test_reading_results() -> None:
    said = said_by("read_results.py", str(EXAMPLES / "box.yaml"), "2")
    assert re.search(r"[1-9] people .* ms  \[\[", said)
    ran, asked = map(int, re.search(r"ran (\d+) times, for (\d+) that", said).groups())
    assert 0 < ran < asked
    assert re.search(r"seen close by: \{'Person': \d+", said)


def test_pushing_frames() -> None:
    lines = said_by("push_frames.py", "5").splitlines()
    assert len(lines) == 5
    assert all(re.match(r"picture \d, from x \d+: 0\.\d\d at \[", line) for line in lines[:3])
    assert lines[4] == "picture 4, from x 256: no face"


def test_building_documents() -> None:
    said = said_by("build_documents.py", "10")
    assert "refused, as it should be: Pipeline/sounds: above is 7" in said
    assert re.search(r"s  Speech \(0\.\d\d\)|s  Speech \(1\.00\)", said)
    opened, closed = map(int, re.search(r"(\d+) chunks with the gate open, (\d+) with", said).groups())
    assert opened > closed > 0
