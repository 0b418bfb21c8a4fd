"""The first document that `edgert inspect --document` writes of each model of the zoo: it runs as it is, or
says what must be filled in, and `edgert check` names that line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from edgert import Runtime, zoo
from edgert.cli import main
from edgert.documents import Model, read

NEEDS_OPERATORS = "face-mesh-attention"
MODELS = [name for name in zoo.names() if zoo.info(name).kind == "model" and name != NEEDS_OPERATORS]
SENSOR = """
kind: Sensor
name: sensor
source: {{type: push, format: {format}}}
inbox: {{policy: block, size: 64}}
---
kind: Pipeline
name: p
sensor: sensor
steps:
{steps}
outputs: [answer]
"""
PICTURE = "{kind: image, pixel: rgb24, width: 64, height: 48}"
SOUND = "{kind: audio, rate: 16000, channels: 1, dtype: int16}"
Frames = list[np.ndarray]


def ran(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def cached(name: str) -> None:
    if not zoo.cached(name):
        pytest.skip(f"zoo:{name} is not in the cache")


def rows_format(columns: int, rows: int) -> str:
    names = [f"c{index}" for index in range(columns)]
    return f"{{kind: table, columns: {names}, rate: 10, max_rows: {rows}}}"


def fed(model: Model, shape: list[int]) -> tuple[str, Frames, bool]:
    """A sensor's format, frames enough for one run, and whether they come by way of another step."""
    random = np.random.default_rng(3)
    what = model.input or next(iter(model.inputs.values()))
    if what.image:
        return PICTURE, [random.integers(0, 256, (48, 64, 3), np.uint8)], False
    if what.audio:
        samples = random.integers(-9999, 9999, (40000, 1), np.int16)
        return SOUND, list(samples.reshape(-1, 1600, 1)), False
    if what.table:
        assert isinstance(what.table.window, int)
        columns, rows = shape[-1], what.table.window
    else:
        assert what.features
        columns, rows = what.features.columns or shape[-1], what.features.window or 1
        if what.features.window is None and len(shape) > 2:
            rows = shape[-2]
    return rows_format(columns, rows), [random.random((rows, columns), np.float32)], bool(what.features)


def box(model: Model, shape: list[int]) -> tuple[str, Frames]:
    format, frames, by_step = fed(model, shape)
    steps = [f"  - {{name: answer, model: {model.name}{', from: rows' if by_step else ''}}}"]
    if by_step:
        steps.insert(0, "  - {name: rows, transform: table.select, from: frame}")
    return SENSOR.format(format=format, steps="\n".join(steps)), frames


def fed_shape(model: Model) -> list[int]:
    import edgert

    given = {*model.constants, *model.state}
    inputs = [tensor for tensor in edgert.load(model.file).inputs if tensor["name"] not in given]
    return list(inputs[0]["shape"])


@pytest.mark.parametrize("name", MODELS)
def test_the_first_document_runs_or_says_what_must_be_set(tmp_path: Path, name: str) -> None:
    cached(name)
    document = tmp_path / "model.yaml"
    assert ran("inspect", f"zoo:{name}", "--document", "-o", document).exit_code == 0
    model = read(document).models[name]
    text, frames = box(model, fed_shape(model))
    (tmp_path / "box.yaml").write_text(text)
    checked = ran("check", document, tmp_path / "box.yaml")
    if checked.exit_code != 0:
        lines = document.read_text().splitlines()
        said = re.findall(r"model\.yaml:(\d+): .*", checked.output + checked.stderr)
        assert said and any("this must be set" in lines[int(line) - 1] for line in said), checked.stderr
        return
    runs(tmp_path, frames)


def runs(folder: Path, frames: Frames) -> None:
    with Runtime([folder / "model.yaml", folder / "box.yaml"]) as runtime:
        results = runtime.results("p")
        for frame in frames:
            assert runtime.push("sensor", frame, timeout=20)
        runtime.finish("sensor")
        statuses = {result.status for result in results}
        (node,) = [node for node in runtime.metrics()["nodes"] if node["op"] == "model"]
    assert statuses == {"ok"}
    assert node["executed"] > 0 and node["failed"] == 0


def test_what_an_engine_lacks_is_named_with_what_to_do() -> None:
    cached(NEEDS_OPERATORS)
    shown = ran("inspect", f"zoo:{NEEDS_OPERATORS}", "--document")
    assert shown.exit_code != 0
    said = shown.output + str(shown.exception)
    assert "custom operators" in said and "Landmarks2TransformMatrix" in said
    assert "without custom operators" in said and "delegate" in said
