"""What detectors find is measured on frames that show something, and simulated so often."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from edgert import zoo
from edgert.documents import read
from edgert.documents.formats import Pixel
from edgert.documents.profile import FoundRows
from edgert.planner import plan
from edgert.profile import to_yaml
from edgert.profile.found import found_rows
from edgert.profile.scenes import NOISE, SCENE, scene
from edgert.simulate import Assumptions, Workload, run
from profile_made import words
from test_simulate import MEASURED

BOX = """\
kind: Sensor
name: drawn
source: {{type: synthetic, pattern: moving, width: 64, height: 48, pixel: rgb24, count: 5}}
---
kind: Sensor
name: camera
source: {{type: push, format: {{kind: image, pixel: {pixel}, width: 62, height: 46}}}}
---
kind: Sensor
name: table
source: {{type: push, format: {{kind: table, columns: [a], rate: 10}}}}
---
kind: Model
name: words
file: words.null
input: {{image: {{colour: rgb, size: [16, 16], range: [0, 1]}}}}
---
kind: Pipeline
name: seen
sensor: camera
steps: [{{name: said, model: words}}]
"""
FOUND = """\
kind: Sensor
name: cam
source: {type: push, format: {kind: image, pixel: rgb24, width: 64, height: 64}}
---
kind: Model
name: finder
file: finder.null
input: {image: {colour: rgb, size: [8, 8], range: [0, 1]}}
answer: {type: boxes, boxes: b, scores: s, format: corners, labels: [thing]}
---
kind: Model
name: words
file: words.null
input: {image: {colour: rgb, size: [2, 2], range: [0, 1]}}
---
kind: Pipeline
name: seen
sensor: cam
steps:
  - {name: things, model: finder}
  - {name: said, model: words, for_each: things}
"""
RATES = Assumptions(rates={"cam": 10.0}, costs="stated")


def sensors(folder: Path, pixel: str = "rgb24") -> Any:
    words(folder, shape="1x16x16x3")
    (folder / "box.yaml").write_text(BOX.format(pixel=pixel))
    return plan(read(folder / "box.yaml")).sensors


class TestScenes:
    def test_generated_pictures_are_the_sensors_own(self, tmp_path: Path) -> None:
        made = scene("drawn", sensors(tmp_path)["drawn"])
        assert not made.stands_in and not made.is_noise
        assert [picture.width for picture in made.items] == [64] * 5

    @pytest.mark.skipif(not zoo.cached(SCENE), reason=f"zoo:{SCENE} is not in the cache")
    @pytest.mark.parametrize("pixel", get_args(Pixel))
    def test_the_street_stands_for_cameras_of_every_format(self, tmp_path: Path, pixel: str) -> None:
        made = scene("camera", sensors(tmp_path, pixel)["camera"])
        assert made.stands_in == f"zoo:{SCENE}"
        first = next(made.items)
        assert (first.width, first.height, first.pixel) == (62, 46, pixel)
        assert np.asarray(first.planes[0]).std() > 10  # a picture, not one colour

    def test_noise_stands_for_the_rest(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        every = sensors(tmp_path)
        assert scene("table", every["table"]).stands_in == NOISE
        monkeypatch.setattr(zoo, "cached", lambda name: False)
        made = scene("camera", every["camera"])
        assert made.is_noise and next(made.items).width == 62


class TestCounted:
    NODES = (
        {"id": 0, "op": "source", "name": "cam", "scope": 0, "inner": -1, "inputs": [], "pipelines": ["a/p"]},
        {"id": 1, "op": "answer.boxes", "name": "things", "scope": 0, "inner": -1, "inputs": [(0, 0)],
         "pipelines": ["a/p"]},
        {"id": 2, "op": "each", "name": "each", "scope": 0, "inner": 1, "inputs": [(1, 0)],
         "pipelines": ["a/p"]},
        {"id": 3, "op": "model", "name": "said", "scope": 1, "inner": -1, "inputs": [(2, 0)],
         "pipelines": ["a/p"]},
    )  # fmt: skip

    def records(self, rows: list[int]) -> Any:
        """Of frames with so many rows, each of which a model ran on."""
        found = [(1, frame, -1, 0, 0) for frame in range(len(rows))]
        found += [(3, frame, row, 0, 0) for frame, count in enumerate(rows) for row in range(count)]
        kinds = [(name, np.int64) for name in ("where", "frame", "row", "kind", "end_code")]
        return np.array(found, kinds)

    def test_frames_without_rows_count(self) -> None:
        (found,) = found_rows(self.NODES, self.records([2, 0, 4]), {0: "cam"}, {"cam": "zoo:x"})
        assert (found.step, found.frames, found.mean, found.most) == ("a/p/things", 3, 2.0, 4)
        assert found.scene == "zoo:x"

    def test_what_noise_shows_is_not_counted(self) -> None:
        assert found_rows(self.NODES, self.records([2, 0, 4]), {0: "cam"}, {}) == []


class TestSimulated:
    def box(self, folder: Path, rows: list[FoundRows]) -> Any:
        (folder / "finder.null").write_text(
            "input x float32 1x8x8x3\noutput b float32 1x9x4\noutput s float32 1x9x1\n"
        )
        words(folder, shape="1x2x2x3")
        finder = MEASURED[MEASURED.index("- model:") :].replace("words", "finder")
        (folder / "box.yaml").write_text(f"{FOUND}---\n{MEASURED}{finder}")
        made = read(folder / "box.yaml")
        made.profiles["measured"].rows = rows
        return made

    def runs(self, workload: Workload) -> int:
        return next(one.runs for one in run(workload, 20.0).models if one.name == "words")

    def test_as_many_rows_as_the_profile_found(self, tmp_path: Path) -> None:
        nodes = plan(self.box(tmp_path, [])).spec.describe()["nodes"]
        each = next(node for node in nodes if node["op"] == "each")
        step = nodes[each["inputs"][0][0]]
        title = f"{step['pipelines'][0]}/{step['name']}"
        rows = [FoundRows(step=title, frames=60, mean=2.5, most=5, scene="zoo:x")]
        given = self.box(tmp_path, rows)
        assert f"step: {title}" in to_yaml(given.profiles["measured"])
        workload = Workload.of(given, RATES)
        assert any(
            f"2.5 rows a frame of {title}, as the profile found in zoo:x" in one for one in workload.notes
        )
        assert self.runs(workload) == pytest.approx(500, abs=10)
        said = Assumptions(rates={"cam": 10.0}, costs="stated", rows={step["name"]: 1.0})
        assert self.runs(Workload.of(given, said)) == pytest.approx(200, abs=5)
        assert self.runs(Workload.of(self.box(tmp_path, []), RATES)) > 1000  # as many as there can be
