"""Conditions and regions by the names of their steps, and the windows of streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgert.documents import Profile
from edgert.documents.errors import did_you_mean
from edgert.errors import InvalidError, make
from edgert.explain import Explanation
from edgert.planner import Planned
from edgert.titles import called, whose

Nodes = Sequence[Mapping[str, Any]]
WINDOWS = ("table.window", "audio.window")


def gates(nodes: Nodes, given: Mapping[str, float]) -> dict[int, float]:
    """The share in which each condition is open, by node. Raises InvalidError for a name that is no
    condition's, or a share that is none."""
    known = [node for node in nodes if node["op"] == "gate"]
    for name, share in given.items():
        if not 0 <= share <= 1:
            raise make(InvalidError, f"--open {name}", f"{share:g} is no share", "give 0 to 1")
    return _by_node(known, given, "--open", "condition")


def rows(nodes: Nodes, given: Mapping[str, float]) -> dict[int, float]:
    """Regions a frame, by node. Raises InvalidError for a name of which no step does something for each."""
    by_id = {node["id"]: node for node in nodes}
    many = {by_id[node["inputs"][0][0]]["id"] for node in nodes if node["op"] == "each"}
    known = [node for node in nodes if node["id"] in many]
    for name, count in given.items():
        if not 0 <= count <= 1e6:
            raise make(InvalidError, f"--rows {name}", f"{count:g} can't be", "give 0 or more, a frame")
    return _by_node(known, given, "--rows", "step of which something runs for each row")


def found_rows(
    nodes: Nodes, said: Mapping[int, float], profiles: Sequence[Profile]
) -> tuple[dict[int, float], list[str]]:
    """Regions a frame that Profiles' documents found, by node, but for what was said; and that in
    words. The newest of `profiles` comes first."""
    by_id = {node["id"]: node for node in nodes}
    many = {node["inputs"][0][0] for node in nodes if node["op"] == "each"}
    found: dict[int, float] = {}
    notes = []
    for one in (row for profile in profiles for row in profile.rows):
        new = [node for node in many - said.keys() - found.keys() if _has_title(by_id[node], one.step)]
        found.update(dict.fromkeys(new, one.mean))
        if new:
            scene = f" in {one.scene}" if one.scene else ""
            what = f"{one.mean:.3g} rows a frame of {one.step}, as the profile found{scene}"
            notes.append(f"{what} (at most {one.most}); another number: --rows")
    return found, notes


def _has_title(node: Mapping[str, Any], title: str) -> bool:
    """APPLICATION/PIPELINE/STEP."""
    pipeline, _, step = title.rpartition("/")
    return step == node["name"] and pipeline in node["pipelines"]


def _by_node(known: Nodes, given: Mapping[str, float], option: str, kind: str) -> dict[int, float]:
    """By names: STEP (all of that name), PIPELINE/STEP where one application has it, or
    APPLICATION/PIPELINE/STEP."""
    found: dict[int, float] = {}
    for name, value in given.items():
        pipeline, _, step = name.rpartition("/")
        of = [node for node in known if node["name"] == step]
        titles = called(pipeline, dict.fromkeys(title for node in of for title in node["pipelines"]))
        if pipeline and len(titles) > 1:
            hint = whose(f"{title}/{step}" for title in titles)
            raise make(InvalidError, f"{option} {name}", "several applications have such a pipeline", hint)
        nodes = [node["id"] for node in of if not pipeline or set(titles) & set(node["pipelines"])]
        if not nodes:
            names = sorted({str(node["name"]) for node in known})
            hint = did_you_mean(name, names) or f"the documents have no {kind}"
            raise make(InvalidError, f"{option} {name}", f"there is no such {kind}", hint)
        found.update(dict.fromkeys(nodes, value))
    return found


def windows(explanation: Explanation, planned: Planned, rates: Mapping[str, float]) -> dict[int, float]:
    """Windows a frame, by node: they come as often as their hop says, unlike boxes of a detector."""
    found: dict[int, float] = {}
    for run in explanation.runs:
        form = planned.sensors[run.sensor].format
        if form["kind"] not in ("audio", "table"):
            continue
        most = form["max_chunk"] if form["kind"] == "audio" else form["max_rows"]
        lasts = (
            min(max(1, round(form["rate"] / rates[run.sensor])), most) / form["rate"]
        )  # as the core's frames
        for way in run.ways:
            for step, link in zip(way.steps, way.built.chain.links, strict=True):
                params = link.move.params
                if step.op in WINDOWS and params.get("rate") and params.get("hop"):
                    found[step.node] = lasts * params["rate"] / params["hop"]
    return found
