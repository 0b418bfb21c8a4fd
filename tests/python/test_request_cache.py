"""The request cache: keys of documents, equal answers with real models, who sees what, figures."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from edgert.cli.summary import summary
from edgert.documents import DocumentErrors, DocumentSet, read
from edgert.sinks.jsonl import as_data

CLIENTS = 12
BOX = """
kind: Scheduler
name: box
cache: {size}
---
kind: Sensor
name: requests
source: {{type: push, format: {{kind: image, pixel: rgb24, width: 96, height: 80}}}}
inbox: {{size: 32, in_flight: 16}}
cache: {cache}
---
kind: Application
name: a
cache: {{share: {share}}}
---
kind: Application
name: b
cache: {{share: {share}}}
---
kind: Pipeline
name: classes
application: a
sensor: requests
steps:
- {{name: classes, model: 'zoo:efficientnet-lite0'}}
"""


def box(
    tmp_path: Path, cache: bool = True, size: str = "64MB", share: str = "own", more: str = ""
) -> DocumentSet:
    path = tmp_path / "box.yaml"
    path.write_text(BOX.format(size=size, cache=str(cache).lower(), share=share) + more)
    return read(path)


def pictures(count: int) -> list[np.ndarray[Any, Any]]:
    generator = np.random.default_rng(1)
    return [generator.integers(0, 256, (80, 96, 3), dtype=np.uint8) for _ in range(count)]


class Client:
    """Asks a sensor, and reads a pipeline's answers."""

    def __init__(
        self, runtime: edgert.Runtime, sensor: str = "requests", pipeline: str = "a/classes"
    ) -> None:
        self.runtime, self.sensor = runtime, sensor
        self.results = runtime.results(pipeline, timeout=60)

    def push(self, image: Any) -> None:
        self.runtime.push(self.sensor, image)

    def next(self) -> edgert.Result:
        result = next(self.results)
        assert result.error is None
        return result

    def ask(self, image: Any) -> edgert.Result:
        self.push(image)
        return self.next()


def executed(runtime: edgert.Runtime) -> int:
    return sum(node["executed"] for node in runtime.metrics()["nodes"] if node["op"] == "model")


def test_answers_are_those_without_a_cache(tmp_path: Path) -> None:
    images = [*pictures(3), *pictures(3)]
    with edgert.Runtime(box(tmp_path, cache=False)) as runtime:
        client = Client(runtime)
        plain = [client.ask(image) for image in images]
        assert executed(runtime) == 6 and runtime.metrics()["cache"] is None
    with edgert.Runtime(box(tmp_path)) as runtime:
        client = Client(runtime)
        cached = [client.ask(image) for image in images]
        assert executed(runtime) == 3
        metrics, text = runtime.metrics(), runtime.prometheus()
    for one, other in zip(plain, cached, strict=True):
        np.testing.assert_array_equal(one.outputs["classes"], other.outputs["classes"])
        assert not one.cached
    assert [result.cached for result in cached] == [False] * 3 + [True] * 3
    assert as_data(cached[3])["cached"] is True and "cached" not in as_data(cached[0])
    own = metrics["applications"]["a"]["cache"]
    assert own["hits"] + own["waits"] == 3 and own["saved_s"] > 0
    assert metrics["applications"]["b"]["cache"] == {"hits": 0, "waits": 0, "misses": 0, "saved_s": 0.0}
    assert 0 < metrics["cache"]["bytes"] <= metrics["cache"]["limit"] == 64_000_000
    said = "\n".join(summary(metrics, {"requests": 1}, {}))
    assert "request cache: " in said and " of 64.0 MB, " in said
    assert "    a: outputs of 3 nodes were there" in said and "    b: outputs" not in said
    assert f'edgert_cache_lookups_total{{application="a",found="result"}} {own["hits"]}' in text


def test_what_is_kept_is_a_copy(tmp_path: Path) -> None:
    first, second = pictures(2)
    with edgert.Runtime(box(tmp_path)) as runtime:
        client, frame = Client(runtime), first.copy()
        wanted = np.array(client.ask(frame).outputs["classes"])
        frame[:] = second
        assert not client.ask(frame).cached
        again = client.ask(first)
        assert again.cached
        np.testing.assert_array_equal(again.outputs["classes"], wanted)


def test_many_clients_at_once_are_one_execution(tmp_path: Path) -> None:
    image = pictures(1)[0]
    with edgert.Runtime(box(tmp_path)) as runtime:
        client = Client(runtime)
        threads = [threading.Thread(target=lambda: client.push(image.copy())) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(CLIENTS):
            client.next()
        assert executed(runtime) == 1


OTHER = """
---
kind: Sensor
name: others
source: {type: push, format: {kind: image, pixel: rgb24, width: 96, height: 80}}
cache: true
---
kind: Pipeline
name: same
application: b
sensor: others
SHARE
steps:
- {name: classes, model: 'zoo:efficientnet-lite0'}
"""


@pytest.mark.parametrize(
    ("share", "pipeline", "crosses"),
    [("others", "share: all", True), ("own", "share: all", False), ("others", "share: private", False)],
)
def test_results_cross_applications_only_where_they_say_so(
    tmp_path: Path, share: str, pipeline: str, crosses: bool
) -> None:
    image = pictures(1)[0]
    documents = box(tmp_path, share=share, more=OTHER.replace("SHARE", pipeline))
    with edgert.Runtime(documents) as runtime:
        first, other = Client(runtime), Client(runtime, "others", "b/same")
        first.ask(image)
        assert other.ask(image).cached is crosses
        assert other.ask(image).cached is (pipeline != "share: private")


@pytest.mark.parametrize("off", ["off", "'off'"])
def test_off_is_a_word_in_yaml(tmp_path: Path, off: str) -> None:
    assert box(tmp_path, share=off).applications["a"].cache.share == "off"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("cache: 64MB", "cache: plenty", "box.yaml:4"),
        ("share: own", "share: everybody", "box.yaml:14"),
        ("cache: true", "cache: 3", "box.yaml:10"),
    ],
)
def test_wrong_keys_are_told_with_their_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    path = tmp_path / "box.yaml"
    path.write_text(BOX.format(size="64MB", cache="true", share="own").replace(right, wrong, 1))
    with pytest.raises(DocumentErrors, match=said):
        edgert.documents.load(path)


def test_a_cache_smaller_than_a_picture_changes_nothing(tmp_path: Path) -> None:
    image = pictures(1)[0]
    with edgert.Runtime(box(tmp_path, size="1kB")) as runtime:
        client = Client(runtime)
        assert not any(client.ask(image).cached for _ in range(3))
        assert runtime.metrics()["cache"]["refused"] == 3
