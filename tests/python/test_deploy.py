"""Deploys: other documents while frames flow. What stays goes on, what is gone ends, what is refused changes
nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from edgert import Runtime, zoo
from edgert.documents import DocumentErrors, read
from edgert.errors import InvalidError, NotFoundError

NULL = "input x float32 1x2\noutput y float32 1x2\necho\n"
SENSOR = """---
kind: Sensor
name: belt
source: {type: push, format: {kind: table, columns: [a, b], rate: 100, max_rows: 1}}
inbox: {policy: block, size: 16, in_flight: 4}
"""
SHOP, OFFICE = "---\n{kind: Application, name: shop}\n", "---\n{kind: Application, name: office}\n"
MODEL = """---
kind: Model
name: %s
file: %s.null
input: {table: {window: 1}}
"""
PIPELINE = """---
kind: Pipeline
name: %s
application: %s
sensor: belt
steps:
  - {name: answer, model: %s}
"""


def folder_with(folder: Path, *models: str) -> Path:
    for name in models:
        (folder / f"{name}.null").write_text(NULL + f"# {name}\n")
    return folder


def documents(folder: Path, *parts: str, name: str = "box.yaml") -> Path:
    (folder / name).write_text("".join(parts))
    return folder / name


class Pushing:
    """Rows 0, 1, 2, ... on a thread of its own, until it is told to stop."""

    def __init__(self, runtime: Runtime, sensor: str = "belt") -> None:
        self._runtime, self._sensor = runtime, sensor
        self._stop = threading.Event()
        self.pushed = 0
        self._thread = threading.Thread(target=self._push)

    def __enter__(self) -> Pushing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _push(self) -> None:
        while not self._stop.is_set():
            row = np.full((1, 2), self.pushed, np.float32)
            if self._runtime.push(self._sensor, row, media_time=self.pushed / 100, timeout=20):
                self.pushed += 1
            time.sleep(0.001)


def value(result: Any) -> float:
    """The first number of the first row that its model gave."""
    return float(np.asarray(result.outputs["answer"][0][1]).flat[0])


def test_an_application_comes_and_goes_while_others_use_its_nodes(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    first = documents(tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    more = documents(tmp_path, OFFICE, PIPELINE % ("two", "office", "echo"), name="more.yaml")
    seen: list[float] = []
    with Runtime(first) as runtime:
        runtime.on_result("shop/one", lambda result: seen.append(value(result)))
        with Pushing(runtime) as pushing:
            assert runtime.add(more) == 2
            assert runtime.pipelines == ["shop/one", "office/two"]
            results = runtime.results("office/two")
            first_seen = value(next(results))
            assert value(next(results)) == first_seen + 1
            assert runtime.remove(application="office") == 3
            ended = [value(result) for result in results]  # the iterator ends
            assert ended == [first_seen + 2 + index for index in range(len(ended))]
            assert runtime.pipelines == ["shop/one"]
            before = len(seen)
            until = time.monotonic() + 20
            while len(seen) < before + 5 and time.monotonic() < until:
                time.sleep(0.01)
        figures = runtime.metrics()
        [node] = [row for row in figures["nodes"] if row["op"] == "model"]
        assert node["executed"] >= before  # goes on counting, and ran once a frame
        assert node["executed"] <= pushing.pushed
        assert figures["deploy"]["generation"] == 3
        assert list(figures["applications"]) == ["shop"]
        runtime.finish("belt")
        assert runtime.wait(20)
    assert seen == [float(index) for index in range(pushing.pushed)]  # each frame once, in order


def test_results_read_by_an_iterator_go_on_across_deploys(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo", "other")
    one = [SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo")]
    first = documents(tmp_path, *one)
    both = documents(
        tmp_path, *one, MODEL % ("other", "other"), PIPELINE % ("two", "shop", "other"), name="both.yaml"
    )
    with Runtime(first) as runtime:
        results = runtime.results("one")
        with Pushing(runtime):
            for index in range(200):
                assert value(next(results)) == index
                if index % 20 == 10:
                    runtime.deploy(both if index % 40 == 10 else first)
        assert runtime.metrics()["deploy"]["generation"] == 11


def test_a_deploy_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    first = documents(tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    with Runtime(first) as runtime:
        results = runtime.results("one")
        with pytest.raises(DocumentErrors, match="nothing"):
            runtime.add(documents(tmp_path, PIPELINE % ("two", "shop", "nothing"), name="wrong.yaml"))
        (tmp_path / "bad.null").write_text("no model\n")
        bad = documents(tmp_path, MODEL % ("bad", "bad"), PIPELINE % ("two", "shop", "bad"), name="bad.yaml")
        with pytest.raises(DocumentErrors, match="bad"):
            runtime.add(bad)
        with pytest.raises(NotFoundError, match="there are shop/one"):
            runtime.remove(pipeline="two")
        with pytest.raises(NotFoundError, match=r"there are shop$"):
            runtime.remove(application="shed")
        assert runtime.pipelines == ["shop/one"]
        assert runtime.metrics()["deploy"]["generation"] == 1
        runtime.push("belt", np.full((1, 2), 7, np.float32))
        assert value(next(results)) == 7
        # And what is right still can be added.
        good = documents(tmp_path, PIPELINE % ("two", "shop", "echo"), name="good.yaml")
        assert runtime.add(good) == 2


def test_a_stopped_runtime_takes_no_documents(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    first = documents(tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    with Runtime(first) as runtime:
        pass
    with pytest.raises(InvalidError, match="stopped"):
        runtime.deploy(first)


def test_a_model_that_changes_is_replaced_and_others_are_not_loaded_again(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo", "other")
    parts = [SHOP, SENSOR, MODEL % ("echo", "echo"), MODEL % ("other", "other")]
    parts += [PIPELINE % ("one", "shop", "echo"), PIPELINE % ("two", "shop", "other")]
    box = documents(tmp_path, *parts)
    with Runtime(box) as runtime:
        one, two = runtime.results("one"), runtime.results("two")
        loads = {row["name"]: row["load_ms"] for row in runtime.metrics()["models"]}
        runtime.push("belt", np.full((1, 2), 3, np.float32))
        assert value(next(one)) == value(next(two)) == 3
        (tmp_path / "other.null").write_text(NULL.replace("echo\n", ""))  # zeros
        runtime.deploy(box)
        runtime.push("belt", np.full((1, 2), 4, np.float32))
        assert (value(next(one)), value(next(two))) == (4, 0)
        again = {row["name"]: row["load_ms"] for row in runtime.metrics()["models"]}
        assert again["echo"] == loads["echo"]


def test_sensors_come_and_go(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    belt = [SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo")]
    door = [part.replace("belt", "door") for part in (SENSOR, PIPELINE % ("two", "shop", "echo"))]
    first, both = documents(tmp_path, *belt), documents(tmp_path, *belt, *door, name="both.yaml")
    with Runtime(first) as runtime:
        runtime.deploy(both)
        results = runtime.results("two")
        runtime.push("door", np.full((1, 2), 5, np.float32))
        assert value(next(results)) == 5
        runtime.deploy(first)
        assert list(results) == []
        with pytest.raises(NotFoundError):
            runtime.push("door", np.zeros((1, 2), np.float32))
        assert set(runtime.sensor_states()) == {"belt"}


def test_who_gives_a_sensors_frames_stays_as_it_was(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    rest = (SHOP, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    read = SENSOR.replace(
        "{type: push, format: {kind: table, columns: [a, b], rate: 100, max_rows: 1}}", "SOURCE"
    )
    read = read.replace("SOURCE", "{type: table, path: rows.csv, rate: 100}")
    with Runtime(documents(tmp_path, SENSOR, *rest)) as runtime:
        with pytest.raises(
            InvalidError, match="sensor belt: was of type push, and is of type table now; who"
        ):
            runtime.deploy(documents(tmp_path, read, *rest, name="read.yaml"))
        results = runtime.results("one")
        with pytest.raises(InvalidError, match="counted from 0"):
            runtime.push("belt", np.full((1, 2), np.nan, np.float32))
        held = SENSOR.replace("max_rows: 1}", "max_rows: 1}, missing: zero")
        runtime.deploy(documents(tmp_path, held, *rest, name="held.yaml"))
        runtime.push("belt", np.full((1, 2), np.nan, np.float32))
        assert value(next(results)) == 0


WAKE = """
kind: Sensor
name: belt
source: {{type: push, format: {{kind: table, columns: {columns}, rate: 33, max_rows: 3}}}}
inbox: {{policy: block, size: 64, in_flight: 8}}
---
kind: Model
name: wake
file: zoo:wake-okay-nabu
input: {{features: {{}}}}
---
kind: Pipeline
name: p
sensor: belt
steps:
  - {{name: rows, transform: table.select, from: frame}}
  - {{name: wake, model: wake, from: rows}}
