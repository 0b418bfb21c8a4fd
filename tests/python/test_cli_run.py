"""`edgert run` on the native core: what it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

testing = pytest.importorskip("click.testing")
av = pytest.importorskip("av")

import edgert  # noqa: E402
from edgert.cli import main  # noqa: E402

BOX = """
kind: Sensor
name: camera
source: {type: synthetic, width: 64, height: 48, rate: 30, count: 40, speed: max}
---
kind: Pipeline
name: one
sensor: camera
steps:
  - {name: tensor, transform: image.to_tensor, params: {width: 8, height: 8}, from: frame}
"""


def run(*arguments: object) -> Any:
    return testing.CliRunner().invoke(main, ["run", *map(str, arguments)])


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.yaml"
    path.write_text(BOX, encoding="utf-8")
    return path


def test_results_video_pictures_and_report_are_written(box: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    output, video, report = tmp_path / "r.jsonl", tmp_path / "v.mp4", tmp_path / "r.html"
    said = run(box, "-o", output, "--video", video, "--pictures", tmp_path / "p", "--report", report)
    assert said.exit_code == 0, said.output
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["sequence"] for line in lines] == list(range(40))
    assert lines[0]["answers"]["tensor"]["shape"] == [1, 8, 8, 3]
    with av.open(str(video)) as container:
        assert len(list(container.decode(video=0))) == 40
    assert [path.name for path in sorted((tmp_path / "p").iterdir())] == ["camera-00000.0.png"]
    assert "image.to_tensor" in report.read_text()
    assert "sensor camera: 40 frames" in said.output and "pipeline default/one: 40 results" in said.output


def test_results_alone_are_on_standard_output(box: Path) -> None:
    said = run(box, "-o", "-")
    assert said.exit_code == 0
    assert len([json.loads(line) for line in said.stdout.splitlines()]) == 40
    assert "40 results" in said.stderr


def test_an_output_that_cannot_be_written_is_refused(box: Path, tmp_path: Path) -> None:
    said = run(box, "-o", tmp_path / "nowhere" / "r.jsonl")
    assert said.exit_code == 1
    assert "nowhere/r.jsonl: No such file or directory" in said.output
    assert run(box, "--report", tmp_path / "nowhere" / "r.html").exit_code == 1
    assert run(box, "--video", tmp_path / "nowhere" / "v.mp4").exit_code == 1


def test_a_sensor_that_fails_is_told_and_is_three(box: Path, tmp_path: Path) -> None:
    text = BOX.split("---")[1].replace("name: one", "name: two").replace("sensor: camera", "sensor: gone")
    more = tmp_path / "more.yaml"
    sensor = "kind: Sensor\nname: gone\nreconnect: false\nsource: {type: camera, device: /dev/video99}\n"
    more.write_text(f"{sensor}---{text}")
    said = run(box, more, "-o", tmp_path / "r.jsonl")
    assert said.exit_code == 3
    assert "sensor gone failed: camera /dev/video99: is not there; see `ls /dev/video*`" in said.output
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 40


@pytest.mark.parametrize(("comes_back", "code"), [(False, 3), (True, 0)])
def test_a_sensor_that_is_away_at_the_end_is_three(tmp_path: Path, comes_back: bool, code: int) -> None:
    """A station whose lines stop in the middle of the run."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        box = tmp_path / "box.yaml"
        port = server.getsockname()[1]
        box.write_text(f"""
kind: Sensor
name: station
source: {{type: tcp, host: 127.0.0.1, port: {port}, format: {{kind: table, columns: [a], rate: 10}}}}
reconnect: {{first: 100ms, most: 200ms}}
---
kind: Pipeline
name: p
sensor: station
steps: [{{name: rows, transform: table.select, from: frame}}]
""")

        def serve() -> None:
            first, _ = server.accept()
            first.sendall(b"1\n2\n")
            time.sleep(0.2)
            if not comes_back:
                server.close()
            first.close()
            if comes_back:
                again, _ = server.accept()
                while not over.wait(0.1):
                    again.sendall(b"3\n")
                again.close()

        over = threading.Event()
        serving = threading.Thread(target=serve)
        serving.start()
        said = run(box, "--duration", "4s", "--quiet")
        over.set()
        serving.join()
    assert said.exit_code == code, said.output
    assert ("stopped: while reconnecting" in said.output) != comes_back


