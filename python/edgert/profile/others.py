"""How much of the box others use while something is measured."""

from __future__ import annotations

import os
import time
from pathlib import Path

STAT = Path("/proc/stat")
IDLE = (3, 4)  # columns of /proc/stat's first line, after its name: idle and iowait (proc(5))
DISTURBED = 0.15
"""Of a core: what others use beyond this is noticed in a measurement."""


class Others:
    """From its making to cores(): the processor time that other processes got."""

    def __init__(self) -> None:
        self._busy, self._own, self._began = _busy(), time.process_time(), time.perf_counter()

    def cores(self) -> float:
        """Cores that other processes used, in the mean; 0 where the kernel doesn't say."""
        passed = time.perf_counter() - self._began
        if self._busy is None or passed <= 0:
            return 0.0
        busy = (_busy() or self._busy) - self._busy
        return max((busy - (time.process_time() - self._own)) / passed, 0.0)


def _busy() -> float | None:
    """Seconds that all cores together have worked since the start."""
    try:
        fields = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
        ticks = sum(int(value) for index, value in enumerate(fields) if index not in IDLE)
        return ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return None
