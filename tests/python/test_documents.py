"""Documents: what is read, and what is refused with its line."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

from pathlib import Path

import pytest
from edgert.documents import DocumentErrors, Duration, load, read
from edgert.documents.labels import of_model
from edgert.documents.steps import FilterStep, ModelStep

GOOD = """\
kind: Sensor
name: street
source: {type: video, path: street.avi, speed: max}
---
kind: Model
name: cars
file: cars.onnx
input:
  image: {size: [320, 240], range: [-1, 1]}
answer: {type: boxes, labels: [car, bicycle]}
---
kind: Application
name: traffic
weight: 2
---
kind: Pipeline
name: bicycles
application: traffic
sensor: street
rate: 5fps
latency: 200ms
steps:
  - {name: all, model: cars}
  - {name: bikes, filter: {from: all, classes: [bicycle], above: 0.5}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("street.avi", "cars.onnx"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def refusals(folder: Path, text: str) -> list[str]:
    """The lines and texts of what load() refuses, without the folder."""
    (folder / "box.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentErrors) as caught:
        load(folder / "box.yaml")
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_good_documents_are_read(folder: Path) -> None:
    (folder / "box.yaml").write_text(GOOD)
    documents = load(folder)
    pipeline = documents.pipelines["bicycles"]
    assert pipeline.latency == 0.2 and pipeline.rate == 5.0 and pipeline.on_miss == "drop"
    assert isinstance(pipeline.steps[0], ModelStep) and isinstance(pipeline.steps[1], FilterStep)
    assert pipeline.steps[1].filter.from_ == "all"
    assert documents.applications["traffic"].weight == 2
    image = documents.models["cars"].input and documents.models["cars"].input.image
    assert image and image.size == (320, 240) and image.range == (-1, 1)
    assert documents.sensors["street"].base == folder
    assert of_model(documents.models["cars"]) == ["car", "bicycle"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("speed: max", "sped: max", "box.yaml:3: Sensor/street: unknown key 'sped' in 'source'; did you mean 'speed'?"),
        ("speed: max", "speed: fast", "box.yaml:3: Sensor/street: 'source.speed' is 'fast'; write one of original, max"),
        ("type: video", "type: vidio", "box.yaml:3: Sensor/street: 'source' has the unknown type 'vidio'; did you mean 'video' or 'audio'?"),
        ("kind: Sensor", "kind: Camera", "box.yaml:1: unknown kind 'Camera'; known are Sensor, Model, Pipeline, Application, Scheduler, Policy, Profile"),
        ("kind: Sensor", "kind: Sensors", "box.yaml:1: unknown kind 'Sensors'; did you mean 'Sensor'?"),
        ("weight: 2", "weight: heavy", "box.yaml:14: Application/traffic: 'weight' is 'heavy'; write a number"),
        ("weight: 2", "weight: 0", "box.yaml:14: Application/traffic: 'weight' is 0; write more than 0"),
        ("weight: 2", "share: nope", "box.yaml:14: Application/traffic: 'share' is 'nope'; write a number or keys and values, or private"),
        ("weight: 2", "share: privat", "box.yaml:14: Application/traffic: 'share' is 'privat'; did you mean 'private'?"),
        ("name: traffic", "name: a b", "box.yaml:13: Application/a b: the name 'a b' can't be used; write letters, digits, - and _"),
        ("latency: 200ms", "latency: 200", "box.yaml:21: Pipeline/traffic/bicycles: 'latency': a duration needs its unit: write \"200ms\" or \"1.5s\", not 200"),
        ("latency: 200ms", "latency: 200 msec", "box.yaml:21: Pipeline/traffic/bicycles: 'latency': the duration '200 msec' has the unknown unit 'msec'; the units are us, ms, s, min, h"),
        ("rate: 5fps", "rate: 5 per second", "box.yaml:20: Pipeline/traffic/bicycles: 'rate': '5 per second' is no rate; write a number and a unit of Hz, kHz, MHz, fps"),
        ("size: [320, 240]", "size: [320, 240, 3]", "box.yaml:9: Model/cars: 'input.image.size' has 3 items; write 2"),
        ("size: [320, 240]", "size: big", "box.yaml:9: Model/cars: 'input.image.size' is 'big'; it must be a whole number of pixels, or [width, height]"),
        ("size: [320, 240]", "size: [320, wide]", "box.yaml:9: Model/cars: item 2 of 'input.image.size' is 'wide'; write a whole number"),
        ("file: cars.onnx", "threads: 1", "box.yaml:5: Model/cars: 'file' is missing; add it: zoo:NAME, or a file; a relative one starts at this document's folder"),
        ("file: cars.onnx", "file: none.onnx", "box.yaml:7: Model/cars: the file none.onnx doesn't exist; relative paths start at "),
        ("file: cars.onnx", "file: zoo:face-detection-shrt", "box.yaml:7: Model/cars: zoo:face-detection-shrt: "),
        ("labels: [car, bicycle]", "labels: 3", "box.yaml:10: Model/cars: 'answer.labels' is 3; write text or a list"),
        ("type: boxes", "type: boxs", "box.yaml:10: Model/cars: 'answer' has the unknown type 'boxs'; did you mean 'boxes'?"),
        ("range: [-1, 1]", "range: [-1, 1], mean: 1", "box.yaml:9: Model/cars: 'input.image': say range, or mean and deviation, not both"),
        ("range: [-1, 1]", "mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]", "box.yaml:9: Model/cars: 'input.image': mean and deviation look as if pixels were 0..1; they are in 0..255: multiply by 255"),
        ("sensor: street", "sensor: stret", "box.yaml:19: Pipeline/traffic/bicycles: there is no Sensor 'stret'; did you mean 'street'?"),
        ("application: traffic", "application: shop", "box.yaml:18: Pipeline/shop/bicycles: there is no Application 'shop'; known are traffic"),
        ("model: cars", "model: crs", "box.yaml:23: Pipeline/traffic/bicycles: there is no Model 'crs'; did you mean 'cars'?"),
        ("model: cars", "modle: cars", "box.yaml:23: Pipeline/traffic/bicycles: a step can't do 'modle'; did you mean 'model'?"),
        ("from: all", "from: al", "box.yaml:24: Pipeline/traffic/bicycles: step 'bikes' reads 'al', and there is no such step; did you mean 'all'?"),
        ("name: bikes", "name: all", "box.yaml:24: Pipeline/traffic/bicycles: two steps are called 'all'; give one another name"),
        ("name: bikes", "name: frame", "box.yaml:24: Pipeline/traffic/bicycles: a step can't be called 'frame'; it is the sensor's frame; use another name"),
        ("model: cars}", "model: cars, for_each: bikes}", "box.yaml:23: Pipeline/traffic/bicycles: the steps wait for each other: all → bikes → all; let one of them read the frame"),
        ("model: cars}", "model: cars, when: bikes}", "box.yaml:23: Pipeline/traffic/bicycles: 'bikes' is no condition; when names a step with the key condition"),
        ("steps:", "outputs: [bike]\nsteps:", "box.yaml:22: Pipeline/traffic/bicycles: there is no step 'bike' to give out; did you mean 'bikes'?"),
        ("weight: 2", "weight: 2\nweight: 3", "box.yaml:15: Application/traffic: key 'weight' comes twice, first in line 14; keep one of them"),
        ("weight: 2", "weight: [2", "box.yaml:15: not YAML: expected ',' or ']', but got '<document start>'; check the indentation, quotes and colons here"),
        ("weight: 2", "\tweight: 2", "box.yaml:14: not YAML: found character '\\t' that cannot start any token; indent with spaces, not tabs"),
        ("weight: 2", "on: 2", "box.yaml:14: the key 'on' is read as True; keys are plain words; put it in quotes if it is meant"),
        ("name: traffic", "name: no", "box.yaml:13: Application/?: 'name' is false; YAML reads yes, no, on, off, true and false so: put the word in quotes"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(folder: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = refusals(folder, GOOD.replace(old, new, 1))
    assert any(text.startswith(expected) for text in found), "\n".join(found)


def test_all_problems_are_reported_together_in_order(folder: Path) -> None:
    text = (
        GOOD.replace("speed: max", "sped: max")
        .replace("weight: 2", "weight: -1")
        .replace("from: all", "from: none")
    )
    found = refusals(folder, text.replace("size: [320, 240]", "size: big"))
    assert [line.split(":")[1] for line in found] == ["3", "9", "14", "24"]


def test_who_refers_to_a_broken_document_is_not_at_fault(folder: Path) -> None:
    found = refusals(folder, GOOD.replace("type: video", "type: vidio"))
    assert len(found) == 1


@pytest.mark.parametrize("name", ["a b", "7", "no"])
def test_who_refers_to_a_document_with_an_impossible_name_is_not_at_fault(folder: Path, name: str) -> None:
    found = refusals(folder, GOOD.replace("name: traffic", f"name: {name}"))
    assert len(found) == 1 and "box.yaml:13: Application/" in found[0], found


def test_steps_of_one_name_are_no_circle_besides(folder: Path) -> None:
    found = refusals(folder, GOOD.replace("name: bikes", "name: all"))
    assert found == [
        "box.yaml:24: Pipeline/traffic/bicycles: two steps are called 'all'; give one another name"
    ]


def test_a_duplicate_names_the_first_place(folder: Path) -> None:
    twin = "---\nkind: Application\nname: traffic\n"
    found = refusals(folder, GOOD + twin)
    expected = "box.yaml:27: Application/traffic: another Application has this name, first in box.yaml:13; "
    assert found == [expected + "give one of them another name"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "box.yaml:1: no document in this file; write one, or leave the file out"),
        ("- a\n- b\n", "box.yaml:1: a document is keys and values; begin with kind and name"),
        (
            "name: x\n",
            "box.yaml:1: the document has no kind; say kind: one of Sensor, Model, Pipeline, Application, Scheduler, Policy, Profile, Device",
        ),
        ("a: &a [*a]\n", "box.yaml:1: an alias that contains itself; write the value out"),
    ],
)
def test_texts_that_are_no_documents(folder: Path, text: str, expected: str) -> None:
    assert refusals(folder, text) == [expected]


def test_aliases_cannot_grow_without_bound(folder: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "values in one document" in refusals(folder, "\n".join(lines))[0]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "image.yaml").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "empty").mkdir()
    found = [
        str(problem)
        for problem in read([tmp_path / "none.yaml", tmp_path / "image.yaml", tmp_path / "empty"]).problems
    ]
    assert "none.yaml: no such file" in found[0]
    assert "image.yaml: can't be read" in found[1]
    assert "no documents in this folder" in found[2]


def test_a_file_given_twice_is_read_once(folder: Path) -> None:
    (folder / "box.yaml").write_text(GOOD)
    assert load([folder, folder / "box.yaml"]).pipelines.keys() == {"traffic/bicycles"}


def test_numbers_as_in_yaml_1_2(folder: Path) -> None:
    (folder / "box.yaml").write_text("kind: Application\nname: a\nweight: 1e-3\n")
    assert load(folder / "box.yaml").applications["a"].weight == 0.001


def test_anchors_and_merges(folder: Path) -> None:
    text = (
        GOOD.replace("source: {", "source: &source {") + "---\nkind: Application\nname: b\n<<: {weight: 3}\n"
    )
    (folder / "box.yaml").write_text(text)
    assert load(folder / "box.yaml").applications["b"].weight == 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("200ms", 0.2), ("1.5s", 1.5), ("2 min", 120.0), ("15us", 15e-6), ("1h", 3600)]
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration(text) == seconds


@pytest.mark.parametrize("text", ["200", "ms", "-1s", "1 hour", "1s 5ms", ""])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        Duration(text)
