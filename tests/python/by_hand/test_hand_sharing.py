"""Two applications that want the same of one camera: it is done once, and takes the time of once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("av")

from hand_engines import zoo

EVERY, ACTIVATIONS = 40, 20  # of the street camera's 795 frames
BOX = """
kind: Sensor
name: street
source: {type: video, path: zoo:street-camera, speed: max}
"""
OF_EACH = """
---
kind: Application
name: %(name)s
---
kind: Model
name: %(name)s-objects
file: zoo:ssd-mobilenetv2-oidv4
input: {image: {size: 300, range: [%(low)s, 1]}}
answer: {type: boxes, boxes: raw_outputs/box_encodings, scores: raw_outputs/class_predictions, format: ssd,
  anchors: ssd_mobilenet, background: true, min_score: %(least)s, labels: zoo:ssd-mobilenetv2-oidv4-labels}
---
kind: Pipeline
name: %(name)s
application: %(name)s
sensor: street
every: %(every)d
steps:
  - {name: objects, model: %(name)s-objects}
"""


def spent(folder: Path, low_of_second: float) -> tuple[dict[str, list[Any]], dict[str, float]]:
    """The nodes of each operation, and the milliseconds that they took together."""
    from edgert import Runtime

    first = OF_EACH % {"name": "shop", "every": EVERY, "low": -1, "least": 0.5}
    second = OF_EACH % {"name": "safety", "every": EVERY, "low": low_of_second, "least": 0.6}
    (folder / "box.yaml").write_text(BOX + first + second)
    runtime = Runtime(folder / "box.yaml")
    count: dict[str, int] = dict.fromkeys(runtime.pipelines, 0)

    def take(result: Any) -> None:
        assert result.status == "ok"
        count[result.pipeline] += 1

    runtime.on_result(None, take)
    with runtime:
        assert runtime.wait(100)
    assert list(count.values()) == [ACTIVATIONS, ACTIVATIONS] and runtime.failures == []
    nodes: dict[str, list[Any]] = {}
    for node in runtime.metrics()["nodes"]:
        nodes.setdefault(node["op"], []).append(node)
    took = {op: sum(node["run_ms_mean"] * node["executed"] for node in same) for op, same in nodes.items()}
    return nodes, took


def test_what_is_equal_is_done_once(tmp_path: Path) -> None:
    for name in ("street-camera", "ssd-mobilenetv2-oidv4", "ssd-mobilenetv2-oidv4-labels"):
        zoo(name)
    shared, took_shared = spent(tmp_path, -1)
    alone, took_alone = spent(tmp_path, -1.001)
    once, each = (ACTIVATIONS, 2 * ACTIVATIONS), (ACTIVATIONS, ACTIVATIONS)
    # another range is another tensor, and another run of the model, of the same pixels
    apart = {"image.to_tensor": [once], "model": [each, each]}
    for op in ("image.to_tensor", "model"):
        assert [(node["executed"], node["demanded"]) for node in shared[op]] == [once]
        assert [(node["executed"], node["demanded"]) for node in alone[op]] == apart[op]
        assert sorted(shared[op][0]["applications"]) == ["safety", "shop"]
        print(f"{op}: {took_shared[op]:.1f} ms shared, {took_alone[op]:.1f} ms without")
    # each application still reads the boxes its own way
    assert [node["executed"] for node in shared["answer.boxes"]] == [ACTIVATIONS] * 2
