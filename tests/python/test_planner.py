"""The planner: which nodes documents become."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from planner_box import CAMERA, FACES, MESH, MICROPHONE, VAD, YAMNET, Box, pipeline


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_picture_becomes_one_transform(box: Box) -> None:
    box.plan(FACES + pipeline("  - {name: all, model: faces}"))
    made = box.builder.one("image.to_tensor")
    assert made.params == {
        "width": 128,
        "height": 128,
        "layout": "nhwc",
        "fit": "letterbox",
        "colour": "rgb",
        "filter": "bilinear",
        "pad": 0.0,
        "dtype": "float32",
        "scale": [2 / 255],
        "offset": [-1.0],
    }
    boxes = box.builder.one("answer.boxes")
    assert {
        "fit": "letterbox",
        "input_width": 128,
        "input_height": 128,
        "keypoints": 6,
    }.items() <= boxes.params.items()
    assert [value.node for value in boxes.inputs[:2]] == [box.builder.one("model").value.node] * 2
    assert [value.output for value in boxes.inputs[:2]] == [0, 1]
    assert boxes.inputs[2].spec == CAMERA


def test_two_pipelines_share_equal_nodes(box: Box) -> None:
    steps = "  - {name: all, model: faces}"
    planned = box.plan(FACES + pipeline(steps) + "---\n" + pipeline(steps).replace("name: p", "name: q"))
    assert box.builder.ops() == ["source", "image.to_tensor", "model", "answer.boxes"]
    assert planned.pipelines.keys() == {"default/p", "default/q"}
    assert box.builder.applications == {"default": 1.0}


def test_for_each_runs_on_regions_of_the_models_own_shape(box: Box) -> None:
    steps = "  - {name: all, model: faces}\n  - {name: mesh, model: mesh, for_each: all}"
    planned = box.plan(FACES + MESH + pipeline(steps))
    regions = box.builder.one("regions.from_detections")
    assert regions.params == {"scale": [1.5], "square": True, "rotate_from": 0, "rotate_to": 1}
    region = box.builder.one("region").value
    pictures = [node for node in box.builder.nodes if node.op == "image.to_tensor"]
    assert pictures[1].inputs == [pictures[0].inputs[0], region]
    points = box.builder.one("answer.keypoints")
    assert [value.spec.get("name", "frame") for value in points.inputs] == [
        "points",
        "presence",
        "frame",
        "tensor",
    ]
    assert points.inputs[3] == region and points.value.scope == region.scope
    assert list(planned.pipelines["p"].outputs) == ["mesh"]


def test_regions_of_a_step_and_of_key_points(box: Box) -> None:
    steps = """
  - {name: all, model: faces}
  - {name: mesh, model: mesh, for_each: all}
  - {name: eyes, regions: {from: mesh, points: [33, 133], scale: 2}}
  - {name: look, model: mesh, for_each: eyes}
  - {name: tiles, regions: {grid: {rows: 2, columns: 2}}}
  - {name: small, model: faces, for_each: tiles}
  - {name: found, join: [all, small]}
"""
    box.plan(FACES + MESH + pipeline(steps))
    eyes = box.builder.one("regions.from_keypoints")
    assert eyes.params == {"square": False, "points": [33, 133], "scale": [2.0]}
    assert box.builder.one("regions.grid").params == {"rows": 2, "columns": 2, "overlap": 0.0}
    gathered = box.builder.one("gather")
    assert gathered.params == {"stack": False}
    assert box.builder.one("detections.join").inputs[1] == gathered.value


def test_sound_state_and_constants(box: Box) -> None:
    box.plan(VAD + pipeline("  - {name: voice, model: vad}", "ear"))
    assert box.builder.ops() == ["source", "audio.convert", "audio.window", "region", "tensor.reshape", "model", "answer.probability"]  # fmt: skip
    window = box.builder.one("audio.window")
    assert window.params == {"size": 576, "hop": 512, "rate": 16000.0, "pad_start": 64}
    assert window.inputs[1].spec == MICROPHONE
    assert box.builder.one("tensor.reshape").params == {"shape": [1, 576]}
    run = box.builder.one("model")
    assert run.params["state"] == {"state": "stateN"}
    assert (
        run.params["constants"]["sr"] == np.int64(16000) and run.params["constants"]["sr"].dtype == np.int64
    )


def test_features_and_another_steps_tensor(box: Box) -> None:
    steps = "  - {name: sounds, model: yamnet}\n  - {name: bell, model: bell, from: sounds.embedding}"
    planned = box.plan(YAMNET + pipeline(steps, "ear", "outputs: [sounds, bell, sounds.embedding]\n"))
    mel = box.builder.one("audio.log_mel").params
    assert (mel["window"], mel["hop"], mel["rate"], mel["low"], mel["high"]) == (
        400,
        160,
        16000,
        125.0,
        7500.0,
    )
    assert mel["stream"] is True
    window = box.builder.one("table.window").params  # in frames: 975 ms every 480 ms
    assert (window["size"], window["hop"], window["rate"], window["span"]) == (96, 48, 100.0, 0.975)
    assert box.builder.one("tensor.reshape").params == {"shape": [1, 96, 64]}
    sounds, bell = [node for node in box.builder.nodes if node.op == "model"]
    assert bell.inputs == [sounds.value.out(1)]
    kinds = {name: output.kind for name, output in planned.pipelines["p"].outputs.items()}
    assert kinds == {"sounds": "classes", "bell": "probability", "sounds.embedding": "raw"}


def test_rows_of_a_table(box: Box) -> None:
    model = """
