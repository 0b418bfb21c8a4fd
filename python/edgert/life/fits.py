"""Whether another source's frames are what a plan was made for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidError, make

SAME = {"image": (), "audio": ("rate", "channels", "dtype"), "table": ("columns", "rate")}
AT_MOST = {"image": "", "audio": "max_chunk", "table": "max_rows"}
HINT = "give a source of that format; another format needs another plan: change the documents, start anew"


def check_fits(sensor: str, planned: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raises InvalidError that says what differs. Pictures may have any size and pixel format: each frame
    says its own."""
    kind = planned["kind"]
    if other["kind"] != kind:
        raise _misfit(sensor, f"gives frames of kind {other['kind']}", f"kind {kind}")
    for key in SAME[kind]:
        if key in other and other[key] != planned.get(key, other[key]):
            raise _misfit(sensor, f"has {key} {_said(other[key])}", f"{key} {_said(planned[key])}")
    most = AT_MOST[kind]
    if most and 0 < planned.get(most, 0) < other.get(most, 0):
        raise _misfit(sensor, f"has {most} {other[most]}", f"at most {planned[most]}")


def _misfit(sensor: str, got: str, wanted: str) -> InvalidError:
    what = f"the new source {got}, and the plan was made for {wanted}"
    return make(InvalidError, f"sensor {sensor}", what, HINT)


def _said(value: Any) -> str:
    return (
        ", ".join(value)
        if isinstance(value, list)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
