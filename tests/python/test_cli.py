"""The command `edgert`: exit codes, and messages that say where, what, and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

testing = pytest.importorskip("click.testing")

from edgert.cli import COMMANDS, EXIT_CODES, main  # noqa: E402
from edgert.cli.live import Lines, choose, line, tables  # noqa: E402
from edgert.cli.reasons import Reasons  # noqa: E402
from edgert.cli.run import video_paths  # noqa: E402
from edgert.cli.summary import summary  # noqa: E402
from edgert.report import History, write  # noqa: E402
from edgert.report.labels import labels  # noqa: E402
from edgert.report.memory import ModelBytes  # noqa: E402
from edgert.report.page import in_words  # noqa: E402
from edgert.report.savings import savings  # noqa: E402


def run(*arguments: str) -> Any:
    return testing.CliRunner().invoke(main, list(arguments))


def metrics(seconds: float = 10.0) -> dict[str, Any]:
    """Two pipelines of two applications that share a model."""
    frames = int(10 * seconds)
    pipeline = {
        "results": frames,
        "ok": frames,
        "late": 0,
        "skipped": 0,
        "stale": 0,
        "not_admitted": {"queue": 0, "rate": 0, "share": 0, "no time": 0},
        "dropped": 0,
        "failed": 0,
        "refused": 0,
        "unread": 0,
        "latency_ms_p50": 20.0,
        "latency_ms_p99": 40.0,
        "rate": 10.0,
    }
    node: dict[str, Any] = {
        "scope": 0,
        "failed": 0,
        "skipped": 0,
        "run_ms_mean": 3.0,
        "run_ms_p50": 3.0,
        "run_ms_p99": 4.0,
    }
    node = {
        **node,
        "queue_ms_mean": 0.5,
        "applications": ["a", "b"],
        "executed": frames,
        "demanded": 2 * frames,
    }
    return {
        "uptime_s": seconds,
        "sensors": {
            "camera": {
                "frames": frames,
                "fps": 10.0,
                "dropped": {"full": 3},
                "state": "running",
                "reason": "",
            }
        },
        "pipelines": {"a/one": pipeline, "b/two": pipeline},
        "nodes": [
            {**node, "id": 0, "op": "source", "name": "camera"},
            {**node, "id": 1, "op": "image.to_tensor", "name": "300×300"},
            {**node, "id": 2, "op": "model", "name": "<objects>"},
        ],
        "lanes": [],
        "models": [{"name": "<objects>"}],
    }


def test_help_names_every_command_and_exit_code() -> None:
    said = run("--help")
    assert said.exit_code == 0
    assert all(name in said.output for name in COMMANDS)
    assert all(f"\n  {code}  {about[:20]}" in said.output for code, about in EXIT_CODES.items())


def test_the_docs_have_the_same_exit_codes() -> None:
    text = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert all(f"| {code} | {about} |" in text for code, about in EXIT_CODES.items())


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    said = run(command, "--help")
    assert said.exit_code == 0, said.output
    assert "Usage: main " + command in said.output


def test_wrong_usage_is_two() -> None:
    assert run("run").exit_code == 2
    assert run("nonsense").exit_code == 2
    said = run("run", "x.yaml", "--duration", "3parsec")
    assert said.exit_code == 2 and "unknown unit 'parsec'" in said.output


def test_wrong_documents_are_one_with_every_line(tmp_path: Path) -> None:
    box = tmp_path / "box.yaml"
    box.write_text("kind: Sensor\nname: a\nsource: {type: video, pth: a.avi}\n---\nkind: Pipe\nname: b\n")
    said = run("run", str(box))
    assert said.exit_code == 1
    assert (
        f"{box}:3: Sensor/a" in said.output and f"{box}:5" in said.output and "Traceback" not in said.output
    )
    assert run("run", str(tmp_path / "none.yaml")).exit_code == 1


def test_demo_shows_its_documents() -> None:
    said = run("demo", "--show")
    assert said.exit_code == 0
    assert said.output.count("kind: Sensor") >= 3 and said.output.count("kind: Application") == 3


def test_demo_offline_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    said = run("demo", "--offline", "--output", str(tmp_path / "out"))
    assert said.exit_code == 1
    assert "are not in the cache: " in said.output and "run it once without --offline" in said.output


def test_doctor_says_what_is_there() -> None:
    said = run("doctor")
    assert said.exit_code == 0
    for title in ("edgert", "devices", "backends", "optional packages", "zoo"):
        assert f"\n{title}\n" in "\n" + said.output
    assert "null" in said.output


def test_sharing_is_counted() -> None:
    found = savings(metrics(), {"camera": 2})
    assert found["decodes"] == (100, 200) and found["models"].saved == 100
    assert found["transforms"] == (100, 200)


def test_the_summary_and_the_live_views_say_the_figures() -> None:
    text = "\n".join(summary(metrics(), {"camera": 2}, {"a/one": 10.0}))
    assert "3 dropped (full)" in text and "pipeline b/two: 100 results; answers in 20.0 ms" in text
    assert "nothing said: its first window of 10 s was not full" in text and text.count("nothing said") == 1
    assert "model runs: 100 done, 200 wanted: sharing saved 100" in text
    assert line(metrics()) == "10 s | camera 10.0/s | a/one 10.0/s 20 ms, b/two 10.0/s 20 ms"
    many = {**metrics(), "pipelines": {f"a/{index}": metrics()["pipelines"]["a/one"] for index in range(9)}}
    assert line(many) == "10 s | camera 10.0/s | 9 pipelines 90.0 results/s, slowest a/0 20 ms"
    assert isinstance(choose(quiet=False), Lines)  # a test's output is no terminal

    from rich.console import Console

    console = Console(width=120, record=True)
    console.print(tables(metrics()))
    assert "<objects>" in console.export_text()


def test_the_report_is_one_file_that_escapes_names(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    history = History()
    history.sample(metrics(1.0))
    history.sample(metrics(2.0))
    path = write(tmp_path / "r.html", history, metrics(), {"camera": 2}, picture=b"png", title="<title>")
    text = path.read_text()
    assert "<objects>" not in text and "&lt;objects&gt;" in text and "&lt;title&gt;" in text
    assert text.count("<svg") == 3 and "http-equiv" not in text and 'src="http' not in text
    assert "100 times, not 200" in text
    assert history.sensor_rates["camera"] == [10.0, 10.0]


def test_the_report_says_what_memory_sharing_saves(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    figures = {**metrics(), "buffer_bytes": 1_360_000, "buffer_bytes_apart": 3_260_000}
    models = ModelBytes(once=33_400_000, each=334_000_000)
    text = write(tmp_path / "r.html", History(), figures, {"camera": 2}, models=models).read_text()
    assert "<b>33.4 MB</b>of models in memory, not 334 MB" in text
    assert "<b>1.36 MB</b>for tensors of frames, not 3.26 MB" in text
    unshared = write(tmp_path / "r.html", History(), metrics(), {"camera": 2}, models=ModelBytes(1, 1))
    assert "of models in memory" not in unshared.read_text()


def test_nodes_are_called_by_the_models_that_they_feed_or_read() -> None:
    nodes = [
        {"id": 0, "op": "source", "name": "camera", "inputs": []},
        {"id": 1, "op": "image.to_tensor", "name": "", "inputs": [[0, 0]]},
        {"id": 2, "op": "model", "name": "faces", "inputs": [[1, 0]]},
        {"id": 3, "op": "model", "name": "people", "inputs": [[1, 0]]},
        {"id": 4, "op": "answer.boxes", "name": "", "inputs": [[2, 0], [0, 0]], "pipelines": ["a/one"]},
        {"id": 5, "op": "answer.boxes", "name": "", "inputs": [[2, 0], [0, 0]], "pipelines": ["a/two"]},
        {"id": 6, "op": "table.scale", "name": "", "inputs": [[0, 0]]},
        {"id": 7, "op": "source", "name": "door", "inputs": []},
        {"id": 8, "op": "model", "name": "faces", "inputs": [[7, 0]]},
    ]
    names = labels(nodes)
    assert [names[index] for index in (1, 2, 4, 5, 6, 8)] == [
        "image.to_tensor → faces, people",
        "faces on camera",
        "faces → answer.boxes for a/one",
        "faces → answer.boxes for a/two",
        "table.scale",
        "faces on door",
    ]


def test_videos_of_several_cameras_have_names_of_their_own() -> None:
    assert video_paths(Path("o/out.mp4"), ["a"]) == {"a": Path("o/out.mp4")}
    assert video_paths(Path("o/out.mp4"), ["a", "b"]) == {"a": Path("o/out.a.mp4"), "b": Path("o/out.b.mp4")}


def test_importing_edgert_loads_nothing_heavy() -> None:
    heavy = ["numpy", "pydantic", "click", "rich", "av", "yaml"]
    code = f"import edgert, sys; print(sorted(set({heavy}) & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment()
    )
    assert said.stdout.strip() == "[]"


def _environment() -> dict[str, str]:
    import os

    import edgert

    return {**os.environ, "PYTHONPATH": str(Path(edgert.__file__).parent.parent)}


class Ended:
    """A result, as far as reasons look at it."""

    def __init__(
        self, outcome: str, error: str = "", status: str = "engine", pipeline: str = "a/one"
    ) -> None:
        self.outcome, self.error, self.status, self.pipeline = outcome, error, status, pipeline


def test_failures_are_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    reasons = Reasons()
    for number in range(7):
        reasons(Ended("failed", f"step 'x': too dark: {number} of 255"))  # type: ignore[arg-type]
    for outcome, error, status in (
        ("ok", "", "ok"), ("late", "", "ok"), ("dropped", "x", "deadline"), ("dropped", "y", "deadline"),
        ("failed", "step 'y': other", "engine"), ("failed", "step 'z': another", "engine"),
    ):  # fmt: skip
        reasons(Ended(outcome, error, status))  # type: ignore[arg-type]
    assert list(reasons.top("a/one")) == [
        "7 × step 'x': too dark: 0 of 255",
        "2 × over the latency bound",
        "1 × step 'y': other",
        "1 × for 1 other reason",
    ]
    assert list(reasons.top("a/two")) == []
    assert capsys.readouterr().err == "pipeline a/one failed: step 'x': too dark: 0 of 255\n"
    text = "\n".join(summary(metrics(), {"camera": 2}, {}, reasons.top))
    assert "  pipeline a/one: 100 results; answers in 20.0 ms (99 %: 40.0 ms)\n    7 × step 'x': too" in text


def test_many_different_reasons_are_bounded() -> None:
    reasons = Reasons()
    for number in range(500):
        reasons(Ended("failed", "step " + "x" * number))  # type: ignore[arg-type]
    assert next(iter(reasons.top("a/one"))) == "450 × others" and len(reasons._shown) <= 51


def test_a_summary_has_no_rows_of_zeros() -> None:
    nothing = {**metrics(), "nodes": [], "models": []}
    text = "\n".join(summary(nothing, {"camera": 1}, {}))
    assert "model runs" not in text and "sharing saved" not in text
    assert "  wanted once: 100 decodes" in text
    [_, shared] = in_words(nothing, {"camera": 1})
    assert shared.endswith("Frames were read and decoded 100 times.") and "ran 0" not in shared
    empty = {**nothing, "sensors": {"camera": {"frames": 0}}}
    assert len(in_words(empty, {"camera": 1})) == 1 and "wanted once" not in "\n".join(summary(empty, {}, {}))
