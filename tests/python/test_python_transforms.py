"""Transforms in Python: as steps, checked, timed, in a thread and in a process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import transforms
from edgert.documents import DocumentErrors
from edgert.life.backoff import Waits
from edgert.runtime import Runtime
from edgert.transforms import Output, Picture, Transform
from edgert.transforms.checking import Broken, checked
from edgert.transforms.isolated import Child
from edgert.transforms.reference import find

CODE = '''
import os, time
import numpy as np
from edgert.transforms import Output, Transform

class Double(Transform):
    def __init__(self, factor=2.0):
        self.factor = factor
    def format(self, inputs):
        return Output([-1, len(inputs[0]["columns"])], most=[4, len(inputs[0]["columns"])])
    def run(self, rows):
        return rows * np.float32(self.factor)

class Moody(Double):
    """What it does is told by the first number."""
    def run(self, rows):
        assert not rows.flags.writeable
        match int(rows[0, 0]):
            case 1: raise KeyError("no such mood")
            case 2: return rows.astype(np.float64)
            case 3: return rows[:, :1]
            case 4: time.sleep(600)
            case 5: os._exit(7)
            case 6: return "rows"
        return rows * np.float32(self.factor)

class Count(Double):
    stateful = True
    seen = 0
    def reset(self):
        self.seen = 0
    def run(self, rows):
        self.seen += 1
        return np.full_like(rows, self.seen)

class Where(Double):
    def run(self, rows):
        return np.full_like(rows, os.getpid() % 10000)

class Wrong(Double):
    def format(self, inputs):
        raise ValueError("wants pictures; give it a camera")

class Stuck(Double):
    def format(self, inputs):
        time.sleep(600)

class Open(Double):
    def format(self, inputs):
        return Output([-1, 3])
'''

BOX = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [x, y, z], rate: 10, max_rows: 4}}
inbox: {policy: block}
---
kind: Pipeline
name: p
sensor: watch
queue: 64
steps:
  - {name: plain, transform: table.select, from: frame}
  - {name: made, transform: {python: "made.py:CLASS"MORE}, from: frame}
outputs: [plain, made]
"""


def run(folder: Path, name: str, moods: Sequence[float], more: str = "") -> list[Any]:
    (folder / "made.py").write_text(CODE)
    (folder / "box.yaml").write_text(BOX.replace("CLASS", name).replace("MORE", more))
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=60)
        for index, mood in enumerate(moods):
            runtime.push("watch", np.full((2, 3), mood, np.float32), media_time=index * 0.1)
        runtime.finish("watch")
        return list(coming)


def made(result: Any) -> Any:
    answer = result.answers["made"]
    return None if answer is None else answer.array


@pytest.mark.parametrize("more", ["", ", isolate: process"])
def test_a_class_is_a_step(tmp_path: Path, more: str) -> None:
    found = run(tmp_path, "Double", [1, 2, 3], more)
    assert [made(result).tolist() for result in found] == [[[2 * n] * 3] * 2 for n in (1, 2, 3)]


@pytest.mark.parametrize("more", ["", ", isolate: process"])
@pytest.mark.parametrize(
    ("mood", "said"),
    [
        (1, "run() raised KeyError: 'no such mood'"),
        (2, "tensor is float64 [2, 3], and format() said float32 [-1, 3]"),
        (3, "tensor is float32 [2, 1], and format() said float32 [-1, 3]"),
        (6, "run() returned str"),
    ],
)
def test_what_it_does_wrong_is_said_and_the_rest_goes_on(
    tmp_path: Path, more: str, mood: int, said: str
) -> None:
    found = run(tmp_path, "Moody", [0, mood, 0], more)
    assert [made(result) is None for result in found] == [False, True, False]
    assert said in str(found[1].error) and "made" in str(found[1].error)
    assert found[1].answers["plain"] is not None


def test_one_that_hangs_is_left_behind(tmp_path: Path) -> None:
    found = run(tmp_path, "Moody", [0, 4, 0], ", limit: 300ms")
    assert made(found[0]) is not None and made(found[1]) is None and made(found[2]) is None
    assert "did not come back within its limit of 0.30 s" in str(found[1].error)
    assert "is still in a call that began" in str(found[2].error)
    assert all(result.answers["plain"] is not None for result in found)


def test_one_that_hangs_gives_its_frames_back_at_the_limit(tmp_path: Path) -> None:
    """More frames than may be in flight get through behind a call that never comes back."""
    found = run(tmp_path, "Moody", [4, *[0] * 20], ", limit: 100ms")
    assert len(found) == 21 and all(made(result) is None for result in found)
    assert all(result.answers["plain"] is not None for result in found)


def test_a_process_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    found = run(tmp_path, "Moody", [0, 4, 0, 5, 0], ", isolate: process, limit: 8s")
    assert [made(result) is None for result in found] == [False, True, False, True, True]
    assert "its process was killed" in str(found[1].error)
    assert "ended with code 7 (it was started 2 times)" in str(found[3].error)
    assert "its process ended again, and waits for its next start" in str(found[4].error)