outputs: [wake]
"""


@pytest.mark.skipif(not zoo.cached("wake-okay-nabu"), reason="zoo:wake-okay-nabu is not in the cache")
def test_a_streaming_model_keeps_its_state(tmp_path: Path) -> None:
    random = np.random.default_rng(117)
    hum = random.integers(-128, 100, (1, 1, 40))
    frames = np.asarray(np.clip(hum + random.integers(-30, 30, (60, 3, 40)), -128, 127), np.int8)
    session = edgert.load("zoo:wake-okay-nabu").session()
    expected = [int(next(iter(session.run(frame[None]).values())).item()) for frame in frames]
    one = documents(tmp_path, WAKE.format(columns=[f"c{index}" for index in range(40)]))
    text = one.read_text().split("---\n")[-1].replace("name: p\n", "name: q\n")
    more = documents(tmp_path, text, name="more.yaml")
    found = []
    with Runtime(one, lanes=4) as runtime:
        results = runtime.results("p")
        for index, frame in enumerate(frames):
            rows = (frame.astype(np.float32) + 128) * np.float32(0.10196078568696976)
            runtime.push("belt", rows, media_time=index / 33, timeout=20)
            if index in (15, 45):
                runtime.add(more)
            if index == 30:
                runtime.remove(pipeline="q")
        runtime.finish("belt")
        found = [int(np.asarray(result.outputs["wake"]).item()) for result in results]
    assert found == expected


def test_a_policy_goes_on_with_the_new_plan(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    first = documents(tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    more = documents(tmp_path, OFFICE, PIPELINE % ("two", "office", "echo"), name="more.yaml")
    with Runtime(first, policy="adaptive") as runtime, Pushing(runtime):
        results = runtime.results("one")
        next(results)
        runtime.add(more)
        row = runtime.metrics()["policy"]
        assert row is not None and row["name"] == "adaptive"
        for _ in range(20):
            next(results)
        assert not runtime.failures


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("class Mine(Policy:\n", r"can't be made: SyntaxError: .*\(mine.py, line 2\); mend the class"),
        ("class Mine(Policy):\n    def __init__(self): raise OSError('no map')\n", "OSError: no map at"),
        ("class Other(Policy): pass\n", "has no 'Mine'"),
    ],
)
def test_a_policy_that_cannot_be_made_is_not_deployed_and_the_one_before_goes_on(
    tmp_path: Path, wrong: str, said: str
) -> None:
    policy = "---\n{kind: Policy, name: mine, policy: 'mine.py:Mine', period: 20ms}\n"
    head = "from edgert import Policy\n"
    (tmp_path / "mine.py").write_text(f"{head}class Mine(Policy): pass\n")
    folder_with(tmp_path, "echo")
    box = documents(
        tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"), policy
    )
    with Runtime(box) as runtime, Pushing(runtime):
        results = runtime.results("one")
        next(results)
        (tmp_path / "mine.py").write_text(head + wrong)
        with pytest.raises(InvalidError, match=said):
            runtime.deploy(box)
        tables = runtime.metrics()["policy"]["tables"]
        until = time.monotonic() + 60
        while runtime.metrics()["policy"]["tables"] <= tables + 2 and time.monotonic() < until:
            next(results)
        row = runtime.metrics()["policy"]
        assert row["tables"] > tables + 2 and not row["problem"]
        assert runtime.metrics()["deploy"]["generation"] == 1
        assert not runtime.failures


def test_documents_without_some(tmp_path: Path) -> None:
    folder_with(tmp_path, "echo")
    box = documents(tmp_path, SHOP, SENSOR, MODEL % ("echo", "echo"), PIPELINE % ("one", "shop", "echo"))
    rest = read(box).without(lambda document: document.KIND == "Pipeline")
    assert list(rest.sensors) == ["belt"] and not rest.pipelines


def test_removals_at_the_same_time_are_all_done(tmp_path: Path) -> None:
    """A removal is of what is there when its turn comes: none brings back what another one took away."""
    folder_with(tmp_path, "echo")
    base = documents(tmp_path, SENSOR, MODEL % ("echo", "echo"), SHOP, PIPELINE % ("prices", "shop", "echo"))
    names = [f"app{number}" for number in range(6)]
    apps = "".join(
        f"---\n{{kind: Application, name: {name}}}\n" + PIPELINE % (f"of-{name}", name, "echo")
        for name in names
    )
    with Runtime([base, documents(tmp_path, apps, name="apps.yaml")]) as runtime:
        together = threading.Barrier(len(names))

        def remove(name: str) -> None:
            together.wait()
            runtime.remove(application=name)

        threads = [threading.Thread(target=remove, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert runtime.pipelines == ["shop/prices"]
        assert list(runtime.documents.applications) == ["shop"]
