"""Wrong inputs of commands: one line that says where, what, and what to do; the documented exit code."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

testing = pytest.importorskip("click.testing")
pytest.importorskip("rich")
from edgert.cli import COMMANDS, main  # noqa: E402
from edgert.cli.lately import Lately  # noqa: E402
from edgert.errors import UnavailableError, make  # noqa: E402

BOX = """\
kind: Sensor
name: cam
source: {type: synthetic, width: 64, height: 48, count: 3, speed: max}
---
kind: Pipeline
name: p
sensor: cam
steps:
  - {name: small, transform: image.to_tensor, from: frame, params: {width: 8, height: 8}}
"""
ROOM = "make room, or write to another place\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "box.yaml").write_text(BOX)
    (tmp_path / "garbage.onnx").write_text("garbage")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


WRONG = [
    ("run loop.yaml", 1, "loop.yaml: can't be read: "),
    ("check loop.yaml", 1, "loop.yaml: can't be read: "),
    (
        "run box.yaml -o a.jsonl --report a.jsonl",
        1,
        "a.jsonl: is to be written twice; name another file for each",
    ),
    ("run box.yaml -o a.mp4 --video ./a.mp4", 1, "a.mp4: is to be written twice; name another file for each"),
    ("run box.yaml --report -", 2, "--report writes a file; give it a name that ends with .html"),
    ("run box.yaml --lanes 65", 2, "65 is not in the range 0<=x<=64"),
    (
        "run box.yaml --pictures box.yaml",
        1,
        "box.yaml: is there already, and is no folder; choose another place",
    ),
    ("run box.yaml -o folder", 1, "folder: Is a directory; choose another place"),
    ("inspect garbage.onnx", 1, "garbage.onnx: "),
    ("inspect garbage.onnx -o box.yaml", 1, "garbage.onnx: "),
    ("zoo get nope-at-all", 1, "zoo: unknown name 'nope-at-all'; "),
    ("schema -o box.yaml", 2, "is a file"),
    (
        "explain box.yaml --picture a.bmp",
        1,
        "a.bmp: pictures are .svg, .png, .pdf; give the file such an ending",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG, ids=[each[0] for each in WRONG])
def test_what_is_wrong_is_said(here: Path, arguments: str, code: int, said: str) -> None:
    found = testing.CliRunner().invoke(main, arguments.split())
    assert found.exit_code == code and said in found.output, found.output
    assert found.exception is None or isinstance(found.exception, SystemExit)
    assert not (here / "a.jsonl").exists() and (here / "box.yaml").read_text() == BOX


def test_a_model_file_that_is_none_is_told_what_to_do(here: Path) -> None:
    pytest.importorskip("onnxruntime")
    found = testing.CliRunner().invoke(main, ["inspect", "garbage.onnx"])
    assert "check that it is a whole ONNX or TFLite model: fetch or export it again" in found.output


@pytest.mark.parametrize("arguments", [["run", "box.yaml"], ["zoo", "list"], ["schema"]])
def test_an_output_that_is_full_is_told_without_a_traceback(here: Path, arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "edgert", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.endswith("standard output: No space left on device; " + ROOM)
    assert "Traceback" not in ended.stderr and "Exception" not in ended.stderr


def test_all_help_says_what_a_command_does_and_each_option(here: Path) -> None:
    from click import Context

    group = Context(main)
    for name in COMMANDS:
        command = main.get_command(group, name)
        assert command is not None and len(command.help or "") > 40
        for option in command.params:
            text = getattr(option, "help", None)
            assert option.param_type_name == "argument" or (text and text.endswith((".", ").", ")"))), option


class Answered:
    """A result, as far as Lately looks at it."""

    pipeline = "a/one"

    def __init__(self, outcome: str, **answers: object) -> None:
        self.outcome, self.answers = outcome, answers


def test_a_run_whose_results_go_nowhere_says_what_came(here: Path) -> None:
    import numpy as np
    from edgert.answers import Probability

    lately = Lately()
    for outcome, value in (("failed", 0.1), ("ok", 0.25), ("ok", 0.5)):
        lately(Answered(outcome, voice=Probability(np.array([value], np.float32)), none=None))  # type: ignore
    assert lately.said("a/one") == "voice 0.25"  # the last one came too soon after it
    assert lately.said("a/two") == ""
    found = testing.CliRunner().invoke(main, ["run", "box.yaml"])
    assert found.exit_code == 0 and "3 results" in found.output and "last said" not in found.output


@pytest.mark.parametrize("command", [["explain", "box.yaml", "--picture"], ["schema", "-o"]])
def test_a_full_disk_is_told_with_the_file_that_it_kept_from_being_written(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    pytest.importorskip("matplotlib")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    monkeypatch.setattr(Path, "write_text", full)
    said = testing.CliRunner().invoke(main, [*command, "out.png"])
    assert said.exit_code == 3, said.output
    assert said.stderr.startswith("out.png") and said.stderr.endswith(ROOM)
    assert "standard output" not in said.stderr


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 3), (errno.EACCES, 1)])
def test_a_full_disk_is_told_alike_where_the_core_writes(
    here: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise make(
            UnavailableError, "socket out", f"can't listen there: {os.strerror(number)}", "choose another"
        )

    monkeypatch.setattr("edgert.runtime.Runtime.__init__", refused)
    said = testing.CliRunner().invoke(main, ["run", "box.yaml", "--share", "out"])
    assert said.exit_code == code and said.stderr.startswith("socket out: can't listen there"), said.output


def test_ctrl_c_while_the_command_is_being_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = subprocess.run(
        [sys.executable, "-m", "edgert", "doctor"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests may run where it is ignored
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "\nAborted!\n")
