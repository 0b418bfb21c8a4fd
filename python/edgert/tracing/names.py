"""What the numbers of a trace's records are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..report.labels import labels
from .record import FIRST_ASIDE, FIRST_STREAM, NO_LANE, STREAMS_EACH

OFF_LANES = 999_999  # the track of what happened on no lane


class Node(NamedTuple):
    label: str
    about: dict[str, Any]  # the same in each of its slices: step, operation or model
    owners: list[int]  # pipelines, by their bits in wanted_by
    sensor: int  # whose frames it runs on; -1: nobody wants it


class Names:
    """Of one plan. `described` is PlanSpec.describe(), `owners` what the core gives with the records."""

    def __init__(self, described: Mapping[str, Any], owners: Mapping[int, Sequence[int]]) -> None:
        nodes = described["nodes"]
        models = [model["name"] for model in described["models"]]
        named = [
            {**node, "model": models[node["model"]]} if node["op"] == "model" else node for node in nodes
        ]
        label = labels(named)
        self.sensors = [str(sensor["name"]) for sensor in described["sensors"]]
        self.devices = [str(device["name"]) for device in described["devices"]]
        self.pipelines = [(str(one["application"]), str(one["name"])) for one in described["pipelines"]]
        self.sensor_of = [self.sensors.index(one["sensor"]) for one in described["pipelines"]]
        self.nodes = {node["id"]: self._node(node, label[node["id"]], owners) for node in named}

    def _node(self, node: Mapping[str, Any], label: str, owners: Mapping[int, Sequence[int]]) -> Node:
        kind = "model" if node["op"] == "model" else "operation"
        about = {"step": node["name"], kind: node["model"] if kind == "model" else node["op"]}
        pipelines = list(owners.get(node["id"], ()))
        return Node(label, about, pipelines, self.sensor_of[pipelines[0]] if pipelines else -1)

    def wanted(self, node: int, mask: int) -> tuple[list[str], list[str]]:
        """The applications and the pipelines ("application/pipeline") that an execution was done for."""
        owners = [self.pipelines[one] for bit, one in enumerate(self.nodes[node].owners) if mask >> bit & 1]
        return sorted({application for application, _ in owners}), ["/".join(one) for one in owners]

    def lane(self, lane: int) -> str:
        """As a track is called: a lane, one for nodes in Python, or a device's stream."""
        if lane == NO_LANE:
            return "off the lanes"
        if lane >= FIRST_STREAM:
            device, stream = divmod(lane - FIRST_STREAM, STREAMS_EACH)
            return f"{self.devices[device]} {stream}"
        return f"aside {lane - FIRST_ASIDE}" if lane >= FIRST_ASIDE else f"lane {lane}"


def lane_track(lane: int) -> int:
    """A track's number; 0 means something else to readers of traces."""
    return OFF_LANES if lane == NO_LANE else lane + 1
