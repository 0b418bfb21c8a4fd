"""What explain promises of a frame's memory is what runs: one frame at a time on one lane."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from edgert import Runtime
from edgert.documents import read
from edgert.explain import explain
from edgert.planner import plan

SIDE = 160
SENSOR = {
    "kind": "Sensor",
    "name": "camera",
    "source": {"type": "push", "format": {"kind": "image", "pixel": "rgb24", "width": SIDE, "height": SIDE}},
    "inbox": {"policy": "block", "in_flight": 1},
}
GRAIN = 1.2
"""Of the promise: pieces of a region end somewhere in their last place."""
SMALL = 65536
"""Bytes of small tensors, whose blocks are apart, and of results that Python lets go of when it likes."""


def box(folder: Path, sides: list[int], middle: bool = True) -> Path:
    """A pipeline for each size of picture: a model that makes features of half the input's bytes (`middle`),
    and one that makes a few numbers of these."""
    documents: list[dict[str, Any]] = [SENSOR]
    for side in sides:
        shape, features = f"1x{side}x{side}x3", f"1x{side * side * 3 // 2}" if middle else "1x16"
        write(folder / f"see{side}.null", f"input x float32 {shape}", f"output y float32 {features}")
        write(folder / f"read{side}.null", f"input x float32 {features}", "output y float32 1x16")
        image = {"image": {"range": [0, 1], "size": side}}
        said: dict[str, Any] = {"features": {}}
        documents += [
            {"kind": "Model", "name": f"see{side}", "file": f"see{side}.null", "input": image},
            {"kind": "Model", "name": f"read{side}", "file": f"read{side}.null", "input": said},
            {
                "kind": "Pipeline",
                "name": f"p{side}",
                "sensor": "camera",
                "steps": [
                    {"name": "see", "model": f"see{side}"},
                    {"name": "read", "model": f"read{side}", "from": "see"},
                ],
                "outputs": ["read"],
            },
        ]
    (folder / "box.yaml").write_text(yaml.safe_dump_all(documents))
    return folder / "box.yaml"


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join(lines) + "\n")


def promised(path: Path) -> tuple[int, int]:
    """Bytes of a frame that are alive at once, and of all that is computed of it."""
    found = explain(plan(read(path))).saved()
    return found["peak_bytes"], found["tensor_bytes"]


def measured(path: Path, lanes: int = 1, frames: int = 6) -> dict[str, Any]:
    """The metrics after some frames, each answered before the next one comes."""
    with Runtime(path, lanes=lanes) as runtime:
        results = {name: runtime.results(name, timeout=60) for name in runtime.pipelines}
        for index in range(frames):
            runtime.push("camera", np.full((SIDE, SIDE, 3), index, np.uint8))
            for of_pipeline in results.values():
                assert next(of_pipeline).status == "ok"
        metrics: dict[str, Any] = runtime.metrics()
        return metrics


@pytest.mark.parametrize(
    "sides",
    [[160, 96, 56], [56, 96, 160], [72, 160, 64, 120, 48], [150, 148, 146, 144, 142]],
    ids=["falling", "rising", "mixed", "alike"],
)
def test_a_frame_takes_what_explain_says(tmp_path: Path, sides: list[int]) -> None:
    path = box(tmp_path, sides)
    peak, together = promised(path)
    metrics = measured(path)
    assert peak <= metrics["buffer_bytes"] <= GRAIN * peak + SMALL
    assert metrics["buffer_bytes_apart"] >= together, "each output's own would be the sum"
    assert together > 1.4 * peak, "there is something to save"


def test_two_lanes_take_no_more_than_two_frames_would(tmp_path: Path) -> None:
    path = box(tmp_path, [160, 96, 56], middle=False)
    peak, _ = promised(path)
    found = measured(path, lanes=2)["buffer_bytes"]
    # Which pictures two lanes have at once, and where they lie then, is chance.
    assert peak <= found <= 2 * GRAIN * peak + SMALL


def test_what_is_private_has_room_of_its_own(tmp_path: Path) -> None:
    path = box(tmp_path, [160, 96])
    text = path.read_text().replace("name: p96", "name: p96\nshare: private")
    path.write_text(text)
    assert "share: private" in text
    metrics = measured(path)
    size = 4 * 3
    least = 160 * 160 * size * 3 // 2 + 96 * 96 * size * 3 // 2  # the peaks of both
    assert least <= metrics["buffer_bytes"] <= GRAIN * least + SMALL