def test_a_video_that_is_cut_off_gives_what_it_has_and_is_three(tmp_path: Path) -> None:
    from test_sources import write_video

    whole = write_video(tmp_path / "a.avi", [(320, 240)] * 80)
    (tmp_path / "cut.avi").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    path = tmp_path / "box.yaml"
    path.write_text(
        "kind: Sensor\nname: camera\nsource: {type: video, path: cut.avi, speed: max}\n---"
        + BOX.split("---")[1]
    )
    said = run(path, "-o", tmp_path / "r.jsonl")
    assert said.exit_code == 3
    assert "sensor camera failed: cut.avi: ends after" in said.output
    assert 10 < len((tmp_path / "r.jsonl").read_text().splitlines()) < 75


def test_garbage_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"garbage " * 1000)
    path = tmp_path / "box.yaml"
    path.write_text(
        "kind: Sensor\nname: camera\nsource: {type: video, path: bad.mp4}\n---" + BOX.split("---")[1]
    )
    said = run(path)
    assert said.exit_code == 1
    assert f"{path}:3: Sensor/camera: bad.mp4: can't be opened" in said.output


def test_duration_ends_an_endless_run(box: Path) -> None:
    box.write_text(BOX.replace("count: 40, speed: max", "speed: original"))
    said = run(box, "--duration", "500ms", "--quiet")
    assert said.exit_code == 0 and "camera: 1" in said.output


def heed_ctrl_c() -> None:
    """In the child: a run in the background has inherited that Ctrl-C is not for it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_cleanly_with_a_summary(sent: int, box: Path, tmp_path: Path) -> None:
    box.write_text(BOX.replace("count: 40, speed: max", "speed: original"))
    output = tmp_path / "r.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(Path(edgert.__file__).parent.parent)}
    command = [
        sys.executable,
        "-m",
        "edgert",
        "run",
        str(box),
        "-o",
        str(output),
        "--video",
        str(tmp_path / "v.mp4"),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=heed_ctrl_c,
    )
    until = time.monotonic() + 60
    while (
        not (output.exists() and output.stat().st_size)
        and time.monotonic() < until
        and process.poll() is None
    ):
        time.sleep(0.05)
    process.send_signal(sent)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert "sensor camera:" in stdout and "Traceback" not in stderr
    assert all(json.loads(line)["status"] == "ok" for line in output.read_text().splitlines())
    with av.open(str(tmp_path / "v.mp4")) as container:
        assert len(list(container.decode(video=0))) > 0


def test_a_model_that_fails_while_running_is_told_and_is_three(box: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    nodes = [  # the pixel's value is an index into a table of one: right for black pictures alone
        helper.make_node("ReduceMax", ["picture"], ["top"], keepdims=0),
        helper.make_node("Cast", ["top"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "index"], ["found"]),
    ]
    table = helper.make_tensor("table", TensorProto.FLOAT, [1], [1.0])
    inputs = [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 8, 8, 3])]
    outputs = [helper.make_tensor_value_info("found", TensorProto.FLOAT, [])]
    graph = helper.make_graph(nodes, "picky", inputs, outputs, [table])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(tmp_path / "picky.onnx"))
    more = tmp_path / "more.yaml"
    more.write_text(
        "kind: Model\nname: picky\nfile: picky.onnx\ninput: {image: {range: [0, 255]}}\n"
        "---\nkind: Pipeline\nname: two\nsensor: camera\nsteps:\n  - {name: found, model: picky}\n"
    )
    said = run(box, more, "-o", tmp_path / "r.jsonl")
    assert said.exit_code == 3, said.output
    assert said.output.count("pipeline default/two failed: ") == 1 and "Gather" in said.output
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert sum(line["pipeline"] == "one" and line["status"] == "ok" for line in lines) == 40
    failed = [line for line in lines if line["pipeline"] == "two" and line["status"] != "ok"]
    assert len(failed) >= 39 and "Gather" in failed[0]["error"]
