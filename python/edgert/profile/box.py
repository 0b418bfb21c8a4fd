"""What this box is: the name of its processor, the cores we may use, the engines' versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from edgert.documents.profile import Box

NAMES = ("model name", "Model", "Hardware")  # in /proc/cpuinfo, of x86 and of ARM boards


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
