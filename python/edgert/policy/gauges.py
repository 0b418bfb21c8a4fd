"""Temperatures and powers, as Linux tells them below /sys. Read in the policy's own process, now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

SYS = Path("/sys/class")
EVERY = 1.0  # s: some sensors sit behind a slow bus


class Gauges:
    """The box's temperatures in °C and powers in W, at most a second old."""

    def __init__(self, root: Path = SYS) -> None:
        self._root = root
        self._next = 0.0
        self._energy: dict[str, tuple[float, float]] = {}  # µJ, and when
        self.temperatures: dict[str, float] = {}
        self.powers: dict[str, float] = {}

    def look(self) -> None:
        """Reads what is due."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        self.temperatures = dict(self._temperatures())
        self.powers = {**dict(self._hwmon_powers()), **dict(self._rapl_powers())}

    def _temperatures(self) -> Iterator[tuple[str, float]]:
        """Documentation/driver-api/thermal/sysfs-api: millidegrees."""
        for zone in sorted(self._root.glob("thermal/thermal_zone*")):
            value = _number(zone / "temp")
            if value is not None:
                yield _text(zone / "type") or zone.name, value / 1e3

    def _hwmon_powers(self) -> Iterator[tuple[str, float]]:
        """Documentation/hwmon/sysfs-interface: powerN in µW; of sensors without it (the INA3221 of Jetson
        boards) voltage times current, in mV and mA."""
        for chip in sorted(self._root.glob("hwmon/hwmon*")):
            name = _text(chip / "name") or chip.name
            for file in sorted(chip.glob("power*_input")):
                value = _number(file)
                if value is not None:
                    yield f"{name} {file.stem.removesuffix('_input')}", value / 1e6
            for file in sorted(chip.glob("curr*_input")):
                index = file.stem.removesuffix("_input").removeprefix("curr")
                current, voltage = _number(file), _number(chip / f"in{index}_input")
                if current is not None and voltage is not None:
                    label = _text(chip / f"in{index}_label") or f"{name} rail {index}"
                    yield label, current * voltage / 1e6

    def _rapl_powers(self) -> Iterator[tuple[str, float]]:
        """Documentation/power/powercap: energy in µJ, which begins anew at its end."""
        for zone in sorted(self._root.glob("powercap/intel-rapl:?")):
            energy, now = _number(zone / "energy_uj"), time.monotonic()
            if energy is None:
                continue
            before = self._energy.get(zone.name)
            self._energy[zone.name] = (energy, now)
            if before and energy >= before[0] and now > before[1]:
                yield _text(zone / "name") or zone.name, (energy - before[0]) / (now - before[1]) / 1e6


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # not there, or not for us: then the box doesn't tell


def _number(file: Path) -> float | None:
    try:
        return float(_text(file))
    except ValueError:
        return None
