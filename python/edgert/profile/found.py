"""How many regions steps find in a frame: counted in a trace of the documents' own plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from edgert.documents.profile import FoundRows

RAN = 0  # a kind of record (metrics/trace.h)
WINDOWS = ("table.window", "audio.window")


def found_rows(
    nodes: Sequence[Mapping[str, Any]], records: Any, sensors: Mapping[int, str], scenes: Mapping[str, str]
) -> list[FoundRows]:
    """Of each step of which something runs for each row. `sensors`: by scope; `scenes`: what stood for a
    sensor's frames, where that wasn't noise. Windows come as their hop says, and aren't counted."""
    by_id = {node["id"]: node for node in nodes}
    found = {}
    for each in (node for node in nodes if node["op"] == "each"):
        step = by_id[each["inputs"][0][0]]
        sensor = sensors.get(step["scope"], "")  # what is within another region has no frames of its own
        if step["op"] in WINDOWS or sensor not in scenes or not step["pipelines"]:
            continue
        counts = _counts(step["id"], [one["id"] for one in nodes if one["scope"] == each["inner"]], records)
        if counts:
            title = f"{step['pipelines'][0]}/{step['name']}"
            found[title] = FoundRows(
                step=title,
                frames=len(counts),
                mean=float(np.mean(counts)),
                most=max(counts),
                scene=scenes[sensor],
            )
    return list(found.values())


def _counts(step: int, inner: Sequence[int], records: Any) -> list[int]:
    """By frame in which the step ran."""
    ran = records[(records["where"] == step) & (records["kind"] == RAN) & (records["end_code"] == 0)]
    rows: dict[int, set[int]] = defaultdict(set)
    for frame, row in _rows(records[np.isin(records["where"], inner)]):
        rows[frame].add(row)
    return [len(rows[int(frame)]) for frame in np.unique(ran["frame"])]


def _rows(records: Any) -> Iterator[tuple[int, int]]:
    for frame, row in zip(records["frame"].tolist(), records["row"].tolist(), strict=True):
        if row >= 0:
            yield frame, row
