"""Fetching over HTTP, from a registry on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from edgert import zoo
from edgert.zoo import catalogue
from edgert.zoo.progress import Bar, Lines, Silent

WHEEL = "animals-1.0-py3-none-any.whl"
TARBALL = "zoo-birds-2.0.0.tgz"


def test_a_wheel_is_read_in_parts(registry, animals, cache):
    path = zoo.get("alpha")
    assert path == cache / "zoo" / "alpha.bin"
    assert path.read_bytes() == b"alpha " * 5000
    assert all(registry.downloads(WHEEL)), "every request names a range"
    assert not (cache / "zoo" / "beta.bin").exists()


def test_a_server_without_ranges_serves_the_whole_wheel_once(registry, animals, cache):
    registry.ranges = False
    zoo.get("alpha")
    zoo.get("beta")
    assert registry.downloads(WHEEL) == ["bytes=0-0", None], "what came along was kept"


def test_npm_and_debian_packages_and_spans(registry, animals):
    paths = zoo.get_many(["gamma", "delta"])
    assert paths["gamma"].read_bytes() == b"gamma" * 180
    assert paths["delta"].read_bytes() == b"delta" * 700


def test_several_artifacts_of_a_package_need_one_look_at_the_index(registry, animals):
    zoo.get_many(["alpha", "beta", "alpha"])
    assert len(registry.downloads("/simple/animals/")) == 1


def test_an_index_that_speaks_html(registry, animals):
    registry.files["/simple/animals/"] = f'<a href="../../files/{WHEEL}#sha256=0">x</a>'.encode()
    registry.types["/simple/animals/"] = "text/html"
    assert zoo.get("alpha").exists()


def test_a_broken_transfer_goes_on_where_it_stopped(registry, animals):
    registry.cut, registry.cuts = 10, 1
    assert zoo.get("gamma").exists()
    assert registry.downloads(TARBALL) == [None, "bytes=10-"]


def test_the_next_try_goes_on_too(registry, animals, cache):
    registry.cut, registry.cuts = 10, 3
    with pytest.raises(zoo.ZooError, match=r"broke off.*run it again"):
        zoo.get("gamma")
    assert (cache / "zoo" / ".parts" / f"{TARBALL}.part").stat().st_size == 30
    assert zoo.get("gamma").exists()
    assert registry.downloads(TARBALL)[-1] == "bytes=30-"
    assert not list((cache / "zoo" / ".parts").iterdir())


def test_a_server_that_ignores_the_range_starts_anew(registry, animals):
    registry.ranges, registry.cut, registry.cuts = False, 10, 1
    assert zoo.get("gamma").read_bytes() == b"gamma" * 180


def test_a_wrong_checksum_names_both_and_keeps_nothing(registry, animals, cache):
    _edit(animals, "alpha", sha256="0" * 64)
    with pytest.raises(zoo.ZooError, match=r"alpha: checksum differs: expected sha256 0{64}, found \w{64}"):
        zoo.get("alpha")
    assert not (cache / "zoo" / "alpha.bin").exists()
    assert not list((cache / "zoo").glob(".staging/*"))


def test_a_damaged_package_is_not_kept(registry, animals, cache):
    registry.files[f"/files/{TARBALL}"] = b"no tarball at all" * 100
    with pytest.raises(zoo.ZooError, match="damaged"):
        zoo.get("gamma")
    assert not list((cache / "zoo" / ".parts").iterdir())


def test_a_damaged_artifact_is_fetched_again(registry, animals):
    path = zoo.get("alpha")
    path.write_bytes(b"rot")
    assert zoo.get("alpha").read_bytes() == b"alpha " * 5000


def test_what_is_cached_needs_no_network(registry, animals, monkeypatch):
    path = zoo.get("alpha")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert zoo.get("alpha") == path
    with pytest.raises(zoo.ZooError, match=r"can't be reached.*check the network"):
        zoo.get("beta")


def test_an_index_that_lacks_the_package(registry, animals):
    del registry.files["/simple/animals/"]
    with pytest.raises(zoo.ZooError, match="answered 404"):
        zoo.get("alpha")


def test_an_index_that_lacks_the_file(registry, animals):
    registry.files["/simple/animals/"] = b'{"files": []}'
    with pytest.raises(zoo.ZooError, match=f"has no {WHEEL}"):
        zoo.get("alpha")


def test_a_package_that_lacks_the_artifact(registry, animals):
    _edit(animals, "alpha", inner="animals/none.bin")
    with pytest.raises(zoo.ZooError, match=r"alpha: animals/none.bin isn't in Animals 1\.0"):
        zoo.get("alpha")


def test_credentials_are_sent_and_never_shown(registry, animals, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", registry.address.replace("//", "//me:secret@") + "/nothing")
    with pytest.raises(zoo.ZooError) as caught:
        zoo.get("alpha")
    assert "secret" not in str(caught.value)


def test_a_cache_that_cannot_be_written(animals, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "file"))
    with pytest.raises(
        zoo.ZooError,
        match=r"file: the cache can.t be written .*; set EDGERT_CACHE to a folder that you can write",
    ):
        zoo.get("alpha")


def test_a_way_of_fetching_that_is_unknown(animals, monkeypatch):
    monkeypatch.setenv("EDGERT_ZOO_FETCH", "pigeon")
    with pytest.raises(zoo.ZooError, match="EDGERT_ZOO_FETCH: is 'pigeon'; set it to"):
        zoo.get("alpha")


def test_processes_that_want_the_same_fetch_it_once(registry, animals):
    registry.ranges = False
    code = (
        "import sys, pathlib; from edgert import zoo; from edgert.zoo import catalogue;"
        "catalogue.FILE = pathlib.Path(sys.argv[1]); print(zoo.get(sys.argv[2]))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(animals), name], env=environment, stdout=subprocess.PIPE
        )
        for name in ("alpha", "beta", "alpha", "beta")
    ]
    outputs = [run.communicate()[0].decode().strip() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    assert all(Path(output).exists() for output in outputs)
    assert registry.downloads(WHEEL).count(None) == 1


def test_progress_reaches_the_whole(registry, animals, capsys):
    zoo.get("gamma", progress=Lines())
    assert "@zoo/birds 2.0.0 (npm)" in capsys.readouterr().err


def test_a_bar_tells_it_too(registry, animals, capsys):
    with Bar() as bar:
        zoo.get("gamma", progress=bar)
        bar.note("a line above the bar")
    assert "a line above the bar" in capsys.readouterr().err


def test_what_a_killed_process_left_is_swept_away_in_time(registry, animals, cache):
    for name, age in (("old", 48 * 3600), ("new", 60)):
        folder = cache / "zoo" / ".staging" / name
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - age,) * 2)
    zoo.get("gamma")
    assert [folder.name for folder in (cache / "zoo" / ".staging").iterdir()] == ["new"]


def test_an_interrupted_get_leaves_no_half_file(registry, animals, cache):
    class Impatient(Silent):
        def reach(self, done: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zoo.get("gamma", progress=Impatient())
    assert not list((cache / "zoo").glob("*.bin"))
    assert zoo.get("gamma").exists()


def _edit(file: Path, name: str, **fields: object) -> None:
    document = yaml.safe_load(file.read_text())
    document["artifacts"][name].update(fields)
    file.write_text(yaml.safe_dump(document))
    catalogue.entries.cache_clear()
