"""What a change takes, in documents and in a program written by hand.

    cd bench && python -m parts.ablation.effort

Two applications on one camera, as documents (changes/box) and as a program with OpenCV and ONNX
Runtime (by_hand.py). Each change is a patch of both (changes/CHANGE.{box,by_hand}.patch),
applied in a folder of its own and run there by the commands below; the answers of both are compared.
Counted are the lines that a change writes (new or different ones, without blank ones), the lines it
removes, the files it touches, and the commands until it runs.
"""

from __future__ import annotations

import difflib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import finish, say

from parts.tenants.work import camera_file

HERE = Path(__file__).parent
CHANGES = {
    "vision": "a quantised TFLite model of the camera, for another application",
    "sound": "a model of sounds, for another application",
    "camera": "another camera",
    "deadline": "one application's answers within a second, or none",
}
SIDES = {
    "box": ["python -m edgert run --quiet --output answers.jsonl box"],
    "by_hand": ["python by_hand.py answers.jsonl"],
}
FRAMES, SOUND = 24, 8  # of the camera; seconds of the microphone
WINDOWS = 0.48  # s from one window of sound to the next
ALIKE = 0.85
"""Answers with the same label, at least: the two resize differently, and scores of classes lie close."""

Answers = dict[tuple[str, int], str]


def effort() -> dict[str, Any]:
    """By change and side: lines, removed, files, commands; of the whole (`base`): lines."""
    figures: dict[str, Any] = {"base": {side: {"lines": _lines(_base(side))} for side in SIDES}}
    with tempfile.TemporaryDirectory() as folder:
        for change, words in {"base": "as it is", **CHANGES}.items():
            found: dict[str, Any] = {} if change == "base" else {"what": words}
            answers: dict[str, Answers] = {}
            for side in SIDES:
                place = _changed(Path(folder) / change / side, side, change)
                if change != "base":
                    found[side] = {**_counted(_base(side), _texts(place, side)), "commands": len(SIDES[side])}
                answers[side] = _run(place, side)
            found["same_answers"] = _compare(change, answers["box"], answers["by_hand"])
            say(f"  {change}: {found}")
            figures.setdefault(change, {}).update(found)
    return figures


def _base(side: str) -> dict[str, list[str]]:
    return _texts(HERE / "changes", side) if side == "box" else _read([HERE / "by_hand.py"])


def _texts(folder: Path, side: str) -> dict[str, list[str]]:
    return _read(sorted((folder / "box").glob("*.yaml")) if side == "box" else [folder / "by_hand.py"])


def _read(files: list[Path]) -> dict[str, list[str]]:
    return {file.name: file.read_text().splitlines() for file in files}


def _lines(texts: dict[str, list[str]]) -> int:
    return sum(bool(line.strip()) for text in texts.values() for line in text)


def _changed(place: Path, side: str, change: str) -> Path:
    """A folder with the changed side and what it reads."""
    place.mkdir(parents=True)
    if side == "box":
        shutil.copytree(HERE / "changes" / "box", place / "box")
    else:
        shutil.copy(HERE / "by_hand.py", place / "by_hand.py")
    if change != "base":
        patch = HERE / "changes" / f"{change}.{side}.patch"
        # Outside of any repository, else git would look for the files in that.
        here = {**os.environ, "GIT_CEILING_DIRECTORIES": str(place.parent)}
        subprocess.run(["git", "apply", str(patch)], cwd=place, env=here, check=True)
    _media(place / "box" if side == "box" else place)
    return place


def _media(folder: Path) -> None:
    import soundfile
    from edgert import zoo

    (folder / "camera.mp4").symlink_to(camera_file(FRAMES))
    (folder / "gate.avi").symlink_to(zoo.get("tree-camera"))
    samples, rate = soundfile.read(str(zoo.get("street-recording")), frames=SOUND * 16000, dtype="float32")
    soundfile.write(folder / "microphone.wav", samples, rate)


def _counted(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, int]:
    added = removed = files = 0
    for name, text in after.items():
        marks = [line[:1] for line in difflib.ndiff(before.get(name, []), text) if line[2:].strip()]
        added, removed = added + marks.count("+"), removed + marks.count("-")
        files += bool(marks.count("+") or marks.count("-"))
    return {"lines": added, "removed": removed, "files": files}


def _run(place: Path, side: str) -> Answers:
    for command in SIDES[side]:
        words = [sys.executable if word == "python" else word for word in shlex.split(command)]
        subprocess.run(words, cwd=place, check=True, stdout=subprocess.DEVNULL)
    answers: Answers = {}
    for line in (place / "answers.jsonl").read_text().splitlines():
        read = json.loads(line)
        for index, label in _of_box(read) if side == "box" else [(read["frame"], read["label"])]:
            if label is not None:
                answers[read["application"], index] = label
    return answers


def _of_box(line: dict[str, Any]) -> list[tuple[int, str | None]]:
    """The best label of each frame or window."""
    if line["outcome"] not in ("ok", "late"):
        return []
    (found,) = line["answers"].values()
    if found and "answer" in found[0]:
        return [
            (round(window["times"][0] / WINDOWS), window["answer"][0]["label"])
            for window in found
            if window["answer"]
        ]
    return [(line["sequence"], found[0]["label"])] if found else []


def _compare(change: str, ours: Answers, theirs: Answers) -> float:
    """The share of equal labels among those that both gave."""
    both = ours.keys() & theirs.keys()
    applications = {application for application, _ in ours.keys() | theirs.keys()}
    same = sum(ours[key] == theirs[key] for key in both) / max(1, len(both))
    missing = applications - {application for application, _ in both}
    if not both or same < ALIKE or (missing and change != "deadline"):  # which a slow box may miss
        raise SystemExit(f"{change}: {len(both)} answers of both sides, of which {same:.0%} are the same")
    return round(same, 3)


if __name__ == "__main__":
    finish(effort())
