"""What of a plan doesn't change while it runs: names, bounds, weights, and who wants what."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..planner import Planned

VERSION = 2
DEVICE = "cpu"  # what documents call no other
NOTHING: Mapping[str, Any] = {"nodes": [], "models": [], "sensors": [], "devices": []}


def outline_of(
    plan: Planned,
    queues: Sequence[Mapping[str, Any]] | None = None,
    labels: Mapping[int, str] | None = None,
    lanes: Mapping[str, int] | None = None,
    applications: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The outline that a policy's process gets first, plain data. `queues` are Runtime.queues() of the core,
    `labels` the names of nodes, `lanes` how many each device has, in the core's order, `applications` those
    of the core in its order, with those that are gone. Of a plan that doesn't run, the models' queues, and a
    lane a core."""
    described = plan.spec.describe() if plan.spec is not None else NOTHING
    nodes = {node["id"]: node for node in described["nodes"]}
    models = [(model["name"], model["batch"], model["devices"]) for model in described["models"]]
    rows = [
        _queue(queue, nodes, models, labels or {})
        for queue in (_queues_of_models(described) if queues is None else queues)
    ]
    _make_distinct(rows)
    return {
        "version": VERSION,
        "devices": dict(lanes or _lanes_of(described)),
        "queues": rows,
        "pipelines": [_pipeline(pipeline, rows) for pipeline in _by_index(plan)],
        "applications": [
            {"name": name, "weight": float(plan.applications.get(name, 1.0))}
            for name in (plan.applications if applications is None else applications)
        ],
        "sensors": [sensor["name"] for sensor in described["sensors"]],
    }


def _lanes_of(described: Mapping[str, Any]) -> dict[str, int]:
    streams = {device["name"]: device["streams"] for device in described["devices"]}
    return {DEVICE: os.cpu_count() or 1, **streams}


def _queues_of_models(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    by_model: dict[int, list[int]] = {}
    for node in described["nodes"]:
        if node["op"] == "model":
            by_model.setdefault(node["model"], []).append(node["id"])
    return [{"model": model, "aside": False, "nodes": ids} for model, ids in by_model.items()]


def _by_index(plan: Planned) -> list[Any]:
    return sorted(plan.pipelines.values(), key=lambda pipeline: pipeline.index)


def _queue(
    queue: Mapping[str, Any],
    nodes: Mapping[int, Any],
    models: Sequence[tuple[str, int, Sequence[str]]],
    labels: Mapping[int, str],
) -> dict[str, Any]:
    mine = [nodes[index] for index in queue["nodes"]]
    wanted_by = sorted({pipeline for node in mine for pipeline in node["pipelines"]})
    first = queue["nodes"][0]
    is_model = queue["model"] >= 0
    of_a_step = (labels.get(first, f"node {first}"), 1, [DEVICE])
    name, most_batch, devices = models[queue["model"]] if is_model else of_a_step
    return {
        "name": name,
        "is_model": is_model,
        "applications": sorted({title.partition("/")[0] for title in wanted_by}),
        "pipelines": wanted_by,
        "most_batch": most_batch,
        "devices": list(devices),
    }


def _make_distinct(rows: list[dict[str, Any]]) -> None:
    """Steps of two pipelines may have one name: the second one gets a number."""
    seen: dict[str, int] = {}
    for row in rows:
        name = row["name"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            row["name"] = f"{name} #{seen[name]}"


def _pipeline(pipeline: Any, queues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    latency = pipeline.document.latency
    return {
        "name": pipeline.title,
        "application": pipeline.application,
        "sensor": pipeline.sensor,
        "bound_ms": None if latency is None else float(latency) * 1e3,
        "on_miss": pipeline.document.on_miss,
        "queues": [queue["name"] for queue in queues if pipeline.title in queue["pipelines"]],
    }
