"""`fuse=False`: pictures become tensors step by step, each transform is a node, and answers are alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from edgert import Runtime

Array = npt.NDArray[Any]
WIDTH, HEIGHT = 96, 72
BOX = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 96, height: 72}}
inbox: {policy: block}
"""
MODEL = """---
kind: Model
name: %s
file: %s.null
input: {image: {%s}}
---
kind: Pipeline
name: %s
sensor: camera
steps: [{name: echo, model: %s}]
"""
ONE_LEVEL = 1.6  # a rounding to bytes after the colours, and one after the size
SHAPES = {"nhwc": "1x24x32x3", "nchw": "1x3x24x32"}


def box(folder: Path, **wanted: str) -> Path:
    """A pipeline for each model, whose input is handed out."""
    texts = [BOX]
    for name, image in wanted.items():
        shape = SHAPES["nchw" if "nchw" in image else "nhwc"]
        (folder / f"{name}.null").write_text(f"input x float32 {shape}\noutput y float32 {shape}\necho\n")
        texts.append(MODEL % (name, name, image, name, name))
    (folder / "box.yaml").write_text("".join(texts))
    return folder / "box.yaml"


def picture() -> Array:
    """Smooth colours, of which no step clips one."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [100 + 80 * np.sin(x / 17), 120 + 90 * np.cos(y / 13), 128 + 60 * np.sin((x + y) / 11)]
    return np.stack(planes, -1).astype(np.uint8)


def run(path: Path, fuse: bool) -> tuple[dict[str, Array], list[str]]:
    with Runtime(path, fuse=fuse) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in runtime.pipelines}
        runtime.push("camera", picture())
        found = {
            name.split("/")[1]: np.array(next(of).outputs["echo"], np.float32) for name, of in results.items()
        }
        return found, [node["op"] for node in runtime.nodes()]


@pytest.mark.parametrize(
    ("image", "level"),
    [
        ("range: [-1, 1]", 2 / 255),
        ("range: [0, 1], layout: nchw, colour: bgr", 1 / 255),
        ("mean: [10, 20, 30], deviation: [50, 60, 70]", 1 / 50),
        ("range: [0, 255], fit: letterbox, pad: 114", 1),
        ("range: [0, 1], fit: centre_crop, filter: area, layout: nchw", 1 / 255),
    ],
)
def test_the_steps_give_what_the_one_pass_gives(tmp_path: Path, image: str, level: float) -> None:
    path = box(tmp_path, echo=image)
    fused, ops = run(path, True)
    stepwise, steps = run(path, False)
    assert ops == ["source", "image.to_tensor", "model"]
    last = ["tensor.transpose"] if "nchw" in image else []
    assert steps == [
        "source",
        "image.to_tensor",
        "image.resize",
        "tensor.cast",
        "table.scale",
        *last,
        "model",
    ]
    assert fused["echo"].std() > 10 * level, "a picture, and no flat colour"
    assert np.abs(fused["echo"] - stepwise["echo"]).max() <= ONE_LEVEL * level


def test_each_step_is_shared_and_what_one_pass_could_do_is_not_joined(tmp_path: Path) -> None:
    path = box(tmp_path, one="range: [0, 1]", two="range: [-1, 1], layout: nchw")
    fused, ops = run(path, True)
    stepwise, steps = run(path, False)
    assert ops.count("image.to_tensor") == 1 and "image.resize" not in ops
    assert [steps.count(op) for op in ("image.to_tensor", "image.resize", "tensor.cast")] == [1, 1, 1]
    assert steps.count("table.scale") == 2 and steps.count("tensor.transpose") == 1
    for name in ("one", "two"):
        assert np.abs(fused[name] - stepwise[name]).max() <= ONE_LEVEL * 2 / 255


def test_regions_are_cut_out_of_the_converted_picture(tmp_path: Path) -> None:
    path = box(tmp_path, echo="range: [0, 1]")
    grid = "{name: tiles, regions: {grid: {rows: 2, columns: 2}}}"
    path.write_text(
        path.read_text().replace(
            "{name: echo, model: echo}", f"{grid}, {{name: echo, model: echo, for_each: tiles}}"
        )
    )

    def tiles(fuse: bool) -> Array:
        with Runtime(path, fuse=fuse) as runtime:
            results = runtime.results("echo", timeout=30)
            runtime.push("camera", picture())
            return np.stack([array for _, array in next(results).outputs["echo"]])

    fused, stepwise = tiles(True), tiles(False)
    assert len(fused) == 4
    assert np.abs(fused - stepwise).max() <= ONE_LEVEL / 255
