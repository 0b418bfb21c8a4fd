"""`edgert check`, `compile`, `schema` and `inspect`, with models that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import edgert.loading
import pytest
from click.testing import CliRunner
from edgert.cli.check import check
from edgert.cli.compile import compile_
from edgert.cli.inspect import inspect
from edgert.cli.schema import schema
from edgert.documents import DocumentErrors, read
from edgert.planner import planning
from planner_fake import FakeBuilder, tensor

DOCUMENTS = """
kind: Sensor
name: street
source: {type: push, format: {kind: image, pixel: rgb24, width: 640, height: 480}}
---
kind: Model
name: cars
file: cars.onnx
input: {image: {range: [0, 1]}}
answer: {type: classes, labels: [car, bicycle]}
---
kind: Pipeline
name: one
sensor: street
steps: [{name: all, model: cars}]
---
kind: Pipeline
name: two
sensor: street
steps: [{name: what, model: cars}]
"""
INPUTS = [tensor("image", [1, 3, 32, 32])]
OUTPUTS = [tensor("scores", [1, 2])]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cars.onnx").touch()
    (tmp_path / "box.yaml").write_text(DOCUMENTS)
    monkeypatch.setattr(planning, "open_builder", lambda fuse=True: FakeBuilder(cars=(INPUTS, OUTPUTS)))
    monkeypatch.setattr(planning, "_probe", lambda: None)
    return tmp_path


def test_check_sums_up(box: Path) -> None:
    result = CliRunner().invoke(check, [str(box / "box.yaml")])
    assert result.exit_code == 0, result.output
    assert "sensor\tstreet\tpush: pictures (rgb24 640×480)" in result.output
    assert "pipeline\tdefault/two\tstreet → what (classes)" in result.output
    assert "all well: 3 nodes (1 model run) a frame, where 6 (2) are asked for" in result.output


def test_check_of_a_model_alone(box: Path) -> None:
    (box / "box.yaml").write_text(DOCUMENTS.split("---")[1])
    assert CliRunner().invoke(check, [str(box)]).exit_code == 0
    (box / "box.yaml").write_text(DOCUMENTS.split("---")[1].replace("cars.onnx", "box.yaml"))
    result = CliRunner().invoke(check, [str(box)])
    assert isinstance(result.exception, DocumentErrors) and "no model" in str(result.exception)


def test_nothing_to_run_is_refused(box: Path) -> None:
    (box / "box.yaml").write_text(DOCUMENTS.split("---")[0])
    result = CliRunner().invoke(compile_, [str(box), "-o", str(box / "box.plan")])
    assert "there is nothing to run" in str(result.exception) and not (box / "box.plan").exists()


def test_compile_writes_the_plan(box: Path) -> None:
    result = CliRunner().invoke(compile_, [str(box), "-o", str(box / "box.plan")])
    assert result.exit_code == 0 and (box / "box.plan").read_text() == "plan"
    assert "2 pipelines, 1 model, 1 sensor" in result.output


def test_wrong_usage() -> None:
    assert CliRunner().invoke(check, []).exit_code == 2


def test_schema_prints_and_writes(tmp_path: Path) -> None:
    assert "oneOf" in json.loads(CliRunner().invoke(schema, []).stdout)
    assert json.loads(CliRunner().invoke(schema, ["--kind", "Sensor"]).stdout)["title"] == "Sensor"
    assert CliRunner().invoke(schema, ["-o", str(tmp_path / "made")]).exit_code == 0
    assert (tmp_path / "made" / "edgert.schema.json").exists()


def test_inspect_shows_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cars.onnx"

    def load(model: str, backend: str) -> Any:
        return SimpleNamespace(
            file=model, backend="fake", inputs=INPUTS, outputs=OUTPUTS, metadata={"author": "me"}
        )

    monkeypatch.setattr(edgert.loading, "load", load)
    shown = CliRunner().invoke(inspect, [str(file)]).output
    assert "input\timage\tfloat32\t1 × 3 × 32 × 32" in shown and "author: me" in shown
    result = CliRunner().invoke(inspect, [str(file), "-o", str(tmp_path / "cars.yaml")])
    assert result.exit_code == 0
    model = read(tmp_path / "cars.yaml").models["cars"]
    assert model.file == "cars.onnx" and model.base / model.file == file
    again = CliRunner().invoke(inspect, [str(file), "-o", str(tmp_path / "cars.yaml")])
    assert again.exit_code == 1 and "is there already" in str(again.exception)


def test_compile_does_not_overwrite_its_documents(box: Path) -> None:
    before = (box / "box.yaml").read_text()
    for given in (box / "box.yaml", box):
        result = CliRunner().invoke(compile_, [str(given), "-o", str(box / "box.yaml")])
        assert result.exit_code == 1 and "is one of the documents" in str(result.exception)
    assert (box / "box.yaml").read_text() == before
