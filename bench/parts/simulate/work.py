"""Workloads of zoo models, run for real and simulated with the same arrivals: for bench/simulate.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from edgert import Runtime
from edgert.documents import Profile, read
from edgert.profile import Grid, Profiling, subjects
from edgert.simulate import Assumptions, Workload
from edgert.simulate.outcome import quantile

from parts.misses.fleet import LANES, PIPELINE, Asleep, Fleet, Zoo
from parts.misses.load import arrivals, drive, urgent, wait_idle

WARM = 1.0  # s that don't count
SEEDS = 5  # of the simulated run times; their latencies are put together
ADMITTED, DROPPED, ANSWERED = 2, 3, 4  # kinds of records (metrics/trace.h)
ZOO = (
    "face-detection-short",
    "face-mesh",
    "face-detection-full",
    "selfie-segmentation",
    "hand-landmarks",
    "light-shufflenet",
    "efficientnet-lite0-qdq-int8",
    "palm-detection",
)
SENSOR = """---
kind: Sensor
name: {name}
source: {{type: push, format: {format}}}
inbox: {{policy: queue, size: 256, in_flight: 32}}
"""


@dataclass(frozen=True)
class Mix:
    """A workload. `load` is of the lanes' time by the models' times alone; equal work for each sensor."""

    name: str
    groups: tuple[tuple[int, ...], ...]
    """Models (by number) that read one sensor."""
    load: float
    spread: float
    """Coefficient of variation of the gaps between frames; 1: Poisson."""
    order: str
    bound: float = 0.0
    """Latency in times of the model alone; 0: none."""
    on_miss: str = "late"
    seed: int = 1
    pieces: str = ""
    """Longer models are cut into pieces of so long at most."""


PIECES = "2ms"
MIXES = (
    Mix("three, even", ((0,), (3,), (6,)), 0.4, 0.05, "edf"),
    Mix("all, Poisson", tuple((i,) for i in range(8)), 0.6, 1.0, "fifo", seed=2),
    Mix("four, bounds", ((1,), (2,), (5,), (7,)), 0.7, 1.0, "slack", 6.0, seed=3),
    Mix("shared sensors", ((0, 1), (3, 4), (6,)), 0.5, 0.7, "edf", 8.0, seed=4),
    Mix("five, bursts", ((0,), (2,), (4,), (5,), (6,)), 0.5, 2.0, "fair", seed=5),
    Mix("two and tight, dropped", ((3,), (5,), (7,)), 0.8, 1.0, "edf", 5.0, "drop", seed=6),
    Mix("five, in pieces", ((0,), (1,), (5,), (6,), (7,)), 0.6, 1.0, "edf", 6.0, seed=7, pieces=PIECES),
)


@dataclass
class Side:
    """What one side gave, by pipeline: latencies in ms and counts of each, and the share that was missed."""

    latencies: dict[str, tuple[np.ndarray, np.ndarray]]
    missed: dict[str, float]
    times: dict[str, list[float]] = field(default_factory=dict)
    """Arrivals by sensor, ms."""

    def at(self, name: str, place: float) -> float | None:
        """A quantile."""
        return quantile(*self.latencies[name], place)


@dataclass(frozen=True)
class Bed:
    """Where it runs: the models, what they were measured to take, and that as a document."""

    fleet: Fleet
    names: tuple[str, ...]
    folder: Path
    """Of the models' files, where they aren't the zoo's."""
    profile: Profile | None
    profiling: Profiling | None = None

    def measured_on(self, seconds: float) -> None:
        """Profiles what models take among other work for a while more."""
        assert self.profiling is not None
        self.profiling.measure_on(seconds / len(self.names))

    def at_last(self) -> Bed:
        """With the profile of all that was measured until now."""
        assert self.profiling is not None
        return replace(self, profile=self.profiling.document("here"))

    def ms(self, name: str, instances: int = 1) -> float:
        """A run's median alone, or its mean beside another one of its kind."""
        assert self.profile is not None
        reference = self.fleet.texts(self.folder, name)[1]
        model = next(one for one in self.profile.models if one.model == reference)
        point = next(point for point in model.points if point.instances == instances)
        return float(point.p50 if instances == 1 else point.mean) * 1e3

    def sensor(self, group: tuple[int, ...]) -> str:
        return "at-" + self.names[group[0]]

    def box(self, mix: Mix) -> Path:
        """The documents of a mix."""
        text, models = "", {name: self.fleet.texts(self.folder, name) for name in self.names}
        for group in mix.groups:
            sensor = self.sensor(group)
            text += SENSOR.format(name=sensor, format=models[self.names[group[0]]][0])
            for name in (self.names[index] for index in group):
                bound = self._bound(mix, name) if mix.bound else ""
                text += PIPELINE.format(name=name, sensor=sensor, bound=bound, model=models[name][1])
        if mix.pieces:
            text += f"---\nkind: Scheduler\nname: box\npieces: {mix.pieces}\n"
        file = self.folder / "box.yaml"
        file.write_text(text + "".join(f"---\n{one}" for one in self._models()), encoding="utf-8")
        return file

    def _bound(self, mix: Mix, name: str) -> str:
        return f"latency: {mix.bound * self.ms(name):.4f}ms\non_miss: {mix.on_miss}\n"

    def _models(self) -> list[str]:
        files = [self.folder / f"{name}.yaml" for name in self.names]
        return [file.read_text(encoding="utf-8") for file in files if file.exists()]

    def rates(self, mix: Mix) -> list[float]:
        """Frames a second of each sensor."""
        works = [sum(self.ms(self.names[index], 2) for index in group) for group in mix.groups]
        return [mix.load * LANES / len(works) / ms * 1e3 for ms in works]

    def push(self, runtime: Runtime, group: tuple[int, ...]) -> Any:
        """Pushes a frame, captured now."""
        port, frame = runtime._native.sensor(self.sensor(group)), self.fleet.frame(self.names[group[0]])
        if frame.ndim == 2:
            return lambda due: port.push_samples(frame)
        high, wide = frame.shape[:2]
        return lambda due: port.push_image([frame], [3 * wide], wide, high, "rgb24")


