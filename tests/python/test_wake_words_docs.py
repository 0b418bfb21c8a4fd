"""docs/wake-words.md, run as it stands: its commands, its documents, its program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from edgert import zoo
from edgert.runtime import Runtime

PAGE = (Path(__file__).parents[2] / "docs" / "wake-words.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```(?:yaml|python)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
WORDS = ["nabu", "alexa", "jarvis"]


def commands(begin: str) -> list[str]:
    """The lines of the page's shell that begin so."""
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).splitlines()
    return [line for line in lines if line.startswith(begin)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files, and what its commands speak."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: apt-get install flite")
    for name in sorted(set(re.findall(r"model: zoo:([\w-]+)", PAGE))):
        if not zoo.cached(name):
            pytest.skip(f"zoo:{name} is not in the cache")
    made = tmp_path_factory.mktemp("page")
    for name, text in FILES.items():
        (made / name).write_text(text)
    for line in [*commands("printf"), *commands("flite")]:
        subprocess.run(["sh", "-c", line], cwd=made, check=True, capture_output=True)
    return made


def test_the_program_says_when_each_word_was_spoken(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "wake.py"], cwd=folder, check=True, capture_output=True, text=True, timeout=120
    )
    said = [line.split(": ")[1].split(",")[0] for line in done.stdout.splitlines()]
    assert said == WORDS
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert [line.split(": ")[1].split(",")[0] for line in shown.splitlines()] == WORDS
    times = [float(line.split()[0]) for line in done.stdout.splitlines()]
    assert times == pytest.approx([float(line.split()[0]) for line in shown.splitlines()], abs=0.3)


def test_the_command_writes_firings_as_the_page_shows_them(folder: Path) -> None:
    [line] = commands("edgert run listen.yaml")
    command = [sys.executable, "-m", "edgert", *line.split()[1:], "--quiet"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    fired = [row for result in results for row in result["answers"]["nabu"] or () if row["answer"]["fired"]]
    [shown] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert fired and set(fired[0]) == set(json.loads(shown))
    assert all(row["answer"]["probability"] > 0.85 for row in fired)


def answers(folder: Path, name: str, pipeline: str, step: str) -> Any:
    runtime = Runtime(folder / name, lanes=1)
    results = runtime.results(pipeline, timeout=60)  # before the start: none is missed
    with runtime:
        return [row for result in results for row in result.answers[step] or ()]


def test_what_follows_listens_only_behind_the_word(folder: Path) -> None:
    sounds = answers(folder, "after.yaml", "after", "sounds")
    assert 1 <= len(sounds) < 12
    assert all(row.place[1] > 1.0 for row in sounds)


def test_another_cutoff_hears_more(folder: Path) -> None:
    text = (folder / "listen.yaml").read_text() + "---\n" + FILES["jarvis.yaml"]
    (folder / "soon.yaml").write_text(text.replace("zoo:wake-hey-jarvis}", "jarvis-soon}"))
    soon = answers(folder, "soon.yaml", "wake", "jarvis")
    strict = answers(folder, "listen.yaml", "wake", "jarvis")
    assert [row.reading.value for row in soon] == [row.reading.value for row in strict]
    fired = [sum(row.reading.fired for row in rows) for rows in (soon, strict)]
    assert fired[0] > fired[1] >= 1
