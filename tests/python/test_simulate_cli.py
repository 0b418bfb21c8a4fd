"""`edgert simulate`: what it says, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

testing = pytest.importorskip("click.testing")

from edgert.cli import main  # noqa: E402
from test_simulate import BOX, MEASURED, words  # noqa: E402


def run(*arguments: str | Path) -> Any:
    return testing.CliRunner().invoke(main, ["simulate", *map(str, arguments)])


@pytest.fixture
def box(tmp_path: Path) -> tuple[Path, ...]:
    words(tmp_path)
    (tmp_path / "box.yaml").write_text(BOX)
    (tmp_path / "profile.yaml").write_text(MEASURED)
    return tmp_path / "box.yaml", Path("--profile"), tmp_path / "profile.yaml", Path("--transforms=stated")


def test_it_fits(box: tuple[Path, ...], tmp_path: Path) -> None:
    done = run(*box, "--for", "10s", "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    assert "default/all\t500\t500\t0\t0\t100.00%" in done.stdout
    assert "lane 1\t" in done.stdout and "words\t10.0%\t500" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("fits: every bound is kept")
    assert "Profile/measured: stale here: it was measured on Another processor" in done.stderr
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["fits"] and data["pipelines"][0]["asked"] == 500 and data["rates"] == {"numbers": 50.0}


def test_streams_of_devices_are_told_apart_from_lanes(box: tuple[Path, ...], tmp_path: Path) -> None:
    device = "kind: Device\nname: npu\ntype: sim\nprofile: measured\nstreams: 3\n---\n"
    (tmp_path / "box.yaml").write_text(
        device + BOX.replace("file: words.null", "file: words.null\ndevice: npu")
    )
    done = run(*box, "--for", "2s", "--lanes", "1")
    assert "; 1 lane, 3 streams of npu, order " in done.stdout, done.output


def test_it_does_not_fit(box: tuple[Path, ...]) -> None:
    done = run(*box, "--for", "5s", "--rate", "numbers=300", "--lanes", "1", "--quiet")
    assert done.exit_code == 1
    said = done.stdout.splitlines()
    assert said[0].startswith("doesn't fit: 1 of 1 pipelines miss too much: default/all misses ")
    assert said[1:] == ["with 2 lanes it fits (--lanes 2); the box has 2 cores"]


@pytest.mark.parametrize("name", ["out.html", "out.png", "out.svg", "out.pdf"])
def test_plots(box: tuple[Path, ...], tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    done = run(*box, "--for", "2s", "--arrivals", "poisson", "--report", tmp_path / name)
    assert f"{name}: written" in done.stderr, done.output
    begins = {"html": b"<!doctype", "png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[name[4:]]
    content = (tmp_path / name).read_bytes()
    assert content.startswith(begins)
    if name.endswith((".html", ".svg")):
        assert b"default/all" in content and b"Misses over time" in content and b"lane 0" in content


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["--rate", "number=3"], 1, "--rate number: there is no such sensor; did you mean 'numbers'?"),
        (["--open", "x=0.3"], 1, "--open x: there is no such condition; the documents have no condition"),
        (["--rate", "numbers"], 2, "'numbers' is no NAME=NUMBER"),
        (["--for", "0s"], 2, "give a time above 0"),
        (["--report", "x.txt"], 1, "is no kind of picture or page"),
        (["--order", "best"], 2, "'best' is not one of"),
    ],
)
def test_refused(box: tuple[Path, ...], arguments: list[str], code: int, what: str) -> None:
    done = run(*box, *arguments)
    assert done.exit_code == code and what in done.stderr, done.output


def test_without_a_profile(box: tuple[Path, ...]) -> None:
    done = run(box[0])
    assert done.exit_code == 1 and "models: no Profile is given that has run times of words" in done.stderr
