"""Buffers of frames: what is alive at once, not the sum of what each step ever needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from edgert import Runtime
from edgert.documents import read
from edgert.explain import explain, text
from edgert.planner import plan

BYTES = 64 * 64 * 3 * 4
SHAPE = "1x64x64x3"
FRAMES = 5
SENSOR = {
    "kind": "Sensor",
    "name": "camera",
    "source": {"type": "push", "format": {"kind": "image", "pixel": "rgb24", "width": 64, "height": 64}},
    "inbox": {"policy": "block", "in_flight": 1},
}


def model(folder: Path, name: str, outputs: int, first: bool = False) -> dict[str, Any]:
    """Its first output is a copy of its input where it has one."""
    lines = [f"input x float32 {SHAPE}", *(f"output y{index} float32 {SHAPE}" for index in range(outputs))]
    (folder / f"{name}.null").write_text("\n".join([*lines, "echo" if outputs == 1 else ""]) + "\n")
    given = {"image": {"range": [0, 1]}} if first else {"features": {}}
    return {"kind": "Model", "name": name, "file": f"{name}.null", "input": given}


def pipeline(name: str, *steps: dict[str, Any], outputs: list[str]) -> dict[str, Any]:
    return {
        "kind": "Pipeline",
        "name": name,
        "application": f"of-{name}",
        "sensor": "camera",
        "steps": list(steps),
        "outputs": outputs,
    }


def written(folder: Path, *documents: dict[str, Any]) -> Path:
    owners = [{"kind": "Application", "name": each["application"]} for each in documents if "steps" in each]
    (folder / "box.yaml").write_text(yaml.safe_dump_all([SENSOR, *owners, *documents]))
    return folder / "box.yaml"


def run(path: Path, hold: bool = False) -> tuple[dict[str, Any], list[Any]]:
    """The metrics after some frames, each answered before the next one comes; and results, if held."""
    held = []
    with Runtime(path, lanes=1) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in runtime.pipelines}
        for index in range(FRAMES):
            runtime.push("camera", np.full((64, 64, 3), index, np.uint8))
            for of_pipeline in results.values():
                result = next(of_pipeline)
                for value in result.outputs.values():
                    assert value.min() >= 0
                if hold:
                    held.append(result.outputs)
            del result
        return runtime.metrics(), held


def chain(length: int) -> list[dict[str, Any]]:
    first = {"name": "s0", "model": "first"}
    return [first, *({"name": f"s{at}", "model": "next", "from": f"s{at - 1}"} for at in range(1, length))]


def test_a_long_chain_needs_the_room_of_a_few_steps(tmp_path: Path) -> None:
    documents = [model(tmp_path, "first", 1, first=True), model(tmp_path, "next", 1)]
    path = written(tmp_path, *documents, pipeline("p", *chain(8), outputs=["s7"]))
    metrics, _ = run(path)
    assert metrics["buffer_bytes_apart"] >= 9 * BYTES, "its own for the tensor and each of eight models"
    # A step's input and output, and the result before, which Python lets go of when it likes.
    assert metrics["buffer_bytes"] <= 4 * BYTES
    found = explain(plan(read(path))).saved()
    assert (found["tensor_bytes"], found["peak_bytes"]) == (9 * BYTES, 2 * BYTES)


def test_outputs_are_let_go_one_by_one(tmp_path: Path) -> None:
    documents = [model(tmp_path, "first", 4, first=True), model(tmp_path, "next", 1)]
    steps = [
        {"name": "s0", "model": "first"},
        {"name": "s1", "model": "next", "from": "s0.y0"},
        *({"name": f"s{at}", "model": "next", "from": f"s{at - 1}"} for at in range(2, 5)),
        {"name": "late", "model": "next", "from": "s0.y1"},
    ]
    path = written(tmp_path, *documents, pipeline("p", *steps, outputs=["s4", "late"]))
    metrics, _ = run(path)
    # The model's input and its four outputs, and the last two results, which Python lets go of when it likes.
    # Two of the four are read by nobody: what follows takes their places.
    assert metrics["buffer_bytes"] <= 7 * BYTES
    assert metrics["buffer_bytes_apart"] >= 9 * BYTES
    assert explain(plan(read(path))).saved()["peak_bytes"] == 5 * BYTES


def test_who_holds_results_holds_their_memory_and_nobody_elses(tmp_path: Path) -> None:
    documents = [model(tmp_path, "first", 1, first=True), model(tmp_path, "next", 1)]
    path = written(tmp_path, *documents, pipeline("p", *chain(4), outputs=["s3"]))
    metrics, held = run(path, hold=True)
    for index, outputs in enumerate(held):
        assert np.allclose(outputs["s3"], index / 255), "what is held is never written again"
    assert FRAMES * BYTES <= metrics["buffer_bytes"] <= (FRAMES + 3) * BYTES


def test_explain_says_what_sharing_saves(tmp_path: Path) -> None:
    documents = [model(tmp_path, "first", 1, first=True)]
    steps = chain(1)
    path = written(tmp_path, *documents, *(pipeline(name, *steps, outputs=["s0"]) for name in "abc"))
    explanation = explain(plan(read(path)))
    found, size = explanation.saved(), (tmp_path / "first.null").stat().st_size
    assert (found["nodes"], found["asked_for"]) == (2, 6)
    assert (found["model_bytes"], found["asked_model_bytes"]) == (size, 3 * size)
    assert found["asked_us"] == 3 * found["us"] > 0
    said = text(explanation)
    assert "if each application had its own" in said and "at once, at most" in said
