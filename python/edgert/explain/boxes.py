"""A plan as boxes for a drawing: what always runs together is one box, and control nodes are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .saved import costs_of
from .telling import time_said
from .ways import Explanation
from .wishes import EVERY

HIDDEN = {"each", "region", "gate", "gather", "keep", "recall", "tensor.reshape"}
"""Control nodes and views: drawn as a line from what is before them to what is behind."""
SENSOR, TRANSFORM, MODEL, PIPELINE = "sensor", "transform", "model", "pipeline"
VIA = "via"
"""No box, but the place where a line passes a column."""


@dataclass
class Box:
    """A box: lines of text, who wants it, and where it stands (set by the layout)."""

    kind: str
    lines: list[str]
    applications: list[str]
    pipelines: list[str]
    before: list[Box] = field(default_factory=list, repr=False)
    after: list[Box] = field(default_factory=list, repr=False)
    waits: list[Box] = field(default_factory=list, repr=False)
    """What opens and closes it: a dashed line."""
    sensor: str = ""
    column: int = 0
    y: float = 0.0

    @property
    def height(self) -> float:
        """In lines of text, with room around."""
        return 0.3 if self.kind == VIA else len(self.lines) + 1.1

    @property
    def shared(self) -> int:
        """How many pipelines want it, where that is more than one."""
        return len(self.pipelines) if self.kind in (TRANSFORM, MODEL) and len(self.pipelines) > 1 else 0


def boxes(explanation: Explanation) -> list[Box]:
    """All boxes with their lines between them, sensors first and pipelines last."""
    made = _Maker(explanation)
    return made.boxes()


class _Maker:
    def __init__(self, explanation: Explanation) -> None:
        self.nodes = explanation.nodes
        self.params = {
            step.node: step.told for run in explanation.runs for way in run.ways for step in way.steps
        }
        self.costs = dict(costs_of(explanation))
        self.wishes = {wish.pipeline: wish for wish in explanation.wishes}
        self.models = {run.node: run.model.removeprefix("zoo:") for run in explanation.runs}
        self.models.update((part.node, part.title) for run in explanation.runs for part in run.pieces)
        self.pipelines = explanation.planned.pipelines
        self.ends = explanation.planned.spec.describe()["pipelines"] if self.nodes else []
        self.of: dict[int, Box] = {}
        self.all: list[Box] = []

    def boxes(self) -> list[Box]:
        for node in self.nodes:
            if node["op"] not in HIDDEN and node["pipelines"]:
                self._place(node)
        for end in self.ends:
            self._end(end)
        return self.all

    def _inputs(self, index: int) -> list[int]:
        """The shown nodes that feed a node, through hidden ones; those that say most, where several do.

        An answer reads its model; the frame and the region only place it. A frame is shown where nothing else
        feeds.
        """
        found: list[int] = []
        inputs = self.nodes[index]["inputs"]
        for other, _ in inputs[:1] if self.nodes[index]["op"] in ("gather", "keep") else inputs:
            for node in self._inputs(other) if self.nodes[other]["op"] in HIDDEN else [other]:
                if node not in found:
                    found.append(node)
        if self.nodes[index]["op"].startswith("answer."):
            found = [node for node in found if self.nodes[node]["op"] == MODEL] or found
        return [node for node in found if self.nodes[node]["op"] != "source"] or found

    def _boxes_of(self, index: int) -> list[Box]:
        shown = self._inputs(index) if self.nodes[index]["op"] in HIDDEN else [index]
        return [self.of[node] for node in shown]

    def _place(self, node: dict[str, Any]) -> None:
        before = list({id(self.of[other]): self.of[other] for other in self._inputs(node["id"])}.values())
        line, kind = self._said(node)
        joined = before[0] if len(before) == 1 and self._together(before[0], node, kind) else None
        if joined is not None:
            joined.lines.append(line)
            joined.kind = MODEL if MODEL in (kind, joined.kind) else kind
            self.of[node["id"]] = joined
            return
        box = Box(kind, [line], node["applications"], node["pipelines"], before)
        # Of a join, that of the frame that asks.
        first = self.of[node["inputs"][0][0]] if node["op"] == "join" else None
        box.sensor = box.lines[0] if kind == SENSOR else (first or before[0]).sensor
        self._add(box)
        self.of[node["id"]] = box

    def _together(self, box: Box, node: dict[str, Any], kind: str) -> bool:
        """Whether a node goes into the box before it: the same want it, and nothing else follows that box.

        A transform before a model stays apart from it: others may come to share it.
        """
        if (
            box.kind == SENSOR
            or kind == MODEL
            or node["op"] == "join"
            or box.pipelines != node["pipelines"]
            or box.after
        ):
            return False
        starts_again = node["op"].startswith(("image.", "audio.", "table.", "regions."))
        return not (box.kind == MODEL and starts_again) and self._followers(box) == {node["id"]}

    def _followers(self, box: Box) -> set[int]:
        own = {index for index, other in self.of.items() if other is box}
        shown = (node["id"] for node in self.nodes if node["op"] not in HIDDEN and node["pipelines"])
        return {index for index in shown if index not in own and own & set(self._inputs(index))}

    def _said(self, node: dict[str, Any]) -> tuple[str, str]:
        if node["op"] == "source":
            return node["name"], SENSOR
        took = self.costs.get(node["id"])
        cost = f"  {time_said(took)}" if took is not None else ""
        if node["op"] == "model":
            private = "  (private)" if node.get("private_to") else ""
            return self.models.get(node["id"], node["name"]) + cost + private, MODEL
        if node["op"] == "join":
            return f"join {node['name']}", TRANSFORM
        about = self.params.get(node["id"], "")
        short = " ".join(about.split()[:2]) if node["op"].startswith("image.") else ""
        return f"{node['op']} {short}".strip() + cost, TRANSFORM

    def _end(self, end: dict[str, Any]) -> None:
        title = f"{end['application']}/{end['name']}"
        before: list[Box] = []
        for output in end["outputs"]:
            before += [box for box in self._boxes_of(output["node"]) if box not in before]
            if output["gate"] >= 0:
                self._wait(self._boxes_of(output["node"])[0], output["gate"])
        when = [said for said in self.wishes[title].when if said != EVERY]
        box = Box(PIPELINE, [title, *when], [end["application"]], [title], before, sensor=end["sensor"])
        self._add(box)

    def _wait(self, box: Box, gate: int) -> None:
        found = [other for other in self._boxes_of(gate) if other is not box and other not in box.waits]
        box.waits += [other for other in found if other.kind != SENSOR]

    def _add(self, box: Box) -> None:
        self.all.append(box)
        for other in box.before:
            other.after.append(box)
