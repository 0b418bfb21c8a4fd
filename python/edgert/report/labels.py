"""What a node is called in a report: the model that it feeds or reads, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]
MODEL = "model"
BEFORE = ("image.", "audio.", "table.", "regions.")  # operations that prepare what a model takes


def labels(nodes: Sequence[Node]) -> dict[int, str]:
    """By node id: "model", "image.to_tensor → model", or "model → answer.boxes". Where several are alike,
    each says what tells it from the others: its sensor, else its pipelines, else its step, else its number.
    `nodes` are those of PlanSpec.describe()."""
    by_id = {int(node["id"]): node for node in nodes}
    feeds: dict[int, list[int]] = {number: [] for number in by_id}
    for node in nodes:
        for source, _ in node["inputs"]:
            feeds[int(source)].append(int(node["id"]))
    found = {number: _label(node, by_id, feeds) for number, node in by_id.items()}
    for differs in (
        lambda number: f"on {_sensor(number, by_id)}",
        lambda number: f"for {', '.join(by_id[number].get('pipelines', ()))}",
        lambda number: str(by_id[number]["name"]),
        lambda number: f"node {number}",
    ):
        found = _told_apart(found, differs)
    return found


def _told_apart(names: Mapping[int, str], differs: Callable[[int], str]) -> dict[int, str]:
    """The names, those that several nodes have with what `differs` says of each, where that differs."""
    alike: dict[str, list[int]] = {}
    for number, name in names.items():
        alike.setdefault(name, []).append(number)
    said = {number: differs(number) for same in alike.values() if len(same) > 1 for number in same}
    return {
        number: f"{name} {said[number]}"
        if len({said[one] for one in alike[name] if one in said}) > 1
        else name
        for number, name in names.items()
    }


def _sensor(number: int, by_id: Mapping[int, Node]) -> str:
    """The sensor that a node's frames come from; its number when it can't be told."""
    waiting = [number]
    while waiting:
        node = by_id[waiting.pop()]
        if node["op"] == "source" and node["name"]:
            return str(node["name"])
        waiting += [int(source) for source, _ in node["inputs"]]
    return str(number)


def _label(node: Node, by_id: Mapping[int, Node], feeds: Mapping[int, list[int]]) -> str:
    op, number = str(node["op"]), int(node["id"])
    if op == MODEL:
        return _model(node)
    ahead = _reached(number, by_id, lambda at: feeds[at])
    behind = _reached(number, by_id, lambda at: [int(source) for source, _ in by_id[at]["inputs"]])
    if ahead and (op.startswith(BEFORE) or not behind):
        return f"{op} → {', '.join(ahead)}"
    return f"{', '.join(behind)} → {op}" if behind else op


def _model(node: Node) -> str:
    return str(node.get("model") or node["name"])


def _reached(start: int, by_id: Mapping[int, Node], step: Any) -> list[str]:
    """The first models in one direction, by name; at most three."""
    seen, waiting, names = {start}, list(step(start)), []
    while waiting:
        at = waiting.pop(0)
        if at in seen:
            continue
        seen.add(at)
        if by_id[at]["op"] == MODEL:
            names.append(_model(by_id[at]))
        else:
            waiting += step(at)
    return names if len(names) <= 3 else [*names[:2], "…"]