def bed_of(folder: Path, seconds: float, asleep: float | None) -> Bed:
    """Profiles the models as `edgert profile` does."""
    fleet: Fleet = Zoo() if asleep is None else Asleep(asleep)
    names = ZOO if asleep is None else fleet.names[: len(ZOO)]
    references = [fleet.texts(folder, name)[1] for name in names]
    files = sorted(folder.glob("*.yaml"))
    apart = read([_apart(folder, fleet, names)])
    profiling = Profiling(subjects(files or references), Grid([1, 2], [1], [1]), seconds, documents=apart)
    profiling.run()
    return Bed(fleet, names, folder, profiling.document("here"), profiling)


def _apart(folder: Path, fleet: Fleet, names: tuple[str, ...]) -> Path:
    """Documents with a sensor and a pipeline for each model, for their transforms and pieces."""
    bed = Bed(fleet, names, folder, None)
    groups = tuple((index,) for index in range(len(names)))
    return bed.box(Mix("apart", groups, 0.0, 0.0, "fifo", pieces=PIECES))


def real(mix: Mix, bed: Bed, seconds: float) -> Side:
    """Runs it, frames coming when they are due whatever becomes of those before them."""
    file = bed.box(mix)
    cut = bool(mix.pieces)
    with Runtime(file, lanes=LANES, order=mix.order, policy="none", trunks=cut) as runtime, urgent():
        pushes = [bed.push(runtime, group) for group in mix.groups]
        runtime._native.start_trace(1_000_000)
        came, which = arrivals(bed.rates(mix), seconds + WARM, mix.spread, mix.seed)
        drive(pushes, came, which)
        wait_idle(runtime)
        records = runtime._native.stop_trace()["records"]
        return _read(runtime, records)


def _read(runtime: Runtime, records: np.ndarray) -> Side:
    """Frames count from when they were pushed: what the driver was late by is on neither side."""
    origin = int(records["ready"][records["kind"] >= ADMITTED].min()) - 50_000_000
    since = origin + int((WARM + 0.05) * 1e9)
    counted = runtime.metrics()["pipelines"]
    described = runtime.plan.spec.describe()
    latencies, missed = {}, {}
    for index, pipeline in enumerate(described["pipelines"]):
        mine = records[(records["kind"] == ANSWERED) & (records["where"] == index)]
        answered = mine[(mine["ready"] >= since) & (mine["end_code"] <= 1)]  # ok, late
        ms = np.sort((answered["end"] - answered["ready"]) / 1e6)
        row = counted[f"{pipeline['application']}/{pipeline['name']}"]
        latencies[pipeline["name"]] = (ms, np.ones(len(ms), np.int64))
        missed[pipeline["name"]] = 1 - row["ok"] / max(row["results"] + row["refused"], 1)
    times = {}
    for index, sensor in enumerate(described["sensors"]):
        mine = records[
            ((records["kind"] == ADMITTED) | (records["kind"] == DROPPED)) & (records["where"] == index)
        ]
        times[sensor["name"]] = np.unique((mine["ready"] - origin) / 1e6).tolist()
    return Side(latencies, missed, times)


def simulated(mix: Mix, bed: Bed, profiled: Bed, times: dict[str, list[float]]) -> Side:
    """The same with the same arrivals, some times over; with this Profile."""
    documents = read(bed.box(mix))
    documents.add(profiled.profile)
    given = {bed.sensor(group): rate for group, rate in zip(mix.groups, bed.rates(mix), strict=True)}
    work = Workload.of(documents, Assumptions(rates=given), LANES, mix.order, trunks=bool(mix.pieces))
    came = {
        name: {"kind": "given", "period_ms": 1e3 / given[name], "times_ms": times[name]} for name in times
    }
    last = max(max(one, default=0.0) for one in times.values()) / 1e3 + 5.0
    found: list[Side] = []
    for seed in range(1, SEEDS + 1):
        simulation = work.simulation(seed, arrivals=came)
        simulation.run(WARM + 0.05)
        simulation.forget()
        simulation.run(last)
        rows = simulation.metrics()["pipelines"]
        pipelines = sorted(work.planned.pipelines.values(), key=lambda one: one.index)
        found.append(
            Side(
                {one.name: simulation.latency(one.index) for one in pipelines},
                {
                    one.name: 1 - row["ok"] / max(row["results"] + row["refused"], 1)
                    for one in pipelines
                    for row in [rows[one.title]]
                },
            )
        )
    return together(found)


def together(sides: Sequence[Side]) -> Side:
    """All latencies of several runs, and the mean of what they missed."""
    latencies = {}
    for name in sides[0].latencies:
        ms = np.concatenate([one.latencies[name][0] for one in sides])
        counts = np.concatenate([one.latencies[name][1] for one in sides])
        order = np.argsort(ms, kind="stable")
        latencies[name] = (ms[order], counts[order])
    missed = {name: float(np.mean([one.missed[name] for one in sides])) for name in sides[0].missed}
    return Side(latencies, missed)
