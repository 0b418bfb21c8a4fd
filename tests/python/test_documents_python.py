"""Documents as Python objects, labels, and JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from edgert.documents import (
    Application,
    DocumentSet,
    Duration,
    Filter,
    FilterStep,
    ImageInput,
    Input,
    Model,
    ModelStep,
    Pipeline,
    Refused,
    Sensor,
    VideoSource,
    answer,
)
from edgert.documents.check import check
from edgert.documents.labels import of_model
from edgert.documents.schema import schema, schema_of_all, write
from edgert.documents.units import samples
from pydantic import ValidationError


def documents(file: Path) -> DocumentSet:
    return DocumentSet(
        Sensor(name="street", source=VideoSource(path=str(file))),
        Model(
            name="cars",
            file=str(file),
            input=Input(image=ImageInput(size=(320, 240), range=(0, 1))),
            answer=answer.Boxes(labels=["car"]),
        ),
        Application(name="traffic"),
        Pipeline(
            name="cars",
            application="traffic",
            sensor="street",
            latency=Duration(0.1),
            steps=[
                ModelStep(name="all", model="cars"),
                FilterStep(name="near", filter=Filter(from_="all", min_size=30)),
            ],
        ),
    )


def test_python_objects_are_documents(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    made = documents(tmp_path / "file")
    assert check(made) == [] and made.problems == []
    assert made.pipelines["cars"].title == "Pipeline/traffic/cars"


def test_problems_of_python_objects_name_the_document(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    made = documents(tmp_path / "file")
    made.add(Application(name="traffic"))
    made.sensors.clear()
    assert [str(problem) for problem in [*made.problems, *check(made)]] == [
        "Application/traffic: another Application has this name; give one of them another name",
        "Pipeline/traffic/cars: there is no Sensor 'street'; add a document: kind: Sensor, name: street",
    ]


def test_python_objects_are_strict() -> None:
    with pytest.raises(ValidationError):
        Application(name="a", weight="2")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Application(name="a", wait=2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.txt", "cat\n dog \n\n", ["cat", "dog"]),
        ("a.csv", 'index,mid,display_name\n0,/m/1,Speech\n1,/m/2,"Child, kid"\n', ["Speech", "Child, kid"]),
        ("b.csv", "0,cat\n1,dog\n", ["cat", "dog"]),
    ],
)
def test_label_files(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    (tmp_path / name).write_text(text)
    assert of_model(_with_labels(str(tmp_path / name))) == expected


def test_label_files_that_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    for name, said in (
        ("empty.txt", "are empty"),
        ("binary.txt", "can't be read"),
        ("none.txt", "doesn't exist"),
    ):
        with pytest.raises(Refused, match=said):
            of_model(_with_labels(str(tmp_path / name)))


def _with_labels(labels: str) -> Model:
    return Model(
        name="m", file="m", input=Input(image=ImageInput(range=(0, 1))), answer=answer.Classes(labels=labels)
    )


def test_spans_are_counted_exactly() -> None:
    assert samples(15600, 16000) == 15600
    assert samples(Duration("975ms"), 16000) == 15600
    assert samples(Duration("0.1s"), 44100) == 4410
    with pytest.raises(ValueError, match="whole number"):
        samples(Duration("1ms"), 44100)


def test_schemas_describe_the_documents(tmp_path: Path) -> None:
    files = write(tmp_path)
    assert [file.name for file in files] == [
        "edgert.schema.json",
        "sensor.schema.json",
        "model.schema.json",
        "pipeline.schema.json",
        "application.schema.json",
        "scheduler.schema.json",
        "policy.schema.json",
        "profile.schema.json",
        "device.schema.json",
    ]
    text = json.loads((tmp_path / "pipeline.schema.json").read_text())
    assert text["additionalProperties"] is False
    assert {"kind", "name", "sensor", "steps"} <= set(text["required"])
    assert "capture" in text["properties"]["latency"]["description"]
    assert "from" in text["$defs"]["Filter"]["properties"]
    assert schema("Sensor")["properties"]["kind"]["const"] == "Sensor"


def test_every_reference_of_the_schemas_is_there() -> None:
    whole = schema_of_all()
    assert {reference["$ref"] for reference in whole["oneOf"]} <= {
        f"#/$defs/{name}" for name in whole["$defs"]
    }
    assert {name.removeprefix("#/$defs/") for name in _references(whole)} <= set(whole["$defs"])


def test_parts_of_two_kinds_may_be_called_alike() -> None:
    parts = schema_of_all()["$defs"]

    def part(reference: dict[str, str]) -> Any:
        return parts[reference["$ref"].removeprefix("#/$defs/")]

    kinds = parts["Model"]["properties"]["answer"]["discriminator"]["mapping"]
    for kind, place in kinds.items():
        assert part({"$ref": place})["properties"]["type"]["const"] == kind
    assert "activation" in part({"$ref": kinds["mask"]})["properties"]
    assert "areas" in part(parts["MaskStep"]["properties"]["mask"])["properties"]


def _references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in part.values()))
    return set().union(*(_references(value) for value in part)) if isinstance(part, list) else set()
