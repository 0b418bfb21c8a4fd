"""`edgert demo`, from beginning to end, with what the zoo's cache has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

for package in ("av", "soundfile", "PIL", "matplotlib", "onnxruntime", "litert_lm"):
    pytest.importorskip(package)
testing = pytest.importorskip("click.testing")

from edgert import _native, zoo  # noqa: E402
from edgert.cli import main  # noqa: E402
from edgert.demo import DOCUMENTS  # noqa: E402
from edgert.demo.needs import needs  # noqa: E402
from edgert.documents import load  # noqa: E402


def missing() -> list[str]:
    return [name for name in needs(load(DOCUMENTS)) if not zoo.cached(name)]


def test_the_demo_has_what_it_promises() -> None:
    documents = load(DOCUMENTS)
    assert len(documents.applications) == 3
    kinds = {sensor.source.type for sensor in documents.sensors.values()}
    assert {"video", "audio", "table"} <= kinds
    models = {
        getattr(step, "model", None) for line in documents.pipelines.values() for step in line.steps
    } - {None}
    assert len(models) == 13
    assert {"street-camera", "silero-vad", "imagenet-labels", "basic-motions-test"} <= set(needs(documents))


def test_what_the_demo_lacks_is_said_at_once_and_nothing_is_fetched_or_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edgert.demo import needs as module

    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    absent = {"av", "matplotlib", "onnx"}
    monkeypatch.setattr(module, "find_spec", lambda name: None if name in absent else object())
    monkeypatch.setattr(_native, "backends", lambda: [{"name": "tflite", "available": True}])
    said = testing.CliRunner().invoke(main, ["demo", "-o", str(tmp_path / "out")])
    assert said.exit_code == 1
    assert "the demo: lacks the engine onnxruntime, av, matplotlib, onnx; " in said.output
    assert "pip install 'edgert[onnxruntime,media,report,zoo]'" in said.output
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(
    bool(missing()), reason="the zoo's cache lacks what the demo needs: run `edgert demo` once"
)
def test_the_demo_runs_to_its_end(tmp_path: Path) -> None:
    said = testing.CliRunner().invoke(
        main, ["demo", "--offline", "-o", str(tmp_path), "--duration", "12s", "-q"]
    )
    assert said.exit_code == 0, said.output
    assert "The first answer came" in said.output and "model runs" not in said.stderr
    files = {path.name for path in tmp_path.iterdir()}
    assert {"street-camera.mp4", "door-camera.mp4", "results.jsonl", "report.html", "picture.png"} <= files
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    found = {
        line["pipeline"]: line["answers"]
        for line in lines
        if line["status"] == "ok" and any(line["answers"].values())
    }
    assert len(found) == 12
    assert any(item["label"] == "Person" for item in found["people"]["people"])
    assert {"forward", "backward"} <= set(found["street"]["path"]["path"])
    assert found["activity"]["activity"][0]["answer"][0]["label"] == "Running"
    assert len(found["faces"]["mesh"][0]["answer"]) == 468
