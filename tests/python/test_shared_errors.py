"""An error in what several applications share reaches each of them, and names nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from edgert import Runtime

SENSOR = {
    "kind": "Sensor",
    "name": "camera",
    "source": {"type": "push", "format": {"kind": "image", "pixel": "rgb24", "width": 16, "height": 16}},
}
NAMES = {"secret": ("covert", "spying"), "open": ("plain", "looking")}
"""Application: its pipeline and its step."""
OWN = """
from edgert.transforms import Output, Transform
class Own(Transform):
    def format(self, inputs): return Output([1])
    def run(self, picture): raise ValueError("too dark")
"""


def box(folder: Path, step: dict[str, Any], names: dict[str, tuple[str, str]] = NAMES) -> Path:
    (folder / "net.null").write_text("input x float32 1x16x16x3\noutput y float32 1x4\nfail_on 1\n")
    (folder / "own.py").write_text(OWN)
    model = {"kind": "Model", "name": "net", "file": "net.null", "input": {"image": {"range": [0, 1]}}}
    pipelines = [
        {
            "kind": "Pipeline",
            "name": pipeline,
            "application": application,
            "sensor": "camera",
            "steps": [{"name": name, **step}],
        }
        for application, (pipeline, name) in names.items()
    ]
    applications = [{"kind": "Application", "name": name} for name in names]
    (folder / "box.yaml").write_text(yaml.safe_dump_all([SENSOR, model, *applications, *pipelines]))
    return folder / "box.yaml"


def errors(path: Path, frames: int) -> dict[str, list[str]]:
    """By pipeline, what failed results said."""
    said: dict[str, list[str]] = {}
    with Runtime(path) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in runtime.pipelines}
        for index in range(frames):
            runtime.push("camera", np.full((16, 16, 3), 255 * (index % 2), np.uint8))
            for name, of_pipeline in results.items():
                if (result := next(of_pipeline)).status != "ok":
                    said.setdefault(name, []).append(str(result.error))
    return said


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"model": "net"}, ("model 'net': ", "there is a 1")),
        ({"transform": {"python": "own.py:Own"}, "from": "frame"}, ("transform 'python': ", "too dark")),
    ],
    ids=["model", "transform"],
)
def test_each_reader_is_told_and_learns_of_no_other(
    tmp_path: Path, step: dict[str, Any], expected: tuple[str, str]
) -> None:
    said = errors(box(tmp_path, step), 4)
    assert set(said) == {"secret/covert", "open/plain"}
    for text in [each for of_pipeline in said.values() for each in of_pipeline]:
        assert text.startswith(expected[0]) and expected[1] in text
        for names in (*NAMES.values(), tuple(NAMES)):
            assert not any(name in text for name in names), text


def test_who_has_it_alone_is_told_the_step(tmp_path: Path) -> None:
    said = errors(box(tmp_path, {"model": "net"}, {"open": NAMES["open"]}), 4)
    assert said["open/plain"][0].startswith("step 'looking': ") and "there is a 1" in said["open/plain"][0]


def test_an_error_that_came_from_anothers_equal_request_names_nothing_of_it(tmp_path: Path) -> None:
    path = box(tmp_path, {"model": "net"})
    net = tmp_path / "net.null"
    net.write_text(net.read_text() + "delay_us 400000\n")  # so that the second one comes while it runs
    documents = list(yaml.safe_load_all(path.read_text()))
    other = {**SENSOR, "name": "another"}
    for document in documents:
        if document["kind"] == "Application":
            document["cache"] = {"share": "others"}
        if document["kind"] == "Pipeline" and document["application"] == "open":
            document["sensor"] = "another"
    sensors = [{**each, "cache": True} for each in (SENSOR, other)]
    path.write_text(yaml.safe_dump_all([*sensors, *documents[1:]]))
    said = {}
    with Runtime(path) as runtime:
        results = {name: runtime.results(name, timeout=30) for name in runtime.pipelines}
        for sensor in ("camera", "another"):
            runtime.push(sensor, np.full((16, 16, 3), 255, np.uint8))
        for name, of_pipeline in results.items():
            said[name] = str(next(of_pipeline).error)
    for text in said.values():
        assert text.startswith("model 'net': ") and "there is a 1" in text, said
