"""Documents and models that are wrong: one line that says where, what, and what to do; nothing is begun."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_boxes import GOOD, edgert, identity, one_line, refused

TWICE = "  - {name: same, model: same}\n"
CYCLE = "  - {name: same, model: same, when: much}\n  - {name: much, condition: {from: same, above: 1}}\n"
VIDEO = "type: video, path: gone.avi"
BOX = "---\nkind: Scheduler\nname: box\ncache: %s\n"
SYNTHETIC = "synthetic, width: 64, height: 48, rate: 30, count: 3, speed: max"
PUSHED = "push, format: {kind: image, width: %d, height: %d}"
MQTT = "mqtt, broker: 'mqtt://h', payload: jpeg, "


def _of_a_source(wrong: str, *said: str) -> tuple[str, str, int, tuple[str, ...]]:
    return SYNTHETIC, wrong, 4, ("Sensor/camera", *said)


# what is wrong -> what replaces what in good documents, the line, and what is said
WRONG: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "key": ("rate: 30", "rte: 30", 4, ("Sensor/camera: unknown key 'rte'", "did you mean 'rate'?")),
    "type": ("width: 64", "width: wide", 4, ("'source.width' is 'wide'", "write a whole number")),
    "name": ("name: one", "name: on/e", 15, ("the name 'on/e' can't be used", "write letters, digits")),
    "reference": ("sensor: camera", "sensor: camra", 17, ("no Sensor 'camra'", "did you mean 'camera'?")),
    "model": ("model: same", "model: sme", 20, ("sme", "did you mean 'same'?")),
    "unit": ("100ms", "100parsec", 18, ("'latency'", "unknown unit 'parsec'", "the units are us, ms, s")),
    "no unit": ("100ms", "100", 18, ("'latency'", 'write "200ms"', "not 100")),
    "cycle": (TWICE, CYCLE, 20, ("same → much → same", "let one of them read the frame")),
    "no model file": ("same.onnx", "gone.onnx", 8, ("gone.onnx doesn't exist", "relative paths start at")),
    "no video": ("type: synthetic", VIDEO, 4, ("unknown key 'width'",)),
    "output": (TWICE, TWICE + "outputs: [sme]\n", 21, ("no step 'sme' to give out", "did you mean 'same'?")),
    "condition": (TWICE, TWICE[:-2] + ", when: frame}\n", 20, ("reads 'frame'", "no such step")),
    "region": (TWICE, TWICE[:-2] + ", for_each: frame}\n", 20, ("reads 'frame'", "no such step")),
    "filter": (
        TWICE,
        TWICE + "  - {name: some, filter: {from: frame, above: 1}}\n",
        21,
        ("reads 'frame'", "no such step"),
    ),
    "join": (TWICE, TWICE + "  - {name: all, join: [frame]}\n", 21, ("reads 'frame'", "no such step")),
    "input": ("image: {range: [0, 1]}", "audio: null", 9, ("exactly one of image, audio",)),
    "rate": ("rate: 30", "rate: 1e30", 4, ("a rate is a number of Hz", "to 1e9")),
    "duration": ("100ms", "999999999h", 18, ("a duration is 0 to 366 days",)),
    "number": ("range: [0, 1]", "range: [0, .inf]", 9, ("range", "it must be a finite number")),
    "size of memory": (TWICE, TWICE + BOX % "99999999999GB", 24, ("a size is a whole number", "to 1024 TiB")),
    "endless size": (TWICE, TWICE + BOX % ".inf", 24, ("a size is a whole number", "to 1024 TiB")),
    "great size": (TWICE, TWICE + BOX % f"{9 * 10**400}B", 24, ("larger than any", "write a smaller")),
    "great number": ("count: 3", f"count: {2**70}", 4, ("is too large", "write one of 64 bits")),
    "sensor's name": ("sensor: camera", "sensor: 'a camera'", 17, ("'a camera', which is no name", "write")),
    "conversion": (
        "image: {range: [0, 1]}",
        "audio: {rate: 16kHz, window: 975ms}",
        20,
        ("same wants sound", "camera gives pictures", "give the pipeline a sensor of type microphone"),
    ),
    "size": ("range: [0, 1]", "range: [0, 1], size: 40", 9, ("40", "[1, 3, 32, 32]", "write 32")),
    "no picture": _of_a_source(PUSHED % (0, 0), "say width and height, at least 1 each, or leave both out"),
    "half a picture": _of_a_source(PUSHED % (640, 0), "say width and height, at least 1 each"),
    "huge picture": _of_a_source(PUSHED % (10**9, 480), "source.format.width", "16384"),
    "step twice": (TWICE, 2 * TWICE, 21, ("two steps are called 'same'", "give one another name")),
    "key twice": (
        "sensor: camera",
        "sensor: camera\nsensor: camera",
        18,
        ("'sensor' comes twice", "keep one"),
    ),
    "timeout": _of_a_source(
        "mjpeg, url: 'http://h/v', timeout: 0s", "'source.timeout'", "a duration of 0 can't be kept"
    ),
    "silence": _of_a_source(
        "gstreamer, pipeline: videotestsrc, timeout: 0s", "'source.timeout'", "write one above 0"
    ),
    "keepalive": _of_a_source(MQTT + "topic: a, keepalive: 0s", "'source.keepalive'", "write one above 0"),
    "topic's #": _of_a_source(MQTT + "topic: 'a/#/b'", "'source.topic'", "write it alone, as the last one"),
    "topic's +": _of_a_source(MQTT + "topic: 'a/b+'", "'source.topic'", "write it alone between two /"),
    "no YAML": ("steps:", "steps: [", 20, ("not YAML", "check the indentation")),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    identity(tmp_path / "same.onnx", [1, 3, 32, 32])
    return tmp_path


def test_what_the_others_spoil_is_good(folder: Path) -> None:
    (folder / "box.yaml").write_text(GOOD)
    assert edgert("check", folder / "box.yaml").exit_code == 0
    assert edgert("run", folder / "box.yaml").exit_code == 0


@pytest.mark.parametrize("wrong", WRONG)
def test_a_document_with_a_wrong(wrong: str, folder: Path) -> None:
    good, bad, line, parts = WRONG[wrong]
    assert good in GOOD
    text = GOOD.replace(good, bad)
    if bad == VIDEO:
        text = text.replace(", width: 64, height: 48, rate: 30, count: 3", "")
        parts = ("Sensor/camera: gone.avi: no such file", "give a path relative to the document")
    refused(folder, text, line, *parts)


def test_a_duplicate(folder: Path) -> None:
    text = GOOD + "---\nkind: Application\nname: shop\n"
    refused(folder, text, 23, "another Application has this name", "box.yaml:12", "give one of them another")


def test_a_wrong_kind_and_what_it_leaves_unknown(folder: Path) -> None:
    (folder / "box.yaml").write_text(GOOD.replace("kind: Model", "kind: Modell"))
    said = edgert("check", folder / "box.yaml")
    kind, reference = said.output.splitlines()
    assert said.exit_code == 1 and "no Model 'same'" in reference
    assert kind.endswith("box.yaml:6: unknown kind 'Modell'; did you mean 'Model'?")


def test_everything_wrong_is_said_at_once(folder: Path) -> None:
    (folder / "box.yaml").write_text(GOOD.replace("100ms", "100").replace("rate: 30", "rte: 30"))
    said = edgert("check", folder / "box.yaml")
    assert said.exit_code == 1
    assert [line.split(": ")[0].rsplit(":", 1)[1] for line in said.output.splitlines()] == ["4", "18"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone.yaml", "no such file; check the path"),
        ("empty", "no documents in this folder; they are *.yaml files"),
        ("blank.yaml", "no document in this file; write one, or leave the file out"),
    ],
)
def test_no_documents_at_all(path: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.yaml").write_text("# nothing\n")
    for command in ("check", "run"):
        refusal = edgert(command, tmp_path / path)
        assert refusal.exit_code == 1
        one_line(refusal, str(tmp_path / path), said)
        assert ":0" not in refusal.output


@pytest.mark.parametrize(
    ("file", "kept", "parts"),
    [
        ("same.onnx", 60, ("Protobuf parsing failed", "give an intact model file")),
        ("same.onnx", 0, ("graph", "give an intact model file")),
        ("same.tflite", None, ("not a TensorFlow Lite model", "give an intact model file")),
        ("same.bin", None, ("no backend reads files of this ending", "or name the backend")),
    ],
)
def test_a_file_that_is_no_model(file: str, kept: int | None, parts: tuple[str, ...], folder: Path) -> None:
    content = (folder / "same.onnx").read_bytes()
    (folder / file).write_bytes(content[:kept])
    refused(folder, GOOD.replace("same.onnx", file), 8, f"Model/same: the model {file} can't be used", *parts)


def test_a_tflite_model_that_is_cut_off_or_called_onnx(folder: Path) -> None:
    from edgert import zoo

    if not zoo.cached("face-mesh"):
        pytest.skip("zoo:face-mesh is not in the cache")
    content = zoo.get("face-mesh").read_bytes()
    (folder / "cut.tflite").write_bytes(content[: len(content) // 3])
    refused(
        folder, GOOD.replace("same.onnx", "cut.tflite"), 8, "cut.tflite", "not a valid Flatbuffer", "again"
    )
    (folder / "mesh.onnx").write_bytes(content)
    refused(folder, GOOD.replace("same.onnx", "mesh.onnx"), 8, "mesh.onnx", "give an intact model file")


def test_an_operator_that_onnxruntime_lacks(folder: Path) -> None:
    identity(folder / "odd.onnx", [1, 3, 32, 32], op="Nonsense")
    refused(
        folder, GOOD.replace("same.onnx", "odd.onnx"), 8, "No Op registered for Nonsense", "that this engine"
    )


def test_an_operator_that_tflite_lacks(folder: Path) -> None:
    from edgert import zoo

    if not zoo.cached("face-mesh-attention"):
        pytest.skip("zoo:face-mesh-attention is not in the cache")
    wanted = ("zoo:face-mesh-attention", "operators, Landmarks2TransformMatrix", "a delegate that has")
    refused(folder, GOOD.replace("same.onnx", "zoo:face-mesh-attention"), 8, *wanted)
