"""The C++ examples, built against the installed package, give what Python gives on the same frames."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from edgert import Runtime, engines, zoo

av = pytest.importorskip("av")

FRAMES = 20
EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "cpp"
Lines = dict[tuple[str, int], dict[str, Any]]  # (pipeline, sequence) -> outputs

STREET = """
kind: Sensor
name: street
source: {type: video, path: cut.mkv, speed: max}
inbox: {policy: block}
---
kind: Pipeline
name: objects
sensor: street
steps:
  - {name: objects, model: zoo:ssd-mobilenetv2-oidv4}
  - {name: best, filter: {from: objects, max_detections: 2}}
  - {name: looks, model: zoo:efficientnet-lite0, for_each: best}
outputs: [objects, looks]
---
kind: Pipeline
name: scene
sensor: street
every: 3
steps:
  - {name: scene, model: zoo:efficientnet-lite0}
"""
DOOR = """
kind: Sensor
name: camera
source: {type: synthetic, pattern: pan, path: zoo:astronaut, width: 384, height: 288, count: 20, speed: max}
inbox: {policy: block}
---
kind: Application
name: door
---
kind: Pipeline
name: faces
application: door
sensor: camera
steps:
  - {name: faces, model: zoo:face-detection-short}
"""


def in_zoo(*names: str) -> None:
    for name in names:
        if not zoo.cached(name):
            pytest.skip(f"zoo:{name} is not in the cache: edgert zoo get {name}")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the examples, built as docs/architecture.md says."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    if not Path(edgert.get_cmake_dir()).exists():
        pytest.skip("edgert is used from its source folder: pip install it")
    build = tmp_path_factory.mktemp("examples")
    prefix = f"-DCMAKE_PREFIX_PATH={edgert.get_cmake_dir()}"
    command("cmake", "-G", "Ninja", "-S", EXAMPLES, "-B", build, prefix, "-DCMAKE_BUILD_TYPE=Release")
    command("cmake", "--build", build, "--parallel", "2")
    return build


def command(*arguments: object) -> str:
    """Runs a program with the engines of this Python, and gives what it printed."""
    environment = dict(os.environ)
    for backend in ("onnxruntime", "tflite"):
        if library := engines.find_library(backend):
            environment[f"EDGERT_{backend.upper()}_LIBRARY"] = str(library)
    done = subprocess.run(list(map(str, arguments)), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_cpp(printed: str) -> Lines:
    lines = [json.loads(line) for line in printed.splitlines()]
    assert all(line["status"] == "ok" for line in lines)
    return {(line["pipeline"], line["sequence"]): line["outputs"] for line in lines}


def by_python(documents: Path) -> Lines:
    found: Lines = {}
    with Runtime(documents) as runtime:
        readers = {name: runtime.results(name) for name in runtime.pipelines}
        for name, results in readers.items():
            for result in results:
                assert result.status == "ok"
                found[name, result.sequence] = dict(result.outputs)
    return found


def entries(output: Any) -> list[tuple[int, Any]]:
    """An output of either side as rows and arrays; -1 where there are no rows."""
    if output is None:
        return []
    if isinstance(output, dict):
        return [(output.get("row", -1), np.asarray(output["values"]).reshape(output["shape"]))]
    if isinstance(output, list):
        return [pair for one in output for pair in (entries(one) if isinstance(one, dict) else [one])]
    return [(-1, np.asarray(output))]


def assert_equal(cpp: Lines, python: Lines) -> None:
    assert cpp.keys() == python.keys()
    for key, outputs in python.items():
        assert cpp[key].keys() == outputs.keys()
        for name in outputs:
            left, right = entries(cpp[key][name]), entries(outputs[name])
            assert [row for row, _ in left] == [row for row, _ in right], (key, name)
            for (_, ours), (_, theirs) in zip(left, right, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4, err_msg=f"{key} {name}")


def planes_of(picture: Any) -> Iterator[bytes]:
    """The planes of one yuv420p picture of a source, without padding."""
    for i, (plane, stride) in enumerate(zip(picture.planes, picture.strides, strict=True)):
        width = picture.width if i == 0 else (picture.width + 1) // 2
        height = picture.height if i == 0 else (picture.height + 1) // 2
        rows = np.frombuffer(plane, np.uint8)
        for y in range(height):
            yield rows[y * stride : y * stride + width].tobytes()


def dump(documents: Path, sensor: str, file: Path) -> None:
    """All frames of a sensor as raw yuv420p."""
    from edgert.documents import load
    from edgert.sources import open_source

    document = load(documents).sensors[sensor]
    source = open_source(document.source, document.base)
    with file.open("wb") as out:
        for picture in source.frames():
            out.writelines(planes_of(picture))
    source.close()


def cut(video: Path, to: Path) -> None:
    """The first frames of a video, without loss."""
    with av.open(str(video)) as given, av.open(str(to), "w") as made:
        first = given.streams.video[0]
        stream = made.add_stream("ffv1", rate=first.average_rate)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        for index, frame in enumerate(given.decode(first)):
            if index == FRAMES:
                break
            made.mux(stream.encode(frame.reformat(format="yuv420p")))
        made.mux(stream.encode(None))


def test_a_compiled_plan_gives_in_cpp_what_its_documents_give(programs: Path, tmp_path: Path) -> None:
    in_zoo("street-camera", "ssd-mobilenetv2-oidv4", "ssd-mobilenetv2-oidv4-labels", "efficientnet-lite0")
    cut(zoo.get("street-camera"), tmp_path / "cut.mkv")
    documents, plan, frames = tmp_path / "box.yaml", tmp_path / "box.plan", tmp_path / "frames.yuv"
    documents.write_text(STREET, encoding="utf-8")
    command(sys.executable, "-m", "edgert", "compile", documents, "-o", plan)
    dump(documents, "street", frames)
    python = by_python(documents)
    assert len(python) == FRAMES + (FRAMES + 2) // 3
    assert sum(len(outputs["objects"]) for (name, _), outputs in python.items() if "objects" in name) > 0
    assert_equal(by_cpp(command(programs / "run_plan", plan, frames, "street", 10)), python)


def test_a_plan_built_in_cpp_gives_what_the_same_document_gives(programs: Path, tmp_path: Path) -> None:
    in_zoo("astronaut", "face-detection-short")
    documents, frames = tmp_path / "door.yaml", tmp_path / "frames.yuv"
    documents.write_text(DOOR, encoding="utf-8")
    dump(documents, "camera", frames)
    python = by_python(documents)
    assert sum(len(outputs["faces"]) > 0 for outputs in python.values()) > 0
    model = zoo.get("face-detection-short")
    assert_equal(by_cpp(command(programs / "build_plan", model, frames, 384, 288)), python)


def test_without_frames_the_example_draws_some(programs: Path) -> None:
    in_zoo("face-detection-short")
    lines = by_cpp(command(programs / "build_plan", zoo.get("face-detection-short")))
    assert sorted(sequence for _, sequence in lines) == list(range(5))


def test_a_plan_file_that_was_changed_is_refused_in_a_line(programs: Path, tmp_path: Path) -> None:
    plan = tmp_path / "box.plan"
    plan.write_bytes(b"EDGERTPL" + bytes(40))
    done = subprocess.run([programs / "run_plan", plan, plan], capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "box.plan" in done.stderr
