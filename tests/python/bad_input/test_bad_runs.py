"""A model that fails at some frames, and outputs that can't be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from bad_boxes import GOOD, PICKS, identity, picker
from edgert import Runtime

BOX = (
    PICKS
    + """---
kind: Pipeline
name: rows
sensor: watch
steps: [{name: out, transform: table.select, from: frame}]
"""
)


def picked(result: Any) -> Any:
    ((_, array),) = result.outputs["out"]
    return array.item()


def test_a_model_that_fails_at_a_frame_spoils_that_result_alone(tmp_path: Path) -> None:
    picker(tmp_path / "pick.onnx")
    (tmp_path / "box.yaml").write_text(BOX)
    with Runtime(tmp_path / "box.yaml") as runtime:
        picks, rows = runtime.results("picks", timeout=20), runtime.results("rows", timeout=20)
        for at, wanted in ((0, 10.0), (999, None), (2, 30.0)):
            runtime.push("watch", np.array([[at]], np.float32))
            result = next(picks)
            assert next(rows).outputs["out"].tolist() == [[at]]
            if wanted is not None:
                assert result.status == "ok" and picked(result) == wanted
                continue
            assert result.status == "engine" and result.error is not None
            said = str(result.error)
            assert "pick" in said and "out of" in said, said
        pipelines = runtime.metrics()["pipelines"]
    assert [pipelines[f"default/{name}"]["failed"] for name in ("picks", "rows")] == [1, 0]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["-o", "nowhere/r.jsonl"], ("nowhere/r.jsonl: No such file or directory", "choose another place")),
        (["--video", "nowhere/v.mp4"], ("nowhere/v.mp4", "choose another place")),
        (["--video", "v.xyz"], ("no kind of video is called .xyz", "end its name with .mp4")),
        (["--pictures", "box.yaml/p"], ("box.yaml/p: Not a directory", "choose another place")),
        (["--report", "nowhere/r.html"], ("nowhere/r.html: No such file or directory", "another place")),
        (["-o", "r.jsonl", "--video", "nowhere/v.mp4"], ("nowhere/v.mp4", "choose another place")),
        (["-o", "r.jsonl", "--report", "r.html", "--video", "v.xyz"], ("no kind of video is called .xyz",)),
        (["-o", "r.jsonl", "--video", "v.mp4", "--pictures", "box.yaml/p"], ("box.yaml/p: Not a directory",)),
    ],
    ids=["results", "video", "kind of video", "pictures", "report", "video after results", "kind", "folder"],
)
def test_an_output_that_cannot_be_written(options: list[str], parts: tuple[str, ...], tmp_path: Path) -> None:
    identity(tmp_path / "same.onnx", [1, 3, 32, 32])
    (tmp_path / "box.yaml").write_text(GOOD)
    before = set(tmp_path.iterdir())
    environment = {**os.environ, "PYTHONPATH": str(Path(edgert.__file__).parent.parent)}
    command = [sys.executable, "-m", "edgert", "run", "box.yaml", *options]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1 and said.stdout == ""
    (line,) = said.stderr.splitlines()
    assert all(part in line for part in parts), line
    assert set(tmp_path.iterdir()) == before
