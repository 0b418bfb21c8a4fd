"""Profile documents as YAML: a line a point."""

from __future__ import annotations

from math import floor, log10
from pathlib import Path
from typing import Any

import yaml

from edgert.documents import Profile
from edgert.documents.base import Part
from edgert.documents.chosen import Choice, DeviceChoice
from edgert.documents.profile import (
    Among,
    BoxDevice,
    FoundRows,
    PieceTimes,
    Point,
    Spells,
    Spread,
    Together,
    TransformProfile,
)
from edgert.documents.units import Duration
from edgert.writing import writing

ON_ONE_LINE = (
    Point, Together, Choice, PieceTimes, Among, TransformProfile, Spread, Spells, FoundRows,
    BoxDevice, DeviceChoice,
)  # fmt: skip
FIRST = ("kind", "name", "box", "date", "edgert", "engines", "chosen")
LEADING = (
    "beside",
    "op",
    "key",
    "lanes",
    "instances",
    "threads",
    "batch",
    "in_flight",
    "p50",
    "p90",
    "p99",
    "mean",
    "spread",
    "throughput",
)


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes what documents are made of."""


_Dumper.add_representer(
    _Line,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True),
)


def to_yaml(profile: Profile) -> str:
    """The document's text."""
    plain = _plain(profile)
    ordered = {key: plain[key] for key in (*FIRST, *plain) if key in plain}
    text: str = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return text


def write(profile: Profile, file: Path) -> None:
    """Writes the document. Raises OSError."""
    with writing(file):
        file.write_text(to_yaml(profile), encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        data = {name: _plain(getattr(value, name)) for name in _names(value)}
        kept = {key: item for key, item in data.items() if item not in (None, [], {})}
        return _Line(kept) if isinstance(value, ON_ONE_LINE) else kept
    if isinstance(value, Duration):
        return duration_text(float(value))
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def duration_text(seconds: float) -> str:
    """Four digits, in milliseconds or microseconds: "1.402ms", "0.05us"."""
    unit, count = ("ms", seconds * 1e3) if seconds >= 1e-3 else ("us", seconds * 1e6)
    decimals = max(3 - floor(log10(count)), 0) if count else 0
    text = f"{count:.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + unit


def _names(part: Part) -> list[str]:
    names = list(type(part).model_fields)
    return [name for name in (*LEADING, *names) if name in names] if isinstance(part, ON_ONE_LINE) else names
