"""Policies that go wrong: the last good table stays, the reason is said, and nothing is left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.errors import InvalidError, NotFoundError

CLASSES = Path(__file__).with_name("policy_classes.py")
BOX = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 8, height: 6}}
inbox: {policy: block}
---
kind: Application
name: a
---
kind: Pipeline
name: one
application: a
sensor: camera
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, scale: 1.0}}]
"""
SOON = 60.0  # s: the machine may be busy


def wait_for(what: Callable[[], Any], seconds: float = SOON) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
    return found


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.yaml"
    path.write_text(BOX, encoding="utf-8")
    return path


@pytest.fixture
def runtime(box: Path) -> Iterator[Runtime]:
    with Runtime(box) as running:
        yield running


def row(runtime: Runtime) -> dict[str, Any]:
    found = runtime.metrics()["policy"]
    assert found is not None
    return dict(found)


def share(runtime: Runtime) -> float:
    return float(runtime.metrics()["pipelines"]["a/one"]["share"])


def set_class(runtime: Runtime, name: str, **options: Any) -> None:
    runtime.set_policy(f"{CLASSES}:{name}", period=0.02, **options)


def took(runtime: Runtime, frames: int) -> int:
    """How many of so many frames the pipeline takes."""
    before = runtime.metrics()["pipelines"]["a/one"]["passed_over"]
    for _ in range(frames):
        assert runtime.push("camera", np.zeros((6, 8, 3), np.uint8), timeout=30)
    passed_over = wait_for(lambda: _settled(runtime))["pipelines"]["a/one"]["passed_over"]
    return frames - int(passed_over - before)


def _settled(runtime: Runtime) -> dict[str, Any] | None:
    metrics = runtime.metrics()
    camera = metrics["sensors"]["camera"]
    return metrics if camera["waiting"] == camera["in_flight"] == 0 else None


