"""The catalogue and the light API."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from edgert import zoo


def test_every_name_is_friendly_and_every_file_is_its_own():
    entries = [zoo.info(name) for name in zoo.names()]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.name) for entry in entries)
    assert len({entry.file for entry in entries}) == len(entries)
    assert all(Path(entry.file).suffix for entry in entries)


@pytest.mark.parametrize("name", zoo.names())
def test_every_entry_is_complete(name):
    entry = zoo.info(name)
    assert entry.kind in ("model", "media", "labels", "data")
    assert entry.task and entry.about and entry.licence and entry.origin
    if entry.recipe:
        assert entry.recipe.version > 0
        assert all(zoo.info(source).name == source for source in entry.recipe.sources)
    else:
        assert entry.package and entry.package.registry in ("pypi", "npm", "debian")
        assert entry.inner and entry.size and re.fullmatch("[0-9a-f]{64}", entry.sha256 or "")
        assert not entry.span or entry.span[1] - entry.span[0] == entry.size


def test_an_unknown_name_suggests_near_ones():
    with pytest.raises(zoo.ZooError, match="zoo: unknown name 'face-mash'; did you mean face-mesh"):
        zoo.get("face-mash")
    with pytest.raises(zoo.ZooError, match="edgert zoo list"):
        zoo.info("qqqqq")


def test_resolve_leaves_paths_alone():
    assert zoo.resolve("models/own.onnx") == Path("models/own.onnx")
    with pytest.raises(zoo.ZooError, match="unknown name"):
        zoo.resolve("zoo:nothing-of-the-kind")


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"EDGERT_CACHE": "/a/b"}, "/a/b"),
        ({"EDGERT_CACHE": "", "XDG_CACHE_HOME": "/x"}, "/x/edgert"),
        ({"EDGERT_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/edgert"),
    ],
)
def test_the_cache_folder(variables, folder, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert zoo.folder() == Path(folder)


def test_importing_the_zoo_loads_nothing_heavy():
    code = (
        "import sys; before = set(sys.modules); import edgert; own = set(sys.modules);"
        "import edgert.zoo; print(*(set(sys.modules) - own))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    loaded = {module.partition(".")[0] for module in done.stdout.split()}
    assert not loaded & {"numpy", "onnx", "rich", "yaml", "http"}
