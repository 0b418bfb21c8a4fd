"""`edgert zoo`."""

from __future__ import annotations

import json

import pytest

testing = pytest.importorskip("click.testing")

from edgert.cli import main  # noqa: E402


def _run(*arguments):
    return testing.CliRunner().invoke(main, ["zoo", *arguments])


def test_get_prints_path_and_licence(animals, cache):
    result = _run("get", "alpha", "gamma")
    assert result.exit_code == 0, result.output
    assert f"{cache}/zoo/alpha.bin\tMIT" in result.output
    assert f"{cache}/zoo/gamma.bin\tMIT" in result.output


def test_get_all(animals, cache):
    assert _run("get", "--all").exit_code == 0
    assert len(list((cache / "zoo").glob("*.bin"))) == 4


def test_get_says_what_is_wrong(animals):
    result = _run("get", "alfa")
    assert result.exit_code == 1
    assert result.output == "zoo: unknown name 'alfa'; did you mean alpha?\n"
    assert _run("get").exit_code == 2


def test_list_says_what_is_cached(animals):
    _run("get", "gamma")
    entries = {entry["name"]: entry for entry in json.loads(_run("list", "--json").output)}
    assert {name: entry["cached"] for name, entry in entries.items()} == {
        "alpha": False,
        "beta": False,
        "gamma": True,
        "delta": False,
    }
    assert entries["gamma"]["origin"] == "@zoo/birds 2.0.0 (npm)"
    assert "alpha\tdata\ttest\tMIT\talpha" in _run("list").output
    assert _run("list", "--kind", "media").output == ""
