"""A registry on this machine that serves made-up packages, and a catalogue that names them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from edgert.zoo import catalogue

CONTENT = {
    "alpha": b"alpha " * 5000,
    "beta": bytes(range(256)) * 300,
    "gamma": b"head" + b"gamma" * 900,
    "delta": b"delta" * 700,
}
WHEEL = "animals-1.0-py3-none-any.whl"
TARBALL = "zoo-birds-2.0.0.tgz"
DEB = "fishes_3-1_all.deb"


@dataclass
class Registry:
    """What the server serves and how. Each of the next `cuts` answers breaks off after `cut` bytes."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    cut: int = 0
    cuts: int = 0
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def downloads(self, name: str) -> list[str | None]:
        """The Range headers of the requests for that file."""
        return [header for path, header in self.requests if path.endswith(name)]


def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, header = self.path, self.headers.get("Range")
            registry.requests.append((path, header))
            content = registry.files.get(path)
            if content is None:
                return self.send_error(404)
            self._answer(path, content, header if registry.ranges else None)

        def _answer(self, path: str, content: bytes, header: str | None) -> None:
            begin, end = 0, len(content)
            if header:
                first, _, last = header.removeprefix("bytes=").partition("-")
                begin, end = int(first), min(int(last) + 1 if last else end, end)
            self.send_response(206 if header else 200)
            self.send_header("Content-Type", registry.types.get(path, "application/octet-stream"))
            self.send_header("Content-Length", str(end - begin))
            if header:
                self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(content)}")
            self.end_headers()
            if registry.cuts and path in (f"/files/{WHEEL}", f"/files/{TARBALL}"):
                registry.cuts -= 1
                end = min(end, begin + registry.cut)
            self.wfile.write(content[begin:end])

        def log_message(self, *_: object) -> None: ...

    return Handler


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A running registry that serves one wheel, one npm tarball and one Debian package."""
    registry = Registry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(registry))
    registry.address = f"http://127.0.0.1:{server.server_port}"
    _fill(registry)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield registry
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("EDGERT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def animals(
    registry: Registry, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The file of a catalogue of the made-up packages, which are fetched over HTTP from the registry."""
    file = tmp_path / "catalogue.yaml"
    file.write_text(yaml.safe_dump(_catalogue()))
    monkeypatch.setattr(catalogue, "FILE", file)
    monkeypatch.setenv("EDGERT_ZOO_FETCH", "http")
    monkeypatch.setenv("PIP_INDEX_URL", f"{registry.address}/simple")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"{registry.address}/npm/")
    monkeypatch.setenv("EDGERT_DEBIAN_MIRROR", f"{registry.address}/debian")
    catalogue.entries.cache_clear()
    yield file
    catalogue.entries.cache_clear()


def _catalogue() -> dict[str, object]:
    def artifact(name: str, package: str, inner: str, **more: Any) -> dict[str, object]:
        content = CONTENT[name]
        begin, end = more.get("span", (0, len(content)))
        sha = hashlib.sha256(content[begin:end]).hexdigest()
        fields = {"kind": "data", "task": "test", "about": name, "licence": "MIT", "file": f"{name}.bin"}
        return {**fields, "package": package, "inner": inner, "size": end - begin, "sha256": sha, **more}

    return {
        "packages": {
            "animals": {"registry": "pypi", "name": "Animals", "version": "1.0", "file": WHEEL, "size": 1000},
            "birds": {
                "registry": "npm",
                "name": "@zoo/birds",
                "version": "2.0.0",
                "file": TARBALL,
                "size": 1000,
            },
            "fishes": {
                "registry": "debian",
                "name": "fishes",
                "version": "3-1",
                "file": DEB,
                "size": 1000,
                "pool": "pool/main/f/fishes/",
            },
        },
        "artifacts": {
            "alpha": artifact("alpha", "animals", "animals/alpha.bin"),
            "beta": artifact("beta", "animals", "animals/beta.bin"),
            "gamma": artifact("gamma", "birds", "package/gamma.bin", span=[4, 904]),
            "delta": artifact("delta", "fishes", "usr/share/delta.bin"),
        },
    }


def _fill(registry: Registry) -> None:
    page = {"files": [{"filename": WHEEL, "url": f"../../files/{WHEEL}"}]}
    registry.files["/simple/animals/"] = json.dumps(page).encode()
    registry.types["/simple/animals/"] = "application/vnd.pypi.simple.v1+json"
    registry.files[f"/files/{WHEEL}"] = _wheel()
    version = {"dist": {"tarball": f"{registry.address}/files/{TARBALL}"}}
    registry.files["/npm/@zoo%2Fbirds/2.0.0"] = json.dumps(version).encode()
    registry.files[f"/files/{TARBALL}"] = _tar("gz", "package/gamma.bin", CONTENT["gamma"])
    registry.files[f"/debian/pool/main/f/fishes/{DEB}"] = _deb()


def _wheel() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("animals/alpha.bin", CONTENT["alpha"])
        archive.writestr("animals/filler.bin", bytes(4_000_000))
        archive.writestr("animals/beta.bin", CONTENT["beta"])
        archive.writestr(
            "animals-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: animals\nVersion: 1.0\n"
        )
        archive.writestr("animals-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return out.getvalue()


def _tar(compression: Literal["gz", "xz"], name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    mode: Literal["w:gz", "w:xz"] = "w:gz" if compression == "gz" else "w:xz"
    with tarfile.open(fileobj=out, mode=mode) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _deb() -> bytes:
    def part(name: str, content: bytes) -> bytes:
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        return header + content + b"\n" * (len(content) % 2)

    data = _tar("xz", "./usr/share/delta.bin", CONTENT["delta"])
    return (
        b"!<arch>\n"
        + part("debian-binary", b"2.0\n")
        + part("control.tar.xz", b"odd")
        + part("data.tar.xz", data)
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "network: needs the public package registries")