kind: Model
name: activity
file: activity.onnx
input: {table: {columns: [az, ay, ax], rate: 10, window: 10s, hop: 1s, mean: 1, deviation: [1, 2, 3]}}
answer: {type: classes, labels: [a, b, c, d]}
---
"""
    box.plan(model + pipeline("  - {name: what, model: activity}", "watch"))
    assert box.builder.one("table.select").params == {"columns": ["az", "ay", "ax"]}
    assert box.builder.one("table.window").params == {"size": 100, "hop": 10, "rate": 10.0}
    assert box.builder.one("table.scale").params == {"mean": [1.0], "deviation": [1.0, 2.0, 3.0]}
    assert box.builder.one("tensor.reshape").params == {"shape": [1, 100, 3]}


def test_quantised_models(box: Box) -> None:
    model = """
kind: Model
name: lite
file: lite.tflite
input: {image: {mean: 127, deviation: 128}}
answer: {type: classes, activation: softmax}
---
"""
    box.plan(model + pipeline("  - {name: what, model: lite}"))
    params = box.builder.one("image.to_tensor").params
    assert (params["dtype"], params["quant_scale"], params["quant_zero"]) == ("uint8", 0.0078125, 127)
    assert (params["scale"], params["offset"]) == ([1 / 128], [-127 / 128])
    assert box.builder.one("tensor.dequantize").params == {"scale": 0.07, "zero": 74}


def test_conditions_gate_outputs_and_nest(box: Box) -> None:
    steps = """
  - {name: voice, model: vad}
  - {name: speech, condition: {from: voice, above: 0.5, hold: 1s}}
  - {name: sounds, model: yamnet, when: speech}
  - {name: ringing, condition: {from: sounds, label: Bell, below: 0.3}}
  - {name: bell, model: bell, from: sounds.embedding, when: ringing}
"""
    box.plan(VAD + YAMNET + pipeline(steps, "ear"))
    first, second = [node for node in box.builder.nodes if node.op == "gate"]
    assert first.params == {"index": 0, "reduce": "any", "hold_ms": 1000.0, "above": 0.5}
    assert box.builder.nodes[first.inputs[0].node].op == "gather"
    probability = [node for node in box.builder.nodes if node.op == "answer.probability"][1]
    assert probability.params == {"index": 1, "activation": "none"}
    assert second.params["below"] == 0.3 and second.inputs == [probability.value, first.value]
    outputs = box.builder.pipelines["p"]["outputs"]
    assert [(name, gate) for name, _, gate in outputs] == [("bell", second.value)]


def test_filter_threshold_and_transform(box: Box) -> None:
    steps = """
  - {name: all, model: faces}
  - {name: near, filter: {from: all, classes: [face], above: 0.7, min_size: 20}}
  - {name: hot, threshold: {from: all.classificators, above: 2}}
  - {name: flat, transform: tensor.reshape, params: {shape: [-1]}, from: all.regressors}
  - {name: small, transform: image.to_tensor, params: {width: 8, height: 8, layout: nhwc, colour: gray}, from: frame}
"""
    planned = box.plan(FACES + pipeline(steps))
    assert box.builder.one("detections.filter").params == {"min_score": 0.7, "classes": [0], "min_size": 20.0}
    assert box.builder.one("tensor.threshold").params == {"above": 2.0}
    assert box.builder.one("tensor.reshape").params == {"shape": [-1]}
    assert list(planned.pipelines["p"].outputs) == ["near", "hot", "flat", "small"]


def test_a_transform_runs_once_for_each_region(box: Box) -> None:
    steps = """
  - {name: all, model: faces}
  - {name: wide, regions: {from: all, scale: 2}}
  - {name: crops, transform: image.to_tensor, params: {width: 8, height: 8, layout: nhwc, colour: gray}, from: frame, for_each: wide}
  - {name: flat, transform: tensor.reshape, params: {shape: [-1]}, from: crops}
"""
    planned = box.plan(FACES + pipeline(steps))
    region = box.builder.one("region")
    assert region.inputs == [box.builder.one("regions.from_detections").value]
    crops = [node for node in box.builder.nodes if node.op == "image.to_tensor"][1]
    assert crops.inputs[1:] == [region.value] and crops.value.scope == region.value.scope
    assert box.builder.one("tensor.reshape").value.scope == region.value.scope
    assert list(planned.pipelines["p"].outputs) == ["flat"]


def test_pipeline_options_and_inboxes(box: Box) -> None:
    more = "rate: 5fps\nevery: 2\nlatency: 50ms\non_miss: late\nqueue: 8\nwhen_full: drop_oldest\n"
    box.plan(FACES + VAD + pipeline("  - {name: all, model: faces}", more=more) + "---\n" + pipeline("  - {name: v, model: vad}", "ear").replace("name: p", "name: q"))  # fmt: skip
    expected = {
        "rate": 5.0,
        "every": 2,
        "latency_ms": 50.0,
        "on_miss": "late",
        "queue": 8,
        "when_full": "drop_oldest",
    }
    assert expected.items() <= box.builder.pipelines["p"].items()
    assert box.builder.sensors == {
        "street": {"inbox": "latest", "queue": 4, "in_flight": 4, "cache": False},
        "ear": {"inbox": "queue", "queue": 64, "in_flight": 4, "cache": False},
    }
