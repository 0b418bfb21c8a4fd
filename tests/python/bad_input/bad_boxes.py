"""Documents, models and media that are good, for tests to spoil; and the command line on them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

testing = pytest.importorskip("click.testing")

PICKS = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [at], rate: 10}}
inbox: {policy: block}
---
kind: Model
name: pick
file: pick.onnx
input: {table: {window: 1}}
---
kind: Pipeline
name: picks
sensor: watch
steps: [{name: out, model: pick}]
"""
"""A table whose rows a model (pick.onnx, by picker()) picks from, as pipeline picks."""

GOOD = """
kind: Sensor
name: camera
source: {type: synthetic, width: 64, height: 48, rate: 30, count: 3, speed: max}
---
kind: Model
name: same
file: same.onnx
input: {image: {range: [0, 1]}}
---
kind: Application
name: shop
---
kind: Pipeline
name: one
application: shop
sensor: camera
latency: 100ms
steps:
  - {name: same, model: same}
"""
OTHER = """
---
kind: Sensor
name: other
source: {type: synthetic, width: 32, height: 24, rate: 100, count: 40, speed: max}
---
kind: Pipeline
name: other
sensor: other
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 8}}]
"""


def identity(file: Path, shape: list[Any], op: str = "Identity") -> None:
    """An ONNX model from `image` to `same`."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    h = onnx.helper
    ends = [[h.make_tensor_value_info(name, 1, shape)] for name in ("image", "same")]
    graph = h.make_graph([h.make_node(op, ["image"], ["same"])], "same", *ends)
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), str(file))


def picker(file: Path) -> None:
    """An ONNX model that gives the element of [10, 20, 30] at the index that its input says."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    h = onnx.helper
    nodes = [
        h.make_node("Cast", ["at"], ["index"], to=7),
        h.make_node("Gather", ["table", "index"], ["picked"]),
    ]
    ends = [[h.make_tensor_value_info(name, 1, [1, 1])] for name in ("at", "picked")]
    table = onnx.numpy_helper.from_array(np.array([10, 20, 30], np.float32), "table")
    graph = h.make_graph(nodes, "pick", *ends, [table])
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), str(file))


def video(path: Path, size: tuple[int, int], frames: int, codec: str = "mjpeg") -> Path:
    """A video of noise, ten frames a second."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for index in range(frames):
            noise = np.random.default_rng(index).integers(0, 255, (size[1], size[0], 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="rgb24")))
        container.mux(stream.encode())
    return path


def edgert(*arguments: object, **environment: str) -> Any:
    """The command line's result: exit_code, output."""
    from edgert.cli import main

    said = testing.CliRunner(env=environment).invoke(main, [str(argument) for argument in arguments])
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    assert "Traceback" not in said.output
    return said


def one_line(said: Any, *parts: str) -> None:
    """Asserts that all that was said is one line, with these parts."""
    lines = said.output.strip().splitlines()
    assert len(lines) == 1, said.output
    assert all(part in lines[0] for part in parts), lines[0]


def refused(folder: Path, text: str, line: int, *parts: str) -> None:
    """Asserts that `check` and `run` refuse these documents with one line, and that nothing was begun."""
    box = folder / "box.yaml"
    box.write_text(text)
    before = set(folder.iterdir())
    outputs = ["-o", folder / "out.jsonl", "--video", folder / "out.mp4", "--report", folder / "out.html"]
    for command in (["check", box], ["run", box, *outputs]):
        said = edgert(*command)
        assert said.exit_code == 1
        one_line(said, f"{box}:{line}: ", *parts)
        assert set(folder.iterdir()) == before


def results(path: Path) -> Counter[tuple[str, str]]:
    """How many lines of results there are, by pipeline and status."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return Counter((line["pipeline"], line["status"]) for line in lines)
