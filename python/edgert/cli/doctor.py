"""`edgert doctor`: what of this machine edgert can use."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

EXTRAS = {
    "av": ("media", "video, cameras, annotated videos"),
    "soundfile": ("media", "sound files"),
    "sounddevice": ("microphone", "microphones"),
    "pillow": ("media", "annotated pictures"),
    "matplotlib": ("report", "plots of reports"),
    "paho-mqtt": ("mqtt", "MQTT topics as sensors, results to topics"),
    "pyserial": ("serial", "sensors at serial ports"),
}
MODULES = {"pillow": "PIL", "paho-mqtt": "paho", "pyserial": "serial"}
CPU_FLAGS = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_vnni",
    "amx_tile",
    "asimd",
    "asimddp",
    "i8mm",
)

Line = tuple[bool, str, str]  # is it well, what, and how it is


@click.command()
def doctor() -> None:
    """Say what of this machine edgert can use, and why not the rest."""
    for title, lines in (
        ("edgert", _self()),
        ("devices", _devices()),
        ("backends", _backends()),
        ("sources in C++", _sources()),
        ("optional packages", _packages()),
        ("zoo", _zoo()),
    ):
        click.secho(title, bold=True)
        for well, what, how in lines:
            mark = click.style("ok     " if well else "missing", fg="green" if well else "yellow")
            click.echo(f"  {mark} {what}: {how}")


def _self() -> Iterator[Line]:
    from .. import _native

    yield True, "edgert", f"{_native.version()}, {Path(__file__).parent.parent}"
    yield True, "Python", f"{platform.python_version()}, {sys.executable}"
    yield True, "system", f"{platform.system()} {platform.release()} {platform.machine()}"
    if flags := _cpu_flags():
        yield True, "processor", ", ".join(flags)


def _devices() -> Iterator[Line]:
    from .. import _native

    for device in _native.devices():
        yield (
            device["available"],
            device["name"],
            device["detail"] if device["available"] else device["reason"],
        )
    yield True, "sim", "devices made of profiles, by Device documents"


def _backends() -> Iterator[Line]:
    from .. import _native, engines

    engines.register()
    for backend in _native.backends():
        name = backend["name"]
        if backend["available"]:
            library = f", {backend['library']}" if backend["library"] else ""
            endings = ", ".join(backend["extensions"])
            yield True, name, f"{backend['version']}{library}" + (f" ({endings})" if endings else "")
        else:
            advice = engines.advice(name)
            said = not advice or advice in backend["reason"]
            yield False, name, backend["reason"] + ("" if said else f"; {advice}")


def _sources() -> Iterator[Line]:
    from .. import _native
    from ..errors import Error

    try:
        _native.Source("gstreamer", {"pipeline": "fakesrc"})
        yield True, "gstreamer", "pipelines as sensors"
    except Error as error:
        yield False, "gstreamer", f"{error.what}; {error.hint}"


def _packages() -> Iterator[Line]:
    for package, (extra, what_for) in EXTRAS.items():
        if importlib.util.find_spec(MODULES.get(package, package)) is None:
            yield False, package, f"{what_for}; pip install 'edgert[{extra}]'"
        elif problem := _broken(package):
            yield False, package, f"{what_for}; {problem}"
        else:
            yield True, package, f"{_version(package)}, {what_for}"


def _broken(package: str) -> str:
    """sounddevice is the one that needs a library of the system."""
    if package != "sounddevice":
        return ""
    try:
        importlib.import_module(package)
    except OSError as error:
        return f"{error}; apt-get install libportaudio2"
    return ""


def _zoo() -> Iterator[Line]:
    import os

    from .. import zoo

    folder = zoo.folder()
    files = [file for file in folder.rglob("*") if file.is_file()] if folder.exists() else []
    size = sum(file.stat().st_size for file in files) / 1e6
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    writable = os.access(nearest, os.W_OK)
    how = (
        f"{len(files)} files, {size:.0f} MB"
        if writable
        else "can't be written; set EDGERT_CACHE to another folder"
    )
    yield writable, str(folder), how


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "installed"


def _cpu_flags() -> list[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    words = set(text.split())
    return [flag for flag in CPU_FLAGS if flag in words]
