"""What this box is: the name of its processor, the cores we may use, the engines' versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from edgert.documents.profile import Box, BoxDevice

NAMES = ("model name", "Model", "Hardware")  # in /proc/cpuinfo, of x86 and of ARM boards
DRIVER = Path("/sys/module/nvidia/version")


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's name; where it has none, the board's, or the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return next((said[name] for name in NAMES if said.get(name)), platform.machine() or "unknown")


def this_box() -> Box:
    """The box that this process runs on."""
    return Box(cpu=cpu_name(), cores=usable_cores(), machine=platform.machine() or "unknown")


def engine_versions(backends: Iterable[str]) -> dict[str, str]:
    """The versions of these backends' engines. Raises UnavailableError for one that isn't here."""
    from edgert import _native, engines

    engines.register()
    return {name: _native.engine_version(name) for name in sorted(set(backends))}


def memory_left() -> int:
    """Bytes that new data may take without swapping; a great number where the kernel doesn't say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 1 << 62
    said = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
    return int(said["MemAvailable"][0]) * 1024 if "MemAvailable" in said else 1 << 62


def box_device(name: str, type: str, gpu: int) -> BoxDevice:
    """A device of this box, with what can be told of it."""
    if type != "cuda":
        return BoxDevice(name=name, type=type)
    return BoxDevice(name=name, type=type, what=gpu_name(gpu), driver=driver_version())


def gpu_name(gpu: int) -> str | None:
    """As edgert doctor has it; None: it isn't here."""
    from edgert import _native

    known = {device["name"]: device for device in _native.devices()}
    found = known.get(f"cuda:{gpu}")
    return str(found["detail"]) if found and found["available"] else None


def driver_version() -> str | None:
    """The NVIDIA driver's, where the kernel says."""
    try:
        return DRIVER.read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None
