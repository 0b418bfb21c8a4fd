"""What runs beside models: decoding boxes, trackers, lines, masks: measured in the documents' own plan."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from edgert.documents.profile import FoundRows, TransformProfile

from .among import spread
from .found import RAN, found_rows
from .scenes import FRAMES, NOISE, Scene, scene

if TYPE_CHECKING:
    from edgert.documents import DocumentSet
    from edgert.explain import Explanation
    from edgert.planner import Planned

LONGEST = 3.0
"""Seconds, at most."""
PATIENCE = 10.0  # s that a full inbox is waited for
AWAITED = 0.3  # s for one frame of each sensor: a join may wait for the next ones
RECORDS = 1 << 18


@dataclass
class Answers:
    """What runs behind models takes, and how many rows steps find."""

    transforms: list[TransformProfile] = field(default_factory=list)
    rows: list[FoundRows] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What never ran, and what stood for sensors, in words."""


def measure_answers(documents: DocumentSet) -> Answers:
    """Each operation that runs behind a model, and what joins sensors, as the core's trace has it: all that
    the documents say is run on one lane, one frame of each sensor at a time (scenes.py). Raises
    DocumentErrors, and what loading a model raises."""
    from edgert.explain import explain
    from edgert.planner import plan

    planned = plan(documents)
    explanation = explain(planned)
    wanted = answer_nodes(explanation)
    if not wanted:
        return Answers()
    used = {name for pipeline in planned.pipelines.values() for name in pipeline.sensors}
    scenes = {name: scene(name, one) for name, one in planned.sensors.items() if name in used}
    records = _run(planned, scenes)
    took = _took(records)
    by_work: dict[str, list[float]] = defaultdict(list)
    for node in wanted:
        by_work[node["work"]] += took.get(node["id"], [])
    ops = {node["work"]: node["op"] for node in wanted}
    found = [
        TransformProfile(op=ops[work], key=work, **spread(np.array(runs)))
        for work, runs in by_work.items()
        if runs
    ]
    sensors = {node["scope"]: node["name"] for node in explanation.nodes if node["op"] == "source"}
    real = {name: one.stands_in for name, one in scenes.items() if not one.is_noise}
    rows = found_rows(explanation.nodes, records, sensors, real)
    never = _never([ops[work] for work, runs in by_work.items() if not runs])
    return Answers(found, rows, [*_told(scenes), *never])


def answer_nodes(explanation: Explanation) -> list[Mapping[str, Any]]:
    """Those of the plan's transforms that aren't on a way to a model: they read models' outputs, or other
    answers. `work` stands for what such a one does."""
    ways = {step.node for run in explanation.runs for way in run.ways for step in way.steps}
    return [node for node in explanation.nodes if node["work"] and node["id"] not in ways]


def _run(planned: Planned, scenes: Mapping[str, Scene]) -> Any:
    """The trace's records."""
    from edgert import _native, engines

    engines.register()
    native = _native.Runtime(planned.spec, lanes=1, order="fifo")
    native.start_trace(RECORDS)
    native.start()
    try:
        _feed(native, scenes)
        return native.stop_trace()["records"]
    finally:
        native.stop(drain=False)


def _took(records: Any) -> dict[int, list[float]]:
    """Seconds of each run, by node."""
    ran = records[(records["kind"] == RAN) & (records["end_code"] == 0)]
    seconds = (ran["end"] - ran["start"]) / 1e9
    return {int(node): seconds[ran["where"] == node].tolist() for node in np.unique(ran["where"])}


def _feed(native: Any, scenes: Mapping[str, Scene]) -> None:
    """Frames of all sensors in turn, each when those before are done."""
    ports = {name: native.sensor(name) for name in scenes}
    began = time.monotonic()
    for _ in range(FRAMES):
        for name, one in scenes.items():
            if (item := next(one.items, None)) is not None:
                item.push(ports[name], PATIENCE)
        _until_done(native)
        if time.monotonic() - began > LONGEST:
            return


def _until_done(native: Any) -> None:
    until = time.monotonic() + AWAITED
    while time.monotonic() < until:
        sensors = native.metrics()["sensors"].values()
        if all(sensor["in_flight"] == 0 and sensor["waiting"] == 0 for sensor in sensors):
            return
        time.sleep(0.002)


def _told(scenes: Mapping[str, Scene]) -> Iterator[str]:
    """What was no sensor's own."""
    for what in dict.fromkeys(one.stands_in for one in scenes.values() if one.stands_in):
        names = ", ".join(name for name, one in scenes.items() if one.stands_in == what)
        less = ": little is found in it" if what == NOISE else ""
        yield f"what runs behind models was measured with {what} for the frames of {names}{less}"


def _never(ops: list[str]) -> list[str]:
    if not ops:
        return []
    named = ", ".join(dict.fromkeys(ops))
    return [f"{len(ops)} steps behind models ({named}) never ran on what the sensors gave: not measured"]
