"""`edgert profile` and `edgert tune`: what they write and say, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

testing = pytest.importorskip("click.testing")

from edgert.cli import main  # noqa: E402
from edgert.documents import load  # noqa: E402
from edgert.profile.bench import Bench  # noqa: E402
from profile_made import PROFILE, box, words  # noqa: E402


def run(*arguments: str | Path) -> Any:
    return testing.CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_profile_writes_a_document(tmp_path: Path) -> None:
    output = tmp_path / "here.yaml"
    done = run(
        "profile", words(tmp_path), "--seconds", "5ms", "--instances", "1,2", "--threads", "1", "-o", output
    )
    assert done.exit_code == 0, done.output
    profile = load(output).profiles["here"]
    assert [point.place for point in profile.models[0].points] == [(1, 1, 1), (2, 1, 1)]
    assert profile.chosen is None
    assert "instances\tthreads" in done.stdout and "its batch is fixed" in done.stdout


def test_profile_prints_the_document_into_a_pipe(tmp_path: Path) -> None:
    done = run("profile", box(tmp_path), "--quick", "--seconds", "2ms", "--name", "mine")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("kind: Profile\nname: mine\n") and "- model: words\n" in done.stdout


def test_models_are_measured_before_there_is_a_pipeline(tmp_path: Path) -> None:
    box(tmp_path)  # writes the model's file
    (tmp_path / "model.yaml").write_text(
        "kind: Model\nname: words\nfile: words.null\ninput: {features: {}}\n"
    )
    done = run("profile", tmp_path / "model.yaml", "--quick", "--seconds", "2ms")
    assert done.exit_code == 0, done.output
    assert "- model: words\n" in done.stdout


def test_tune_writes_what_run_takes(tmp_path: Path) -> None:
    output, report = tmp_path / "tuned.yaml", tmp_path / "tune.svg"
    done = run("tune", box(tmp_path), "--seconds", "2ms", "-o", output, "--report", report)
    assert done.exit_code == 0, done.output
    assert "chosen: " in done.stdout and "saturated" in done.stdout
    assert "<svg" in report.read_text()
    assert load([tmp_path / "box.yaml", output]).lanes >= 1
    checked = run("check", tmp_path / "box.yaml", output)
    assert checked.exit_code == 0 and "stale" not in checked.output, checked.output
    page = tmp_path / "tune.html"
    assert run("tune", tmp_path / "box.yaml", "--seconds", "2ms", "--report", page).exit_code == 0
    assert "<svg" in page.read_text() and "<html" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["profile"], 2, "Missing argument"),
        (["profile", "nope.onnx"], 1, "nope.onnx: no such file"),
        (["profile", "zoo:nope"], 1, "unknown name 'nope'"),
        (["profile", "words.null", "--batch", "0"], 2, "write 1,2,4"),
        (["profile", "words.null", "--instances", ""], 2, "write 1,2,4"),
        (["profile", "words.null", "--threads", "1,-1"], 2, "write 1,2,4"),
        (["profile", "words.null", "--threads", "999"], 1, "grid: threads: 999 can't be; give 1 to 256"),
        (["profile", "words.null", "--seconds", "0"], 2, "above 0"),
        (["profile", "words.null", "--seconds", "-1s"], 2, "negative"),
        (["profile", "words.null", "--name", "a b"], 2, "letters"),
        (["profile", "words.null", "-o", "nowhere/p.yaml"], 1, "nowhere/p.yaml: No such file"),
        (["profile", "box.yaml", "-o", "box.yaml"], 1, "is one of the documents"),
        (["profile", "bad.onnx"], 1, "bad.onnx"),
        (["profile", "fails.null"], 1, "no luck"),
        (["tune", "nope.yaml"], 1, "nope.yaml: no such file"),
        (["tune", "box.yaml", "--seconds", "0s"], 2, "above 0"),
        (["tune", "box.yaml", "--report", "x.doc"], 1, "end it in .html"),
        (["tune", "box.yaml", "--report", "nowhere/x.png"], 1, "nowhere/x.png"),
        (["tune", "box.yaml", "-o", "box.yaml"], 1, "is one of the documents"),
    ],
)
def test_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    box(tmp_path)
    words(tmp_path, "fails", more='fail "no luck"\n')
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert said in done.output
    assert "Traceback" not in done.output
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before, "nothing is left behind"


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure, left = Bench.measure, [2]

    def some(*given: Any, **more: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return measure(*given, **more)

    monkeypatch.setattr(Bench, "measure", some)
    output = tmp_path / "part.yaml"
    options = ["--seconds", "1ms", "--instances", "1,2,3", "-o", output]
    done = run("profile", words(tmp_path), *options)
    assert done.exit_code == 0 and "interrupted" in done.output
    assert len(load(output).profiles["part"].models[0].points) == 2
    output.unlink()
    done = run("profile", tmp_path / "words.null", *options)
    assert done.exit_code == 1 and "nothing was measured" in done.output
    assert not output.exists()


def test_check_and_run_tell_what_is_stale(tmp_path: Path) -> None:
    (tmp_path / "tuned.yaml").write_text(PROFILE)
    done = run("check", box(tmp_path), tmp_path / "tuned.yaml")
    assert done.exit_code == 0
    assert "tuned.yaml:1: Profile/measured: stale: it was measured on A processor" in done.output
    assert "the model words was another file" in done.output
    done = run("run", tmp_path / "box.yaml", tmp_path / "tuned.yaml", "--duration", "50ms", "-q")
    assert done.exit_code == 0 and "stale: it was measured on" in done.output
