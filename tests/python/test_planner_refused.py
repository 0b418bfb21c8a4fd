"""The planner: what it refuses, and how it says so."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edgert.documents import DocumentErrors, read
from edgert.planner import plan
from planner_box import FACES, MESH, SENSORS, VAD, YAMNET, Box, pipeline


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


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
        (VAD.replace("file: vad.onnx", "file: box.yaml"), "Model/vad: the model box.yaml can't be used: the file is no model; give an ONNX or TFLite file"),
        (
            YAMNET.replace("window: 975ms", "window: 900ms") + pipeline("  - {name: s, model: yamnet}", "ear"),
            "Model/yamnet: it gives float32 [88, 64], and input 'log_mel' of the model wants float32 [?, 96, 64]; "
            "change the window, the features or the shape of the input in the Model document",
        ),
        (
            YAMNET + pipeline("  - {name: s, model: bell}", "ear"),
            "Pipeline/p: the model bell takes another step's output as 'embeddings', and the step names none; "
            "say from: STEP or STEP.TENSOR, or features_from: MODEL/OUTPUT in the Model document",
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