def test_a_process_that_dies_in_each_run_holds_up_nothing(tmp_path: Path) -> None:
    """Its results fail at once while it is started again; it is started ever more seldom."""
    found = run(tmp_path, "Moody", [5] * 50, ", isolate: process")
    assert all(result.answers["plain"] is not None and made(result) is None for result in found)
    died = sum("its process ended with code 7" in str(result.error) for result in found)
    assert len(found) == 50 and 2 <= died < 20


def test_a_process_in_trouble_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgert.transforms.isolated.WAITS", Waits(first=0.01, most=0.02))
    (tmp_path / "made.py").write_text(CODE)
    child = Child(f"{tmp_path}/made.py:Moody", {}, [Output([-1, 3], most=[4, 3]).spec()], 20.0)
    good, bad = np.zeros((1, 3), np.float32), np.full((1, 3), 5, np.float32)
    for _ in range(2):  # the first start after a death is waited for
        child.run([good], False)
        with pytest.raises(Broken, match="ended with code 7"):
            child.run([bad], False)
    told = set()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            assert np.array_equal(child.run([good], False)[0], good)
            break
        except Broken as broken:
            told.add(broken.what.partition(" (")[0])
    assert child.starts == 3 and "its process is being started again" in told
    child.kill()


def test_a_process_is_another(tmp_path: Path) -> None:
    own = os.getpid() % 10000
    assert made(run(tmp_path, "Where", [0])[0])[0, 0] == own
    assert made(run(tmp_path, "Where", [0], ", isolate: process")[0])[0, 0] != own


def test_state_is_kept_in_order(tmp_path: Path) -> None:
    found = run(tmp_path, "Count", [0] * 8)
    assert [made(result)[0, 0] for result in found] == list(range(1, 9))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Wrong", "wants pictures; give it a camera"),
        ("Open", "give most, the greatest shape"),
        ("Missing", "has no 'Missing'"),
    ],
)
def test_what_cannot_be_planned_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(DocumentErrors) as caught:
        run(tmp_path, name, [0])
    assert said in str(caught.value.problems[0]) and "step 'made'" in str(caught.value.problems[0])


def test_one_that_hangs_before_it_runs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgert.transforms.host.MAKING", 0.3)
    with pytest.raises(DocumentErrors, match=r"format\(\) took longer than 0.3 s"):
        run(tmp_path, "Stuck", [0])


def test_threads_end_with_the_runtime(tmp_path: Path) -> None:
    run(tmp_path, "Double", [0])
    deadline = time.monotonic() + 20
    while any(thread.name == "edgert-Double" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
        import gc

        gc.collect()


class Brightness(Transform):
    """The mean of a picture's first plane."""

    def format(self, inputs: Sequence[Mapping[str, Any]]) -> Output:
        return Output([1])

    def run(self, picture: Picture) -> Any:
        assert picture.planes[0].shape == (picture.height, picture.width, 3)
        assert not picture.planes[0].flags.owndata  # a view of the frame
        return np.array([picture.planes[0].mean()], np.float32)


def test_a_registered_name_and_a_camera(tmp_path: Path) -> None:
    transforms.register("test.brightness")(Brightness)
    (tmp_path / "box.yaml").write_text("""
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 6, height: 4}}
---
kind: Pipeline
name: p
sensor: camera
steps: [{name: light, transform: test.brightness, from: frame}]
""")
    with Runtime(tmp_path / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=60)
        runtime.push("camera", np.full((4, 6, 3), 7, np.uint8))
        runtime.finish("camera")
        assert [result.answers["light"].array.tolist() for result in coming] == [[7.0]]
    with pytest.raises(ValueError, match="use another name"):
        transforms.register("test.brightness")(type("Other", (Brightness,), {}))


def test_what_run_returns_is_checked() -> None:
    specs = [Output([2]).spec(), Output([-1], "uint8", "mask", most=[4]).spec()]
    good = checked((np.zeros(2, np.float32), np.zeros(3, np.uint8)), specs)
    assert [array.shape for array in good] == [(2,), (3,)]
    for wrong, said in [
        (np.zeros(2, np.float32), "1 arrays"),
        ((np.zeros(2, np.float32), np.zeros(5, np.uint8)), "over the 4 of most"),
        ((np.zeros(2, np.float32), [1]), "mask is list"),
        (None, "NoneType"),
    ]:
        with pytest.raises(Broken, match=said):
            checked(wrong, specs)


def test_references() -> None:
    assert find(f"{__name__}:Brightness") is Brightness
    for wrong in ("Brightness", "no_such.py:A", f"{__name__}:Nothing", f"{__name__}:CODE"):
        with pytest.raises(ValueError, match="; "):
            find(wrong)


def test_a_child_by_itself(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(CODE)
    spec = Output([-1, 3], most=[40, 3]).spec()
    child = Child(f"{tmp_path}/made.py:Double", {"factor": 3.0}, [spec], 20.0)
    for rows in (2, 40, 1):  # memory grows, and stays
        given = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
        np.testing.assert_array_equal(child.run([given], False)[0], given * 3)
    assert child.starts == 1
    child.kill()
    broken = Child(f"{tmp_path}/made.py:Missing", {}, [spec], 20.0)
    with pytest.raises(Broken, match="could not start"):
        broken.run([], False)
    with pytest.raises(Broken, match="ended again, and waits for its next start"):
        broken.run([], False)
