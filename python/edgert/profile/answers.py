"""What runs beside models: decoding boxes, trackers, lines, masks: measured in the documents' own plan."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from edgert.documents.profile import TransformProfile
from edgert.documents.sensor import Replayed

from .among import spread

if TYPE_CHECKING:
    from edgert.documents import DocumentSet
    from edgert.explain import Explanation
    from edgert.planner import Planned, PlannedSensor

FRAMES = 60
"""Of each sensor, at most."""
LONGEST = 3.0
"""Seconds, at most."""
PATIENCE = 10.0  # s that a full inbox is waited for
AWAITED = 0.3  # s for one frame of each sensor: a join may wait for the next ones
RAN = 0  # a kind of record (metrics/trace.h)
RECORDS = 1 << 18


def measure_answers(documents: DocumentSet) -> tuple[list[TransformProfile], list[str]]:
    """Each operation that runs behind a model, and what joins sensors, as the core's trace has it: all that
    the documents say is run on one lane, one frame of each sensor at a time. Recordings give their frames;
    cameras, microphones and networks aren't opened, and noise stands for what they give. And what never ran
    there, in words. Raises DocumentErrors, and what loading a model raises."""
    from edgert.explain import explain
    from edgert.planner import plan

    planned = plan(documents)
    explanation = explain(planned)
    wanted = answer_nodes(explanation)
    if not wanted:
        return [], []
    took = _run(planned)
    by_work: dict[str, list[float]] = defaultdict(list)
    for node in wanted:
        by_work[node["work"]] += took.get(node["id"], [])
    ops = {node["work"]: node["op"] for node in wanted}
    found = [
        TransformProfile(op=ops[work], key=work, **spread(np.array(runs)))
        for work, runs in by_work.items()
        if runs
    ]
    return found, _never([ops[work] for work, runs in by_work.items() if not runs])


def answer_nodes(explanation: Explanation) -> list[Mapping[str, Any]]:
    """Those of the plan's transforms that aren't on a way to a model: they read models' outputs, or other
    answers. `work` stands for what such a one does."""
    ways = {step.node for run in explanation.runs for way in run.ways for step in way.steps}
    return [node for node in explanation.nodes if node["work"] and node["id"] not in ways]


def _run(planned: Planned) -> dict[int, list[float]]:
    """Seconds of each run, by node."""
    from edgert import _native, engines

    engines.register()
    native = _native.Runtime(planned.spec, lanes=1, order="fifo")
    native.start_trace(RECORDS)
    native.start()
    try:
        _feed(native, planned)
        records = native.stop_trace()["records"]
    finally:
        native.stop(drain=False)
    ran = records[(records["kind"] == RAN) & (records["end_code"] == 0)]
    seconds = (ran["end"] - ran["start"]) / 1e9
    return {int(node): seconds[ran["where"] == node].tolist() for node in np.unique(ran["where"])}


def _feed(native: Any, planned: Planned) -> None:
    """Frames of all sensors in turn, each when those before are done."""
    used = {name for pipeline in planned.pipelines.values() for name in pipeline.sensors}
    sensors = {name: one for name, one in planned.sensors.items() if name in used}
    ports = {name: native.sensor(name) for name in sensors}
    sources = {name: _items(name, one) for name, one in sensors.items()}
    began = time.monotonic()
    for _ in range(FRAMES):
        for name, items in sources.items():
            if (item := next(items, None)) is not None:
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


def _items(name: str, sensor: PlannedSensor) -> Iterator[Any]:
    from edgert.sources import open_source

    source = sensor.document.source
    if isinstance(source, Replayed):
        quick = source.model_copy(update={"speed": "max", "loop": False})
        yield from islice(open_source(quick, sensor.document.base).frames(), FRAMES)
        return
    yield from _noise(name, sensor.format)


def _noise(name: str, form: Mapping[str, Any]) -> Iterator[Any]:
    from edgert.explain import synthetic
    from edgert.pushing import to_item

    for data in cycle([synthetic.frame(form, seed) for seed in range(4)]):
        yield to_item(name, form, data, -1.0, False)


def _never(ops: list[str]) -> list[str]:
    if not ops:
        return []
    named = ", ".join(dict.fromkeys(ops))
    return [f"{len(ops)} steps behind models ({named}) never ran on what the sensors gave: not measured"]
