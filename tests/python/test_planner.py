"""The planner: which nodes documents become."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.documents import DocumentErrors, ImageInput, read
from edgert.planner import Planned, plan
from edgert.planner.images import scaling
from edgert.planner.shapes import matches, target
from planner_fake import FakeBuilder, tensor

CAMERA = {"kind": "image", "pixel": "yuv420p", "width": 768, "height": 576}
MICROPHONE = {"kind": "audio", "rate": 16000, "channels": 1, "dtype": "int16", "max_chunk": 1600}
WATCH = {"kind": "table", "columns": ["ax", "ay", "az"], "rate": 10.0, "max_rows": 1}

SENSORS = """
kind: Sensor
name: street
source: {type: camera}
---
kind: Sensor
name: ear
source: {type: microphone}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [ax, ay, az], rate: 10}}
---
"""

MODELS: dict[str, Any] = {
    "faces": (
        [tensor("input", [1, 128, 128, 3])],
        [tensor("regressors", [1, 896, 16]), tensor("classificators", [1, 896, 1])],
    ),
    "mesh": (
        [tensor("input_1", [1, 192, 192, 3])],
        [tensor("points", [1, 1, 1, 1404]), tensor("presence", [1, 1, 1, 1])],
    ),
    "lite": (
        [tensor("image", [1, 224, 224, 3], "uint8", 0.0078125, 127)],
        [tensor("logits", [1, 1000], "uint8", 0.07, 74)],
    ),
    "chw": ([tensor("image", [-1, 3, 224, 224])], [tensor("logits", [-1, 10])]),
    "vad": (
        [tensor("input", [-1, -1]), tensor("state", [2, -1, 128]), tensor("sr", [], "int64")],
        [tensor("output", [-1, 1]), tensor("stateN", [-1, -1, -1])],
    ),
    "yamnet": (
        [tensor("log_mel", [-1, 96, 64])],
        [tensor("scores", [-1, 2]), tensor("embedding", [-1, 1024])],
    ),
    "bell": ([tensor("embeddings", [-1, 1024])], [tensor("prob", [-1, 1])]),
    "activity": ([tensor("window", [-1, 100, 3])], [tensor("probabilities", [-1, 4])]),
    "two": ([tensor("a", [1, 4]), tensor("b", [1, 4])], [tensor("y", [1, 2])]),
}

FACES = """
kind: Model
name: faces
file: faces.tflite
input: {image: {range: [-1, 1], fit: letterbox}}
answer: {type: boxes, boxes: regressors, scores: classificators, format: mediapipe, anchors: mediapipe,
         anchor_strides: [8, 16], keypoints: 6, labels: [face]}
