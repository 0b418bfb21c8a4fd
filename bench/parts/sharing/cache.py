"""The field cache of bench/sharing.py: what the request cache costs and saves, and that it changes no answer.

hash_gbps, copy_gbps, compare_gbps: of a picture's bytes, on one core. cache_lookup_us: a hit of one of 10,000
contents, besides hashing; retain_us: hashing and finding 64 bytes. (bench/cpp/cache.cc, compiled against the
installed package.) concurrent_same_request: 64 clients push the same picture to efficientnet-lite0 at once:
executions of the model. repeated_speedup: requests a second of one client that asks for the same 16 pictures
over and over, with the cache over without. All answers must be equal to those without a cache, bit for bit.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import edgert
import numpy as np
from common import say
from edgert.documents import DocumentSet, ModelStep, Pipeline, PushSource, Scheduler, Sensor
from edgert.documents.sensor import Inbox

SOURCE = Path(__file__).parents[2] / "cpp" / "cache.cc"
CLIENTS = 64
PICTURES = 16
SIZE = (240, 320)


def figures() -> dict[str, Any]:
    """The fields of bench/sharing.py that are about the cache."""
    native = native_figures()
    lookup = native.pop("lookup_us")
    return {**native, "cache_lookup_us": lookup, **concurrent(), **repeated()}


def native_figures() -> dict[str, float]:
    """bench/cpp/cache.cc, against the headers and the library of the installed edgert."""
    include = Path(edgert.get_include())
    library = include.parent / "lib"
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "cache"
        command = [
            os.environ.get("CXX", "g++"),
            "-O2",
            "-std=c++20",
            f"-I{include}",
            str(SOURCE),
        ]
        command += ["-o", str(binary), f"-L{library}", "-ledgert", f"-Wl,-rpath,{library}", "-pthread"]
        subprocess.run(command, check=True)
        printed = subprocess.run([str(binary)], check=True, capture_output=True, text=True).stdout
    said: dict[str, float] = json.loads(printed)
    say(f"  hash {said['hash_gbps']:.1f} GB/s, lookup {said['lookup_us']:.3f} µs")
    return said


def documents(cache: bool) -> DocumentSet:
    height, width = SIZE
    form = {"kind": "image", "pixel": "rgb24", "width": width, "height": height}
    source = PushSource.model_validate({"format": form})
    inbox = Inbox(policy="block", size=CLIENTS, in_flight=CLIENTS)
    return DocumentSet(
        Scheduler(name="box", cache=256_000_000),
        Sensor(name="requests", source=source, inbox=inbox, cache=cache),
        Pipeline(
            name="classify",
            sensor="requests",
            steps=[ModelStep(name="classes", model="zoo:efficientnet-lite0")],
            queue=4 * CLIENTS,
        ),
    )


def pictures() -> list[np.ndarray[Any, Any]]:
    generator = np.random.default_rng(5)
    return [generator.integers(0, 256, (*SIZE, 3), dtype=np.uint8) for _ in range(PICTURES)]


def executions(runtime: edgert.Runtime) -> int:
    return sum(node["executed"] for node in runtime.metrics()["nodes"] if node["op"] == "model")


def outputs(result: edgert.Result) -> np.ndarray[Any, Any]:
    return np.asarray(result.outputs["classes"]).copy()


def concurrent() -> dict[str, Any]:
    """All clients push one picture, each a copy of its own, after a common start."""
    picture = pictures()[0]
    wanted = asked(documents(False), [picture])[0]
    with edgert.Runtime(documents(True)) as runtime:
        results = runtime.results("classify", timeout=60)
        start = threading.Barrier(CLIENTS)

        def client() -> None:
            own = picture.copy()
            start.wait()
            runtime.push("requests", own)

        clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
        for _ in range(CLIENTS):
            assert np.array_equal(outputs(next(results)), wanted), "another answer"
        ran = executions(runtime)
    say(f"  {CLIENTS} clients, one picture: {ran} execution(s)")
    return {"concurrent_same_request": ran, "concurrent_clients": CLIENTS}


def asked(of: DocumentSet, images: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """One answer after the other."""
    with edgert.Runtime(of) as runtime:
        return ask_all(runtime, runtime.results("classify", timeout=60), images)


def ask_all(
    runtime: edgert.Runtime, results: Iterator[edgert.Result], images: list[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    answers = []
    for image in images:
        runtime.push("requests", image)
        answers.append(outputs(next(results)))
    return answers


def repeated() -> dict[str, Any]:
    """The same pictures over and over; of each side the best round."""
    images = pictures()
    best: dict[bool, float] = {}
    answers: dict[bool, list[np.ndarray[Any, Any]]] = {}
    saved = 0.0
    for cache in (False, True):
        with edgert.Runtime(documents(cache)) as runtime:
            results = runtime.results("classify", timeout=60)
            for _ in range(4):
                began = time.perf_counter()
                answers[cache] = ask_all(runtime, results, images)
                rate = len(images) / (time.perf_counter() - began)
                best[cache] = max(best.get(cache, 0.0), rate)
            saved = runtime.metrics()["applications"]["default"]["cache"]["saved_s"]
    assert all(np.array_equal(a, b) for a, b in zip(answers[False], answers[True], strict=True))
    say(f"  repeated pictures: {best[False]:.0f} requests/s, with the cache {best[True]:.0f}")
    return {"repeated_speedup": best[True] / best[False], "repeated_saved_s": saved}
