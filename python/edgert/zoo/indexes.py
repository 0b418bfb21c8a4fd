"""Finds a package's address in its registry, as the user configured it."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from . import web
from .entry import Package
from .errors import ZooError

_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_NPM_DEFAULT = "https://registry.npmjs.org/"  # what npm's documentation gives as the default of `registry`


def locate(package: Package) -> str:
    """The address of the package's file. Raises ZooError when no registry is set, or it lacks the package."""
    return {"pypi": _wheel, "npm": _tarball, "debian": _deb}[package.registry](package)


def pip_index() -> str:
    """PIP_INDEX_URL, else index-url of pip's configuration files, the last one that has it."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url
    found = ""
    for file in _pip_files():
        parser = configparser.RawConfigParser()
        parser.read(file, encoding="utf-8")
        for section in ("global", "download"):
            found = parser.get(section, "index-url", fallback=found)
    if not found:
        raise ZooError(
            "pip", "isn't installed, or no index is set", "install pip, or set PIP_INDEX_URL to an index"
        )
    return found


def npm_registry() -> str:
    """NPM_CONFIG_REGISTRY in either case, `registry` of ~/.npmrc, what npm says, or npm's default."""
    for variable in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if url := os.environ.get(variable):
            return url
    settings = Path.home() / ".npmrc"
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    if match := re.search(r"^\s*registry\s*=\s*(\S+)", text, re.MULTILINE):
        return match[1]
    if shutil.which("npm"):
        return _output(["npm", "config", "get", "registry"])
    return _NPM_DEFAULT


def _wheel(package: Package) -> str:
    page = f"{pip_index().rstrip('/')}/{re.sub(r'[-_.]+', '-', package.name).lower()}/"
    with web.request(page, {"Accept": f"{_SIMPLE_JSON}, text/html;q=0.1"}) as response:
        text = response.read().decode()
        kind = response.headers.get("Content-Type", "")
    links = _json_links(text) if "json" in kind else _html_links(text)
    for link in links:
        if unquote(urlsplit(link).path).endswith("/" + package.file) or link == package.file:
            return urljoin(page, link)
    raise ZooError(page, f"has no {package.file}", "check that the index you use is complete")


def _tarball(package: Package) -> str:
    page = f"{npm_registry().rstrip('/')}/{quote(package.name, safe='@')}/{package.version}"
    with web.request(page, {"Accept": "application/json"}) as response:
        return str(json.load(response)["dist"]["tarball"])


def _deb(package: Package) -> str:
    if mirror := os.environ.get("EDGERT_DEBIAN_MIRROR"):
        return f"{mirror.rstrip('/')}/{quote(package.pool.strip('/'))}/{quote(package.file)}"
    if shutil.which("apt-get"):
        printed = _output(["apt-get", "download", "--print-uris", f"{package.name}={package.version}"])
        if match := re.search(r"'([^']+)'", printed):
            return match[1]
    raise ZooError(
        f"zoo: {package.title}",
        "apt-get isn't here or doesn't know it",
        "run `apt-get update`, or set EDGERT_DEBIAN_MIRROR to the address of a Debian mirror",
    )


def _json_links(text: str) -> Iterator[str]:
    yield from (file["url"] for file in json.loads(text)["files"])


def _html_links(text: str) -> list[str]:
    parser = _Links()
    parser.feed(text)
    return parser.found


class _Links(HTMLParser):
    """Collects the targets of all links, without their fragments."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.append(target.partition("#")[0])


def _pip_files() -> list[Path]:
    """pip's configuration files, in its order: the machine's, the user's, the environment's, the named."""
    home, settings = Path.home(), Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", settings / "pip" / "pip.conf"]
    files.append(Path(sys.prefix) / "pip.conf")
    named = os.environ.get("PIP_CONFIG_FILE")
    return [*files, Path(named)] if named else files


def _output(command: list[str]) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
