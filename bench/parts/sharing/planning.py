"""The field compile_1000 of bench/sharing.py: planning 1,000 pipelines over 20 sensors and 50 models, and one
more.

The models are of the null backend: opening them costs nothing, so that what is left is edgert's own work.
All are CPU time of the process, which works on one thread. `compile_1000`: seconds from documents as objects
to a plan that could run, its models opened and warmed once and its buffers planned; `compile_1000_text`: the
same from the documents' text. `compile_1001st_ms`: one more document from its text to a plan of all 1,001
that has taken the place of the 1,000 that run, as Runtime.add() does it; of it `plan_1001st_ms` is the
planner's (reading included), the rest compiles the plan beside the one that runs and swaps it in.
`compile_1001st_anew_ms`: the same where nothing runs yet, so that all is compiled anew. The pipeline that
is added reads a sensor and models that are there. The grown plan is compared with one that is planned from
nothing. What a program waits for in Runtime.add(), by the clock, is a figure of bench/deploy.py.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from common import say

SENSORS, MODELS, PIPELINES, APPLICATIONS = 20, 50, 1000, 40
SIZES = (96, 128, 160, 192, 224, 256)
KINDS = ("image", "image", "audio", "table")
ROUNDS = 3


def sensor(index: int) -> dict[str, Any]:
    """A push sensor: half of them cameras, a quarter microphones, a quarter tables."""
    kind = KINDS[index % len(KINDS)]
    formats: dict[str, dict[str, Any]] = {
        "image": {"kind": "image", "pixel": "yuv420p", "width": 640 + 16 * index, "height": 480},
        "audio": {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "int16"},
        "table": {"kind": "table", "columns": ["x", "y", "z"], "rate": 50},
    }
    return {"kind": "Sensor", "name": f"s{index}", "source": {"type": "push", "format": formats[kind]}}


def model(index: int, folder: Path) -> dict[str, Any]:
    """A model document; its file is made in the folder. Equal kinds of inputs come back, as they do in
    life."""
    kind, size = KINDS[index % len(KINDS)], SIZES[index % len(SIZES)]
    shapes = {"image": f"1x{size}x{size}x3", "audio": "1x15600", "table": "1x100x3"}
    low = -(index % 2)
    inputs: dict[str, Any] = {
        "image": {"image": {"range": [low, 1], "fit": "letterbox" if index % 3 else "stretch"}},
        "audio": {"audio": {"rate": "16kHz", "window": 15600, "hop": 7800 + 1600 * (index % 3)}},
        "table": {"table": {"window": 100, "hop": 50 if index % 3 else 100}},
    }
    file = folder / f"m{index}.null"
    file.write_text(f"# {index}\ninput x float32 {shapes[kind]}\noutput y float32 1x10\n")
    labels = [f"class{number}" for number in range(10)]
    return {
        "kind": "Model",
        "name": f"m{index}",
        "file": str(file),
        "input": inputs[kind],
        "answer": {"type": "classes", "top": 3, "labels": labels},
    }


def pipeline(index: int, choose: random.Random) -> dict[str, Any]:
    """One to three models of a sensor; of every third one the last model waits for what the first one
    sees."""
    of = index % SENSORS
    fitting = [number for number in range(MODELS) if KINDS[number % 4] == KINDS[of % 4]]
    chosen = choose.sample(fitting, choose.randint(1, 3))
    steps: list[dict[str, Any]] = [{"name": f"see{at}", "model": f"m{one}"} for at, one in enumerate(chosen)]
    if KINDS[of % 4] == "image" and len(chosen) > 1 and index % 3 == 0:
        above = choose.choice([0.3, 0.5, 0.7])
        steps.append({"name": "seen", "condition": {"from": "see0", "label": "class1", "above": above}})
        steps[len(chosen) - 1]["when"] = "seen"
    return {
        "kind": "Pipeline",
        "name": f"p{index}",
        "application": f"a{index % APPLICATIONS}",
        "sensor": f"s{of}",
        "steps": steps,
        "latency": f"{choose.choice([50, 100, 200])}ms",
        "rate": choose.choice([1, 5, 10]),
    }


def documents(folder: Path, pipelines: int = PIPELINES) -> list[dict[str, Any]]:
    choose = random.Random(5)
    applications = [{"kind": "Application", "name": f"a{index}"} for index in range(APPLICATIONS)]
    sensors = [sensor(index) for index in range(SENSORS)]
    models = [model(index, folder) for index in range(MODELS)]
    return [*applications, *sensors, *models, *(pipeline(index, choose) for index in range(pipelines))]


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of this process's CPUs: what else runs on the machine hardly changes them."""
    began = time.process_time()
    given = action()
    return time.process_time() - began, given


def seconds(folder: Path, native: Any) -> dict[str, float]:
    """One round: everything once, from text to a plan that could run, and one more pipeline."""
    from edgert.documents import DocumentSet, read
    from edgert.planner import Planning

    choose = random.Random(6)
    given, more = documents(folder), {**pipeline(PIPELINES, choose), "name": "one-more"}
    (folder / "box.yaml").write_text(yaml.safe_dump_all(given))
    (folder / "more").mkdir(exist_ok=True)
    (folder / "more" / "one.yaml").write_text(yaml.safe_dump(more))
    read_s, documents_read = timed(lambda: read(folder / "box.yaml"))
    planning = Planning(documents_read)
    plan_s, planned = timed(planning.plan)
    compile_s, compiled = timed(lambda: native.Runtime(planned.spec))
    add_s, grown = timed(lambda: planning.add(read(folder / "more")))
    follow_s, _ = timed(lambda: compiled.swap(compiled.prepare(grown.spec)))
    again_s, _again = timed(lambda: native.Runtime(grown.spec))
    assert len(grown.pipelines) == PIPELINES + 1 and len(planned.pipelines) == PIPELINES
    # What was added says the same as where all is planned at once.
    whole = Planning(documents_read.plus(read(folder / "more"))).plan()
    assert isinstance(documents_read, DocumentSet) and whole.spec.describe() == grown.spec.describe()
    return {
        "read": read_s,
        "plan": plan_s,
        "compile": compile_s,
        "add": add_s,
        "follow": follow_s,
        "compile_again": again_s,
        "nodes": float(len(planned.spec.describe()["nodes"])),
    }


def measure() -> dict[str, Any]:
    """The figures for the JSON line, best of some rounds: other work on the machine only adds."""
    from edgert import _native

    with tempfile.TemporaryDirectory() as folder:
        rounds = [seconds(Path(folder), _native) for _ in range(ROUNDS)]
    best = {key: min(each[key] for each in rounds) for key in rounds[0]}
    for key, value in best.items():
        say(f"{key}: {value:.4f}")
    return {
        "compile_1000": best["plan"] + best["compile"],
        "compile_1000_text": best["read"] + best["plan"] + best["compile"],
        "compile_1001st_ms": (best["add"] + best["follow"]) * 1e3,
        "compile_1001st_anew_ms": (best["add"] + best["compile_again"]) * 1e3,
        "plan_1001st_ms": best["add"] * 1e3,
        "compile_1000_nodes": int(best["nodes"]),
    }
