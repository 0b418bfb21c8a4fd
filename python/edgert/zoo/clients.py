"""Fetches packages by the registries' own clients: pip, npm, apt-get.

They honour all that the user configured: indexes, proxies, certificates, credentials. A package comes whole.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from .entry import Package
from .errors import ZooError
from .progress import Progress

_POLL_SECONDS = 0.2
_OFFLINE = (  # how the clients, each in its way, say that there is no network
    "NewConnectionError",
    "ConnectTimeoutError",
    "NameResolutionError",
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ENETUNREACH",
    "Could not connect",
    "Could not resolve",
    "Temporary failure resolving",
    "Cannot initiate the connection",
)


def available(registry: str) -> bool:
    """Whether this machine has that registry's client."""
    if registry == "pypi":
        return importlib.util.find_spec("pip") is not None
    return shutil.which({"npm": "npm", "debian": "apt-get"}[registry]) is not None


def download(package: Package, folder: Path, progress: Progress) -> Path:
    """Fetches the package into the folder and returns its file. Raises ZooError with the client's words."""
    temporary = folder / "tmp"
    temporary.mkdir()
    progress.start(package.title, package.size)
    try:
        _run(_COMMANDS[package.registry](package, temporary), package, folder, progress)
    finally:
        progress.finish()
        shutil.rmtree(temporary, ignore_errors=True)
    return _found(package, folder)


def _pip(package: Package, temporary: Path) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-cache-dir",
        "--dest",
        ".",
    ]
    command += ["--only-binary=:all:", "--ignore-requires-python", *_wheel_tags(package.file)]
    return [*command, f"{package.name}=={package.version}"]


def _wheel_tags(file: str) -> list[str]:
    """pip's options that choose this very wheel, whatever the machine and Python are that we run on."""
    python, abi, platforms = file.removesuffix(".whl").split("-")[-3:]
    if not python.startswith("cp") and platforms == "any":
        return []
    options = [option for tag in platforms.split(".") for option in ("--platform", tag)]
    if python.startswith("cp"):
        options += ["--python-version", python[2:], "--implementation", "cp"]
    return [*options, "--abi", abi]


def _npm(package: Package, temporary: Path) -> list[str]:
    return ["npm", "pack", "--loglevel=error", "--cache", str(temporary), f"{package.name}@{package.version}"]


def _apt(package: Package, temporary: Path) -> list[str]:
    """The catalogue's version, or this distribution's: whichever brings a file, the file is verified."""
    exact = f"{package.name}={package.version}"
    ask = ["apt-get", "download", "--print-uris", exact]
    known = subprocess.run(ask, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    return ["apt-get", "download", "--quiet", exact if known else package.name]


_COMMANDS: Mapping[str, Callable[[Package, Path], list[str]]] = {"pypi": _pip, "npm": _npm, "debian": _apt}


def _run(command: list[str], package: Package, folder: Path, progress: Progress) -> None:
    environment = dict(os.environ, TMPDIR=str(folder / "tmp"), LC_ALL="C")
    with _watched(folder, package.size, progress):
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if done.returncode:
        raise ZooError(f"zoo: {package.title}", f"{_last_words(done)}", _remedy(package))


def _remedy(package: Package) -> str:
    if package.registry == "debian":
        mirror = "set EDGERT_DEBIAN_MIRROR to the address of a Debian mirror"
        return f"run `apt-get update` and check the network, or {mirror}"
    return "check the network and the registry's settings, or set EDGERT_ZOO_FETCH=http"


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:", "npm err"))]
    errors = [line for line in errors if "complete log" not in line]
    said = (errors or lines or [f"{done.args[0]} exited with {done.returncode}"])[-1]
    offline = any(sign in line for line in lines for sign in _OFFLINE)
    return f"the registry can't be reached ({said})" if offline else said


def _found(package: Package, folder: Path) -> Path:
    suffix = {"pypi": ".whl", "npm": ".tgz", "debian": ".deb"}[package.registry]
    files = list(folder.glob(f"*{suffix}"))
    if len(files) != 1:
        raise ZooError(
            f"zoo: {package.title}", f"its client left no {suffix} file", "set EDGERT_ZOO_FETCH=http"
        )
    return files[0]


class _watched:
    """Reports the growth of a folder, up to the package's size, while a client fills it."""

    def __init__(self, folder: Path, size: int, progress: Progress) -> None:
        self._folder = folder
        self._expected = size
        self._progress = progress
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        self._progress.reach(min(_size(self._folder), self._expected))


def _size(folder: Path) -> int:
    """The bytes of all files under a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for directory, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.stat(os.path.join(directory, file)).st_size
            except OSError:
                continue
    return total
