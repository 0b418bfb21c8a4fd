"""How a program ends that did not stop what runs: by itself, and never by the C++ runtime's terminate()."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import edgert
import pytest

BOX = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [a], rate: 10}}
---
kind: Pipeline
name: p
sensor: watch
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: made, transform: {python: "made.py:Dies", isolate: process, limit: LIMIT}, from: rows}
outputs: [rows, made]
"""
CODE = """
import os
from edgert.transforms import Output, Transform

class Dies(Transform):
    def format(self, inputs):
        return Output([1, 1])
    def run(self, rows):
        os._exit(7)
"""
HANGS = """
import os, time
from pathlib import Path
from edgert.transforms import Output, Transform

class Dies(Transform):
    def format(self, inputs):
        return Output([1, 1])
    def run(self, rows):
        place = Path(__file__).with_name("writing")
        place.write_text(str(os.getpid()))
        place.rename(place.with_name("process"))
        while True:
            time.sleep(1)
"""
# Whoever waits without the GIL asks for it while the interpreter ends, since that takes a while.
PROGRAM = """
import atexit, sys, threading, time
import numpy as np
import edgert, edgert.ending, edgert.transforms.host

class Slow:
    def __del__(self):
        time.sleep(0.5)

if "unwarned" in sys.argv:  # as if those that are to end before were late
    atexit.unregister(edgert.ending._stop_all)
    atexit.unregister(edgert.transforms.host._end_all)
slow = Slow()
runtime = edgert.Runtime(sys.argv[1])
seen = threading.Semaphore(0)
runtime.on_result(None, lambda result: (print(result.sequence, flush=True), seen.release()))
runtime.start()
for _ in range(3):
    runtime.push("watch", np.zeros((1, 1), np.float32))
    seen.acquire(timeout=60)
sys.kept = Slow()
"""


def start(tmp_path: Path, *more: str, code: str = CODE) -> subprocess.Popen[str]:
    (tmp_path / "box.yaml").write_text(BOX.replace("LIMIT", "1s" if code is CODE else "100s"))
    (tmp_path / "made.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(Path(edgert.__file__).parent.parent)}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "box.yaml"), *more]
    return subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests may run where it is ignored
    )


def gone(process: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_hangs_ends_with_its_program(tmp_path: Path, ending: int) -> None:
    """However the program ends, no process of a transform is left, hang as it may."""
    program = start(tmp_path, code=HANGS)
    place = tmp_path / "process"
    until = time.monotonic() + 60
    while not place.exists() and time.monotonic() < until:
        time.sleep(0.05)
    child = int(place.read_text())
    assert not gone(child)
    program.send_signal(ending)
    program.communicate(timeout=60)
    until = time.monotonic() + 60
    while not gone(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(child)


@pytest.mark.parametrize("more", [[], ["unwarned"]])
def test_a_program_that_stops_nothing_ends_well(tmp_path: Path, more: list[str]) -> None:
    program = start(tmp_path, *more)
    said, wrong = program.communicate(timeout=120)
    assert program.returncode == 0, wrong
    assert said.split() == ["0", "1", "2"]
    assert "terminate" not in wrong and "Fatal" not in wrong


def test_the_machine_may_sleep_while_a_program_ends(tmp_path: Path) -> None:
    """Stopped and continued again and again around its end: whatever waits for a time finds it passed."""
    program = start(tmp_path)
    assert program.stdout is not None
    assert [program.stdout.readline().strip() for _ in range(3)] == ["0", "1", "2"]
    while program.poll() is None:
        program.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        program.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    _, wrong = program.communicate(timeout=60)
    assert program.returncode == 0, wrong
    assert "terminate" not in wrong