---
"""
MESH = """
kind: Model
name: mesh
file: mesh.tflite
input: {image: {size: 192, range: [0, 1]}}
answer: {type: keypoints, points: points, presence: presence, count: 468}
region: {scale: 1.5, square: true, rotate_from: 0, rotate_to: 1}
---
"""
VAD = """
kind: Model
name: vad
file: vad.onnx
input: {audio: {rate: 16kHz, window: 576, hop: 512, pad_start: 64}}
constants: {sr: 16000}
state: {state: stateN}
answer: {type: probability, output: output}
---
"""
YAMNET = """
kind: Model
name: yamnet
file: yamnet.onnx
input: {audio: {rate: 16kHz, window: 975ms, hop: 480ms, features: {log_mel: {window: 25ms, hop: 10ms, low: 125, high: 7500}}}}
answer: {type: classes, output: scores, activation: none, labels: [Speech, Bell]}
---
kind: Model
name: bell
file: bell.onnx
input: {features: {}}
answer: {type: probability}
---
"""


class Box:
    """A folder with documents and model files, planned by a fake builder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.builder: Any = FakeBuilder(**MODELS)

    def plan(self, text: str) -> Planned:
        (self.folder / "box.yaml").write_text(SENSORS + text)
        for name in MODELS:
            for suffix in ("onnx", "tflite"):
                (self.folder / f"{name}.{suffix}").touch()
        return plan(read(self.folder), self.builder, self.probe, only_check=True)

    def refused(self, text: str) -> list[str]:
        with pytest.raises(DocumentErrors) as caught:
            self.plan(text)
        texts = [str(problem).replace(f"{self.folder}/box.yaml:", "") for problem in caught.value.problems]
        return [text.split(": ", 1)[1] for text in texts]

    @staticmethod
    def probe(source: Any, base: Path) -> dict[str, Any]:
        return CAMERA if source.type == "camera" else MICROPHONE


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def pipeline(steps: str, sensor: str = "street", more: str = "") -> str:
    return f"kind: Pipeline\nname: p\nsensor: {sensor}\n{more}steps:\n{steps}\n"


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
    assert planned.pipelines.keys() == {"p", "q"}
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
    assert box.builder.one("audio.window").params["size"] == 15600
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
        "street": {"inbox": "latest", "queue": 4, "in_flight": 4},
        "ear": {"inbox": "queue", "queue": 64, "in_flight": 4},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            VAD + pipeline("  - {name: voice, model: vad}"),
            "Pipeline/p: the model vad wants sound, and the sensor street gives pictures (yuv420p 768×576); no transform "
            "makes one of the other; give the pipeline a sensor of type microphone or audio, or another model",
        ),
        (
            FACES + pipeline("  - {name: all, model: faces}", "ear"),
            "Pipeline/p: the model faces wants pictures, and the sensor ear gives sound (16000 Hz × 1); no transform "
            "makes one of the other; give the pipeline a sensor of type camera, video or images, or another model",
        ),
        (
            FACES.replace("range: [-1, 1]", "range: [-1, 1], size: 192"),
            "",
        ),
        (
            FACES.replace("range: [-1, 1]", "range: [-1, 1], size: [128, 192]") + pipeline("  - {name: a, model: faces}"),
            "Model/faces: size says height 192, and input 'input' of the model is float32 [1, 128, 128, 3]; "
            "write 128, or leave size out",
        ),
        (
            FACES.replace("range: [-1, 1]", "range: [-1, 1], dtype: uint8") + pipeline("  - {name: a, model: faces}"),
            "Model/faces: dtype is uint8, and input 'input' of the model is float32; write float32, or leave it out",
        ),
        (
            FACES.replace("range: [-1, 1]", "range: [-1, 1], layout: nchw") + pipeline("  - {name: a, model: faces}"),
            "Model/faces: nchw and rgb make 3 channels, and input 'input' of the model is float32 [1, 128, 128, 3]; "
            "correct layout in the Model document",
        ),
        (
            FACES.replace("range: [-1, 1], ", "") + pipeline("  - {name: a, model: faces}"),
            "Model/faces: the model wants float32 values, and the document doesn't say which; say range: [0, 1] or "
            "[-1, 1], or mean and deviation",
        ),
        (
            FACES.replace("boxes: regressors", "boxes: regresors"),
            "Model/faces: the model has no output 'regresors'; did you mean 'regressors'?",
        ),
        (VAD.replace("constants: {sr: 16000}", "constants: {}"), "Model/vad: the model has several inputs: input (float32 [?, ?]), sr (int64 []); name each in inputs, constants or state"),
        (VAD.replace("sr: 16000", "sr: [1, 2]"), "Model/vad: 'sr' has the shape [2], and the model wants int64 []; write it in that shape"),
        (VAD.replace("sr: 16000", "sr: fast"), None),
        (VAD.replace("state: stateN", "state: stateM"), "Model/vad: the model has no output 'stateM'; did you mean 'stateN'?"),
        (VAD.replace("file: vad.onnx", "file: box.yaml"), "Model/vad: the model box.yaml can't be used: model 'vad': the file is no model; give an ONNX or TFLite file"),
        (
            YAMNET.replace("window: 975ms", "window: 900ms") + pipeline("  - {name: s, model: yamnet}", "ear"),
            "Model/yamnet: it gives float32 [88, 64], and input 'log_mel' of the model wants float32 [?, 96, 64]; "
            "change the window, the features or the shape of the input in the Model document",
        ),
        (
            YAMNET + pipeline("  - {name: s, model: bell}", "ear"),
            "Pipeline/p: the model bell takes another step's output as 'embeddings', and the step names none; "
            "say from: STEP or STEP.TENSOR",
        ),
        (
            YAMNET + pipeline("  - {name: s, model: yamnet}\n  - {name: b, model: bell, from: s.embeding}", "ear"),
            "Pipeline/p: step 's' has no tensor 'embeding'; did you mean 'embedding'?",
        ),
        (
            FACES + pipeline("  - {name: a, model: faces}\n  - {name: b, filter: {from: a, classes: [Face]}}"),
            "Pipeline/p: 'Face' isn't among the labels of step 'a'; did you mean 'face'?",
        ),
        (
            FACES + pipeline("  - {name: a, model: faces}\n  - {name: b, transform: foo.bar, from: a}"),
            "Pipeline/p: step 'b': foo.bar: unknown operation; see docs/operations.md",
        ),
        (
            FACES + MESH.replace("scale: 1.5", "points: [1]") + pipeline("  - {name: a, model: faces}\n  - {name: b, model: mesh, for_each: a}"),
            "Pipeline/p: points has no meaning for detections (of step 'a'); leave it out",
        ),
        (
            YAMNET.replace("type: probability", "type: keypoints, count: 1") + pipeline("  - {name: s, model: yamnet}\n  - {name: b, model: bell, from: s.embedding}", "ear"),
            "Model/bell: the answer keypoints lies in a picture, and the model reads none; choose another answer",
        ),
        (
            "kind: Model\nname: m\nfile: two.onnx\ninputs: {a: {features: {}}}\n---\n",
            "Model/m: the model's input b (float32 [1, 4]) isn't fed; name each in inputs, constants or state",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_refused(box: Box, text: str, expected: str | None) -> None:
    if expected == "":
        box.plan(text)
        return
    found = box.refused(text)
    assert (expected is None and found) or expected in found, "\n".join(found)


def test_a_model_that_many_steps_name_is_one_problem(box: Box) -> None:
    steps = "  - {name: a, model: vad}\n  - {name: b, model: vad}"
    assert len(box.refused(VAD.replace("vad.onnx", "box.yaml") + pipeline(steps, "ear"))) == 1


def test_a_sensor_that_cannot_be_read_is_a_problem_of_its_line(box: Box) -> None:
    def probe(source: Any, base: Path) -> dict[str, Any]:
        raise FileNotFoundError("no camera /dev/video0")

    (box.folder / "box.yaml").write_text(SENSORS + "kind: Application\nname: a\n")
    with pytest.raises(DocumentErrors) as caught:
        plan(read(box.folder), box.builder, probe)
    first = caught.value.problems[0]
    assert (first.line, first.document) == (4, "Sensor/street") and "no camera" in first.what


@pytest.mark.parametrize(
    ("image", "scale", "offset"),
    [
        (ImageInput(range=(0, 1)), [1 / 255], [0.0]),
        (ImageInput(range=(-1, 1)), [2 / 255], [-1.0]),
        (ImageInput(mean=[127.5], deviation=[127.5]), [2 / 255], [-1.0]),
        (ImageInput(mean=[0.0], deviation=[255.0]), [1 / 255], [0.0]),
        (ImageInput(mean=[123.675, 116.28, 103.53], deviation=[58.395, 57.12, 57.375]),
         [1 / 58.395, 1 / 57.12, 1 / 57.375], [-123.675 / 58.395, -116.28 / 57.12, -103.53 / 57.375]),
        (ImageInput(), [1.0], [0.0]),
    ],
)  # fmt: skip
def test_scaling_is_exact(image: ImageInput, scale: list[float], offset: list[float]) -> None:
    made = scaling(image)
    assert np.allclose(made[0], scale, rtol=1e-15)
    assert np.allclose(made[1], offset, rtol=1e-15)


def test_the_same_scaling_written_in_two_ways_is_one_node() -> None:
    assert scaling(ImageInput(range=(-1, 1))) == scaling(ImageInput(mean=[127.5], deviation=[127.5]))
    assert scaling(ImageInput(range=(0, 1))) == scaling(
        ImageInput(mean=[0.0], deviation=[255.0, 255.0, 255.0])
    )


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ([576], [-1, -1], [1, 576]),
        ([96, 64], [-1, 96, 64], [1, 96, 64]),
        ([76, 32], [-1, 76, 32, 1], [1, 76, 32, 1]),
        ([1, 1, 1, 96], [-1, 96], [1, 96]),
        ([-1, 1024], [-1, 1024], [-1, 1024]),
        ([96, 64], [-1, 64, 96], None),
        ([10], [1, 5, 2], None),
        ([4, 3], [3], None),
    ],
)
def test_shapes_keep_their_order(given: list[int], wanted: list[int], expected: list[int] | None) -> None:
    assert target(given, wanted) == expected
    assert matches([1, -1, 3], [-1, 5, 3]) and not matches([1, 2], [1, 3])
