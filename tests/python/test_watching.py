"""`edgert run --watch`: documents change on disk while they run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from edgert import Runtime
from edgert.documents import read
from edgert.watching import Told, Watching, differences

PATIENCE = 30.0  # s
SENSOR = """---
kind: Sensor
name: camera
source: {type: synthetic, width: 64, height: 48, rate: 30}
"""
PIPELINE = """---
kind: Pipeline
name: %s
sensor: camera
steps: [{name: tensor, transform: image.to_tensor, params: {width: %d, height: 8}, from: frame}]
"""
MODEL = """---
kind: Model
name: echo
file: echo.null
input: {image: {range: [0, 1]}}
---
kind: Pipeline
name: asks
sensor: camera
steps: [{name: answer, model: echo}]
"""


def put(path: Path, text: str) -> None:
    """As editors do: another file takes its place."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.replace(path)


def until(holds: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Said:
    """What a process says on its standard error."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.text, self._process = "", process
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.text += line

    def waits_for(self, words: str) -> None:
        until(lambda: words in self.text or self._process.poll() is not None, f"{words!r} in {self.text!r}")
        assert words in self.text


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "a.yaml").write_text(SENSOR + PIPELINE % ("one", 8))
    return tmp_path / "box"


@pytest.fixture
def running(box: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    output = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "edgert", "run", "--watch", "--quiet", "-o", str(output), str(box)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    yield process, output
    process.kill()
    process.wait()


def pipelines(output: Path) -> dict[str, int]:
    """Results of each, by what was written so far."""
    counts: dict[str, int] = {}
    lines = output.read_text().splitlines() if output.exists() else []
    for line in lines[: len(lines) - 1]:  # the last one may be half written
        name = json.loads(line)["pipeline"]
        counts[name] = counts.get(name, 0) + 1
    return counts


def test_a_running_process_follows_its_documents(
    running: tuple[subprocess.Popen[str], Path], box: Path
) -> None:
    process, output = running
    said = Said(process)
    until(lambda: pipelines(output).get("one", 0) > 3, "the first results")
    put(box / "b.yaml", PIPELINE % ("two", 16))  # a file comes
    said.waits_for("deployed: plan 2")
    assert "new Pipeline/two" in said.text
    until(lambda: pipelines(output).get("two", 0) > 3, "results of the second pipeline")
    put(box / "b.yaml", (PIPELINE % ("two", 16)).replace("sensor: camera", "sensor: kamera"))
    said.waits_for("not deployed, and what ran goes on")
    assert "b.yaml:4: Pipeline/two: there is no Sensor 'kamera'" in said.text
    before = pipelines(output)
    until(lambda: all(pipelines(output)[name] > before[name] + 3 for name in before), "both go on")
    (box / "b.yaml").unlink()  # and goes
    said.waits_for("deployed: plan 3")
    assert "no Pipeline/two" in said.text
    before = pipelines(output)
    until(lambda: pipelines(output)["one"] > before["one"] + 3, "the first goes on")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    sequences = [json.loads(line) for line in output.read_text().splitlines()]
    ones = [row["sequence"] for row in sequences if row["pipeline"] == "one"]
    assert ones == sorted(set(ones))


def test_what_is_half_written_is_not_read(box: Path) -> None:
    told: list[Told] = []
    watching = Watching([box], told.append, every=0.2)
    with Runtime(box) as runtime:
        watching.start(runtime)
        whole = PIPELINE % ("two", 16)
        for end in range(0, len(whole), 12):  # changes all the time
            (box / "b.yaml").write_text(whole[:end])
            time.sleep(0.05)
        (box / "b.yaml").write_text(whole)
        until(lambda: told, "the change")
        watching.stop()
        assert [one.deployed for one in told] == [True] and "new Pipeline/two" in told[0].text
        assert runtime.pipelines == ["default/one", "default/two"]


def test_models_that_are_named_are_watched_and_what_says_the_same_is_not_deployed(tmp_path: Path) -> None:
    (tmp_path / "echo.null").write_text("input x float32 1x8x8x3\noutput y float32 1x8x8x3\necho\n")
    (tmp_path / "a.yaml").write_text(SENSOR + MODEL)
    told: list[Told] = []
    watching = Watching([tmp_path / "a.yaml"], told.append, every=0.05)
    with Runtime(tmp_path / "a.yaml") as runtime:
        watching.start(runtime)
        put(tmp_path / "a.yaml", "# a remark\n" + SENSOR + MODEL)
        put(tmp_path / "echo.null", "input x float32 1x9x9x3\noutput y float32 1x9x9x3\necho\n")
        until(lambda: told, "the model")
        assert told[0].deployed and "other file echo.null" in told[0].text, told
        put(tmp_path / "echo.null", "no model\n")
        until(lambda: len(told) == 2, "that it is wrong")
        assert not told[1].deployed and "echo.null" in told[1].text
        put(tmp_path / "echo.null", "input x float32 1x9x9x3\noutput y float32 1x9x9x3\necho\n")
        until(lambda: len(told) == 3, "that it is right again")
        assert told[2].deployed
        put(tmp_path / "a.yaml", SENSOR + MODEL)
        time.sleep(0.5)
        assert len(told) == 3  # a remark less
        os.utime(tmp_path / "a.yaml")
        time.sleep(0.3)
        watching.stop()
        assert len(told) == 3 and runtime.metrics()["deploy"]["generation"] == 3


QUICK = """
from edgert.policy import Decisions, Policy


class Own(Policy):
    def decide(self, now):
        return Decisions(note=%r)
"""


def test_a_policys_file_is_read_again(box: Path) -> None:
    (box / "own.py").write_text(QUICK % "first")
    (box / "p.yaml").write_text("{kind: Policy, name: own, policy: own.py:Own}\n")
    told: list[Told] = []
    watching = Watching([box], told.append, every=0.05)
    with Runtime(box) as runtime:

        def note() -> Any:
            row = runtime.metrics()["policy"]
            return row and row["note"]

        watching.start(runtime)
        until(lambda: note() == "first", "the first note")
        put(box / "own.py", QUICK % "second")
        until(lambda: note() == "second", f"the second note: {told}")
        watching.stop()
        assert told[0].deployed and told[0].text.endswith("other file own.py")


def test_differences_are_said_by_kind_and_name(box: Path) -> None:
    before = read(box)
    put(box / "a.yaml", SENSOR.replace("30", "20") + PIPELINE % ("two", 8))
    assert differences(before, read(box)) == ["other Sensor/camera", "new Pipeline/two", "no Pipeline/one"]


def test_a_trace_is_of_one_plan(box: Path) -> None:
    testing = pytest.importorskip("click.testing")
    from edgert.cli import main

    said = testing.CliRunner().invoke(main, ["run", "--watch", "--trace", "t.json", str(box)])
    assert said.exit_code == 2 and "leave --trace or --watch out" in said.output
