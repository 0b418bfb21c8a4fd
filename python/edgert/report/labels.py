"""What a node is called in a report: the model that it feeds or reads, and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]
MODEL = "model"
BEFORE = ("image.", "audio.", "table.", "regions.")  # operations that prepare what a model takes


def labels(nodes: Sequence[Node]) -> dict[int, str]:
    """By node id: "model", "image.to_tensor → model", or "model → answer.boxes"; numbered where two are
    alike.
    `nodes` are those of PlanSpec.describe()."""
    by_id = {int(node["id"]): node for node in nodes}
    feeds: dict[int, list[int]] = {number: [] for number in by_id}
    for node in nodes:
        for source, _ in node["inputs"]:
            feeds[int(source)].append(int(node["id"]))
    found: dict[int, str] = {}
    for number, node in by_id.items():
        name = _label(node, by_id, feeds)
        found[number] = f"{name} ({number})" if name in found.values() else name
    return found


def _label(node: Node, by_id: Mapping[int, Node], feeds: Mapping[int, list[int]]) -> str:
    op, number = str(node["op"]), int(node["id"])
    if op == MODEL:
        return str(node["name"])
    if op.startswith(BEFORE):
        names = _reached(number, by_id, lambda at: feeds[at])
        return f"{op} → {', '.join(names)}" if names else op
    names = _reached(number, by_id, lambda at: [int(source) for source, _ in by_id[at]["inputs"]])
    return f"{', '.join(names)} → {op}" if names else op


def _reached(start: int, by_id: Mapping[int, Node], step: Any) -> list[str]:
    """The first models in one direction, by name; at most three."""
    seen, waiting, names = {start}, list(step(start)), []
    while waiting:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        if by_id[at]["op"] == MODEL:
            names.append(str(by_id[at]["name"]))
        else:
            waiting += step(at)
    return names if len(names) <= 3 else [*names[:2], "…"]
