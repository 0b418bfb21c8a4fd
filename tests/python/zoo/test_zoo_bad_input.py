"""A cache that can't be written, a checksum that differs: one line, exit code 1, nothing kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from edgert.zoo import catalogue

testing = pytest.importorskip("click.testing")

from edgert.cli import main  # noqa: E402

BOX = """
kind: Sensor
name: camera
source: {type: images, path: "zoo:alpha"}
---
kind: Pipeline
name: one
sensor: camera
steps: [{name: tensor, transform: image.to_tensor, from: frame, params: {width: 8, height: 8}}]
"""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "box.yaml").write_text(BOX)
    return tmp_path / "box.yaml"


def one_line(*arguments: object) -> str:
    """What the command says when it refuses, besides how far the fetching came."""
    said = testing.CliRunner().invoke(main, [str(argument) for argument in arguments])
    lines = [
        line for line in said.output.splitlines() if line and not line.startswith("Animals 1.0 (pypi): ")
    ]
    assert said.exit_code == 1 and len(lines) == 1, said.output
    return lines[0]


def expect(catalogue_file: Path, name: str, **changes: Any) -> None:
    """Changes what the catalogue says of an artifact."""
    content = yaml.safe_load(catalogue_file.read_text())
    content["artifacts"][name].update(changes)
    catalogue_file.write_text(yaml.safe_dump(content))
    catalogue.entries.cache_clear()


def test_a_checksum_that_differs(animals: Path, cache: Path, box: Path) -> None:
    expect(animals, "alpha", sha256="0" * 64)
    for command, where in ((("zoo", "get", "alpha"), "alpha"), (("check", box), f"{box}:4: Sensor/camera")):
        said = one_line(*command)
        assert where in said and f"checksum differs: expected sha256 {'0' * 64}, found " in said
        assert "; " in said.split("found ")[1]
        assert not [path for path in cache.rglob("*alpha*") if path.suffix != ".lock"]


def test_a_cache_that_cannot_be_written(
    animals: Path, tmp_path: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "file"))
    for command in (("zoo", "get", "alpha"), ("check", box), ("run", box, "-o", tmp_path / "out.jsonl")):
        said = one_line(*command)
        assert "the cache can't be written" in said
        assert said.endswith("set EDGERT_CACHE to a folder that you can write")
    assert (tmp_path / "file").read_text() == "no folder" and not (tmp_path / "out.jsonl").exists()


def test_a_registry_that_is_gone(
    registry: Any, animals: Path, cache: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    said = one_line("check", box)
    assert f"{box}:4: Sensor/camera: " in said and "can't be reached" in said and "check the network" in said
    assert not list(cache.rglob("alpha.bin"))
