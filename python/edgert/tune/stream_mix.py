"""All models of a device together on its streams, as the box runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents import Device
from edgert.profile.stream_bench import StreamBench, of_batch, with_streams
from edgert.profile.stream_plan import filling
from edgert.profile.stream_runs import Runs, observe


@dataclass(frozen=True)
class StreamSetting:
    """Streams, runs in flight on each, and by model the items of a run."""

    streams: int
    in_flight: int
    batches: tuple[tuple[str, int], ...]

    @property
    def runs(self) -> int:
        """That are enqueued at once."""
        return self.streams * self.in_flight

    def described(self) -> str:
        """ "2 streams × 2 in flight"; with batches, where there are some."""
        counts = sorted({count for _, count in self.batches})
        batch = f", batch {' or '.join(map(str, counts))}" if counts != [1] else ""
        return f"{self.streams} stream{'' if self.streams == 1 else 's'} × {self.in_flight} in flight{batch}"


@dataclass(frozen=True)
class StreamTaken:
    """What a device did: rounds of all its models a second, and by model the time of runs, and how long 90 %
    of them were held at most: what is enqueued isn't overtaken, so a run waits for those ahead of it."""

    rounds: float
    p50: Mapping[str, float]
    held: Mapping[str, float]
    other_cores: float


def measure(
    benches: Mapping[str, StreamBench], device: Device, setting: StreamSetting, seconds: float
) -> StreamTaken:
    """Keeps the device full of runs of all models. Raises EngineError, and what opening a model raises."""
    made = with_streams(device, setting.streams, setting.in_flight)
    items = {name: count if benches[name].batch == "free" else 1 for name, count in setting.batches}
    mixed = len(benches) > 1
    loads = [filling(bench.placed, made, items[name], mixed) for name, bench in benches.items()]
    seen = observe(loads, [made], seconds)
    whole = dict(zip(benches, seen.runs, strict=True))
    runs = {name: of_batch(one, items[name], benches[name].placed) for name, one in whole.items()}
    held = {name: float(np.quantile(one, 0.9)) for name, one in holds(whole, setting.in_flight).items()}
    return StreamTaken(
        rounds_of(whole, dict(setting.batches)),
        {name: float(np.median(one.took)) for name, one in runs.items()},
        held,
        seen.other_cores,
    )


def rounds_of(runs: Mapping[str, Runs], items: Mapping[str, int]) -> float:
    """Rounds a second in which each model does an item, by what its runs took and what lay between all runs:
    who had more of a device by chance counts no more. `items`: of a run, by model."""
    lane, end, took = (
        np.concatenate([getattr(one, field) for one in runs.values()]) for field in ("lane", "end", "took")
    )
    lanes = np.unique(lane)
    spans = sum(float(np.ptp(end[lane == one])) for one in lanes)
    busy = sum(float(np.sum(took[lane == one][np.argsort(end[lane == one])][1:])) for one in lanes)
    if busy <= 0:
        return 0.0
    each = [float(np.mean(one.took)) / items[name] for name, one in runs.items()]
    return len(lanes) * busy / spans / sum(each)


def holds(runs: Mapping[str, Runs], in_flight: int) -> dict[str, Any]:
    """By model, in seconds, how long runs were held: each was enqueued when the run ended that was so many
    before it on its stream, whatever model that was of. Where there were fewer runs than that: so many times
    as long as they took."""
    names = list(runs)
    model = np.concatenate([np.full(len(one.end), index) for index, one in enumerate(runs.values())])
    end = np.concatenate([one.end for one in runs.values()])
    lane = np.concatenate([one.lane for one in runs.values()])
    order = np.lexsort((end, lane))
    model, end, lane = model[order], end[order], lane[order]
    same = lane[in_flight:] == lane[:-in_flight]
    took = (end[in_flight:] - end[:-in_flight])[same]
    whose = model[in_flight:][same]
    found = {name: took[whose == index] for index, name in enumerate(names)}
    return {name: one if len(one) else runs[name].took * in_flight for name, one in found.items()}


def least_batches(benches: Mapping[str, StreamBench]) -> tuple[tuple[str, int], ...]:
    """Of each model its smallest runs."""
    return tuple((name, bench.least) for name, bench in benches.items())


def with_batch(setting: StreamSetting, name: str, batch: int) -> StreamSetting:
    """The setting with other runs of one model."""
    changed: Sequence[tuple[str, int]] = [
        (model, batch if model == name else count) for model, count in setting.batches
    ]
    return StreamSetting(setting.streams, setting.in_flight, tuple(changed))