FAULTS = {
    "Raises": ("raised", r"it raised KeyError: 'no such mood' at .*policy_classes.py:\d+"),
    "Sleeps": ("late", "longer than its limit of 0.2 s, and was killed"),
    "Spins": ("late", "longer than its limit of 0.2 s, and was killed"),
    "OtherType": ("refused", r"what decide\(\) returned is of the type dict, not Decisions"),
    "Nobody": (
        "refused",
        "pipelines names 'a/two', and there is no such name of a pipeline: there are a/one",
    ),
    "NotANumber": ("refused", "admit of 'a/one' is nan"),
    "TooMuch": ("refused", "admit of 'a/one' is 1.5; it may be 0 to 1"),
    "Changes": ("raised", "FrozenInstanceError"),
    "Floods": ("refused", "the table is too long"),
    "Exits": ("ended", "its process ended with code 7"),
    "Killed": ("ended", "its process was ended by signal 9"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_last_good_table_stays_and_the_reason_is_said(
    runtime: Runtime, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    kind, reason = FAULTS[name]
    set_class(runtime, name, limit=0.2)
    wait_for(lambda: row(runtime)["tables"] >= 1)
    wait_for(lambda: row(runtime)[kind] >= 1)
    wait_for(lambda: any(re.search(reason, record.message) for record in caplog.records))
    assert share(runtime) == 0.5
    assert took(runtime, 40) == 20
    page = runtime.prometheus()
    assert f'edgert_policy_{kind}_total{{policy="{CLASSES}:{name}"}}' in page
    wait_for(lambda: row(runtime)["restarts"] >= 1)  # it gets a new process, now or after five in a row
    assert share(runtime) == 0.5


@pytest.mark.parametrize(
    ("named", "error", "said"),
    [
        ("Unmakeable", InvalidError, "ValueError: wants a camera; give it one at .*policy_classes.py"),
        ("DiesEarly", InvalidError, "its process ended with code 3 before it was ready"),
        ("NoPolicy", InvalidError, "is no class derived from edgert.Policy"),
        ("Nowhere", InvalidError, "has no 'Nowhere'"),
    ],
)
def test_what_cannot_be_made_is_refused_and_the_one_before_goes_on(
    runtime: Runtime, named: str, error: type[Exception], said: str
) -> None:
    set_class(runtime, "Good")
    wait_for(lambda: row(runtime)["tables"])
    with pytest.raises(error, match=said):
        set_class(runtime, named)
    tables = row(runtime)["tables"]
    wait_for(lambda: row(runtime)["tables"] > tables)
    assert row(runtime)["name"].endswith(":Good") and share(runtime) == 0.5


def test_names_and_files_that_are_not_there(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"policy fifi: .*known are adaptive, .*; or write module:Class"):
        runtime.set_policy("fifi")
    with pytest.raises(InvalidError, match="there is no file"):
        runtime.set_policy(f"{tmp_path}/gone.py:Class")
    with pytest.raises(InvalidError, match="unexpected keyword argument 'calmness'"):
        runtime.set_policy("adaptive", params={"calmness": 1})
    with pytest.raises(InvalidError, match="period or limit is out of range"):
        runtime.set_policy("adaptive", period=0.0)
    assert runtime.metrics()["policy"] is None


def test_a_deleted_file_matters_only_to_a_new_process(runtime: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    shutil.copy(CLASSES, file)
    runtime.set_policy(f"{file}:Good", period=0.02)
    wait_for(lambda: row(runtime)["tables"])
    file.unlink()
    tables = row(runtime)["tables"]
    wait_for(lambda: row(runtime)["tables"] > tables + 3)
    os.kill(wait_for(lambda: only_child()), signal.SIGKILL)
    wait_for(lambda: "there is no file" in row(runtime)["problem"])
    assert share(runtime) == 0.5
    shutil.copy(CLASSES, file)
    wait_for(lambda: not row(runtime)["problem"])


def children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that just ended
            found += map(int, (task / "children").read_text().split())
    return found


def only_child() -> int | None:
    found = children()
    return found[0] if len(found) == 1 else None


def descriptors() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(os.readlink(entry))
        except OSError:
            continue  # the folder's own
    return sorted(
        name for name in found if "edgert-policy" in name or name.startswith(("socket", "anon_inode"))
    )


def test_many_swaps_leave_nothing_behind_and_lose_no_frame(box: Path) -> None:
    before = descriptors(), len(children()), threading.active_count()
    with Runtime(box) as runtime:
        stop = threading.Event()
        pushed = [0]

        def push() -> None:
            while not stop.is_set():
                assert runtime.push("camera", np.zeros((6, 8, 3), np.uint8), timeout=30)
                pushed[0] += 1
                time.sleep(0.001)

        thread = threading.Thread(target=push)
        thread.start()
        for index in range(6):
            set_class(runtime, ("Good", "Whole", "Raises")[index % 3])
            assert len(children()) == 1
        set_class(runtime, "Spins", limit=0.05)
        runtime.set_policy(None)
        assert runtime.metrics()["policy"] is None and share(runtime) == 1.0
        stop.set()
        thread.join()
        metrics = wait_for(lambda: _settled(runtime))["pipelines"]["a/one"]
        assert metrics["results"] + metrics["passed_over"] == pushed[0]
        set_class(runtime, "Spins", limit=0.05)
        wait_for(lambda: row(runtime)["calls"] > 2)
    assert (descriptors(), len(children()), threading.active_count()) == before


def test_swaps_by_several_threads_come_one_after_the_other(runtime: Runtime) -> None:
    threads = [threading.Thread(target=set_class, args=(runtime, name)) for name in ("Good", "Whole", "Good")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(children()) == 1
    wait_for(lambda: row(runtime)["tables"])


def test_a_start_that_cannot_make_its_policy_leaves_nothing(box: Path) -> None:
    before = descriptors(), len(children())
    runtime = Runtime(box, policy=f"{CLASSES}:Unmakeable")
    with pytest.raises(InvalidError, match="wants a camera"):
        runtime.start()
    assert (descriptors(), len(children())) == before


PARENT = """
import sys, time, edgert
runtime = edgert.Runtime(sys.argv[1]).start()
runtime.set_policy(sys.argv[2], params={"file": sys.argv[3]}, limit=100)
time.sleep(600)
"""


@pytest.mark.parametrize("name", ["Tells", "TellsAndSpins"])
def test_the_process_ends_with_the_runtime_however_that_dies(box: Path, tmp_path: Path, name: str) -> None:
    told = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(box), f"{CLASSES}:{name}", str(told)])
    try:
        pid = int(wait_for(lambda: told.exists() and told.read_text()))
        assert Path(f"/proc/{pid}").exists()
        assert os.getpriority(os.PRIO_PROCESS, pid) == 19
        assert Path(f"/proc/{pid}/oom_score_adj").read_text().strip() == "1000"
    finally:
        parent.kill()
        parent.wait()
    wait_for(lambda: _gone(pid))


def _gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"  # whoever adopted it reaps it


def test_a_stopped_runtime_takes_no_policy(box: Path) -> None:
    with Runtime(box) as runtime:
        pass
    with pytest.raises(InvalidError, match="the runtime is stopped"):
        runtime.set_policy("fifo")
