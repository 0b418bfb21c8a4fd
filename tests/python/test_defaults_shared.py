"""Steps that say the same, one of them by leaving defaults out, share one node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime

BOX = """\
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 64, height: 48}}
---
kind: Application
name: shop
---
kind: Application
name: care
---
kind: Pipeline
name: one
application: shop
sensor: camera
steps:
  - {name: step, transform: %s, from: frame, params: {%s}}
---
kind: Pipeline
name: two
application: care
sensor: camera
steps:
  - {name: step, transform: %s, from: frame, params: {%s}}
"""


def nodes(folder: Path, op: str, one: str, two: str) -> list[Any]:
    (folder / "box.yaml").write_text(BOX % (op, one, op, two))
    with Runtime(folder / "box.yaml") as runtime:
        readers = [runtime.results(name, 20) for name in ("one", "two")]
        for level in (0, 200):
            picture = np.zeros((48, 64, 3), np.uint8)
            picture[:24] = level
            runtime.push("camera", picture, media_time=level / 1000)
        found = [[np.array(next(reader).outputs["step"]) for _ in range(2)] for reader in readers]
        for first, second in zip(*found, strict=True):
            np.testing.assert_array_equal(first, second)
        return [node for node in runtime.nodes() if node["op"] == op]


@pytest.mark.parametrize(
    ("op", "briefly", "in_full"),
    [
        ("image.motion", "", "columns: 64, rows: 36, threshold: 12, memory_ms: 1000"),
        ("image.cells", "columns: 64", "rows: 36"),
        (
            "image.to_tensor",
            "width: 8, height: 8",
            "width: 8, height: 8, layout: nhwc, scale: 1.0, offset: [0, 0, 0], dtype: float32, pad: 0",
        ),
    ],
)
def test_both_ways_are_one_node(tmp_path: Path, op: str, briefly: str, in_full: str) -> None:
    [node] = nodes(tmp_path, op, briefly, in_full)
    assert node["applications"] == ["care", "shop"]


def test_what_isnt_equal_is_not(tmp_path: Path) -> None:
    (tmp_path / "box.yaml").write_text(BOX % ("image.motion", "", "image.motion", "threshold: 13"))
    with Runtime(tmp_path / "box.yaml") as runtime:
        assert len([node for node in runtime.nodes() if node["op"] == "image.motion"]) == 2
