"""C++ plug-ins: built from the example, loaded, and refused when they are of another kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import edgert
import numpy as np
import pytest
from edgert.documents import DocumentErrors
from edgert.errors import InvalidError
from edgert.runtime import Runtime

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "cpp" / "plugin.cc"
BOX = """
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [x, y], rate: 10, max_rows: 4}}
inbox: {policy: block}
---
kind: Pipeline
name: p
sensor: watch
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: energy, transform: ENERGY, params: {gain: 2}, from: rows}
"""
STRANGER = """
#include <cstdint>
extern "C" const void* edgert_plugin() {
  static const std::uint32_t plugin[16] = {64, 999};
  return plugin;
}
"""


def compiled(folder: Path, source: Path, name: str, *options: str) -> Path:
    """A shared library made by the machine's compiler."""
    compiler = os.environ.get("CXX") or shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    made = folder / name
    command = [compiler, "-std=c++20", "-O1", "-fPIC", "-shared", str(source), "-o", str(made), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if given := os.environ.get("EDGERT_TEST_PLUGIN"):
        return Path(given)
    if not Path(edgert.get_cmake_dir()).exists():
        pytest.skip("edgert is used from its source folder: pip install it, or set EDGERT_TEST_PLUGIN")
    library = Path(edgert.get_cmake_dir()).parents[1]
    options = (f"-I{edgert.get_include()}", f"-L{library}", f"-Wl,-rpath,{library}", "-ledgert")
    return compiled(tmp_path_factory.mktemp("plugin"), EXAMPLE, "energy.so", *options)


def energy(folder: Path, said: str) -> Any:
    (folder / "box.yaml").write_text(BOX.replace("ENERGY", said))
    with Runtime(folder / "box.yaml", lanes=1) as runtime:
        coming = runtime.results("p", timeout=60)
        runtime.push("watch", np.array([[3, 4], [0, 0]], np.float32))
        runtime.finish("watch")
        return [result.answers["energy"].array.tolist() for result in coming]


def test_a_plugin_is_loaded_and_run(tmp_path: Path, plugin: Path) -> None:
    loaded = edgert.load_plugin(plugin)
    assert (loaded["name"], loaded["operations"]) == ("edgert-example", ["example.energy"])
    assert edgert.load_plugin(plugin) == loaded
    assert energy(tmp_path, "example.energy") == [[5.0]]
    assert energy(tmp_path, f"{{plugin: {plugin}, operation: example.energy}}") == [[5.0]]
    with pytest.raises(DocumentErrors, match="takes one tensor of float32"):
        (tmp_path / "box.yaml").write_text(
            BOX.replace("ENERGY", "example.energy").replace("from: rows", "from: frame")
        )
        Runtime(tmp_path / "box.yaml")


def test_the_variable_names_plugins(plugin: Path) -> None:
    code = "from edgert import _native, plugins; plugins.load_named(); print(_native.registered_transforms())"
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "EDGERT_PLUGINS": str(plugin)},
    )
    assert "example.energy" in said.stdout, said.stderr


def test_what_is_no_plugin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="give a shared library"):
        edgert.load_plugin(tmp_path / "nothing.so")
    source = tmp_path / "empty.cc"
    source.write_text("int empty() { return 0; }\n")
    with pytest.raises(InvalidError, match="it has no edgert_plugin; export it"):
        edgert.load_plugin(compiled(tmp_path, source, "empty.so"))


def test_a_plugin_of_another_version_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "stranger.cc"
    source.write_text(STRANGER)
    with pytest.raises(InvalidError, match="was built for version 999 of the plug-in interface") as caught:
        edgert.load_plugin(compiled(tmp_path, source, "stranger.so"))
    assert "build it again" in str(caught.value)
