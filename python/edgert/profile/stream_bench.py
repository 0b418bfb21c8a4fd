"""One model on one device's streams: what its runs take, saturated, paced, and beside another model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents import Device
from edgert.documents.profile import ModelProfile, Point, Spread, Together
from edgert.errors import EngineError, make

from .among import spread
from .bench import LEAST, times
from .placing import Placed
from .stream_grid import StreamPlace
from .stream_plan import Load, filling, threads_of
from .stream_runs import Observed, Runs, observe
from .subjects import Subject

FAR = 4.0  # times a run: between two frames of runs that are far apart
LEAST_PERIOD = 2e-3  # s
LEAST_BESIDE = 0.2  # of its time, that the other model must have run


def with_streams(device: Device, streams: int, in_flight: int) -> Device:
    """The device with so many."""
    return device.model_copy(update={"streams": streams, "in_flight": in_flight})


@dataclass(frozen=True)
class Measured:
    """A point, and how long runs were held: from their enqueuing to their end."""

    point: Point
    held_p90: float


class StreamBench:
    """Measures one model on one device. Opening raises what opening the model raises."""

    def __init__(self, placed: Placed) -> None:
        from .bench import Bench

        self.placed = placed
        on_processor = Bench(placed.subject)  # its file is read, and its inputs, not what it takes here
        self.backend, self.content = on_processor.backend, on_processor.content
        self.batch = on_processor.batch
        self._alone: float | None = None

    @property
    def least(self) -> int:
        """Items of the smallest run."""
        return 1 if self.batch == "free" else int(self.batch)

    def measure(self, place: StreamPlace, seconds: float) -> Measured:
        """Keeps so many streams full. Raises EngineError and what opening the model raises."""
        streams, in_flight, batch = place
        device = with_streams(self.placed.device, streams, in_flight)
        wanted = batch if self.batch == "free" else 1
        seen = observe([filling(self.placed, device, wanted)], [device], seconds)
        runs = of_batch(seen.runs[0], wanted, self.placed)
        point = Point(
            instances=streams,
            threads=threads_of(self.placed.subject),
            batch=batch,
            in_flight=in_flight,
            throughput=runs.rate * batch / wanted,
            busy_cores=seen.busy_cores,
            other_cores=seen.other_cores,
            **times(runs.took).model_dump(),
        )
        return Measured(point, float(np.quantile(runs.held(in_flight), 0.9)))

    def paced(self, run: float, seconds: float) -> Spread:
        """Runs on a device with nothing else to do, far apart; `run`: about what one takes, in seconds."""
        seen = self._one_by_one(seconds, max(LEAST_PERIOD, FAR * run))
        runs = seen.runs[0]
        return Spread(**spread(runs.end - runs.ready))

    def alone(self, seconds: float) -> float:
        """The mean of runs one after the other, in seconds; measured once."""
        if self._alone is None:
            self._alone = float(np.mean(self._one_by_one(seconds).runs[0].took))
        return self._alone

    def _one_by_one(self, seconds: float, period: float = 0.0) -> Observed:
        device = with_streams(self.placed.device, 1, 1)
        return observe([Load(self.placed.subject, self.placed)], [device], seconds, period)

    def profile(self, points: list[Point], notes: list[str]) -> ModelProfile:
        """What was measured of it, as documents have it."""
        subject = self.placed.subject
        return ModelProfile(
            model=subject.reference,
            file=subject.document.file if subject.document else str(subject.file),
            content=self.content,
            backend=self.backend,
            device=self.placed.device.name,
            batch="free" if self.batch == "free" else int(self.batch),
            points=points,
            notes=notes,
        )


def of_batch(runs: Runs, items: int, placed: Placed) -> Runs:
    """Those of so many items. Raises EngineError where most were of fewer: the device doesn't fill them."""
    full = runs.items == items
    if not len(runs.items) or np.mean(full) < 0.5:
        what, hint = f"runs of {items} items aren't made there", "leave batch out"
        raise make(EngineError, placed.title, what, hint)
    return Runs(*(one[full] for one in (runs.ready, runs.start, runs.end, runs.lane, runs.items)))


def beside(
    first: Placed | Subject, second: Placed | Subject, alone: tuple[float, float], seconds: float
) -> tuple[Together | None, Together | None]:
    """What one run at a time of each takes while the other does the same: on two streams of one device, or on
    their devices, or one of them on the processor. `alone`: their means. None: they hardly met."""
    loads = [
        Load(one.subject, one) if isinstance(one, Placed) else Load(one, None) for one in (first, second)
    ]
    on = {load.on.device.name: load.on.device for load in loads if load.on}
    streams = 2 if len(on) == 1 and all(load.on for load in loads) else 1
    seen = observe(loads, [with_streams(device, streams, 1) for device in on.values()], seconds)
    one, other = seen.runs
    names = [load.subject.reference for load in loads]
    return (
        _together(one, other, alone[0], names[1]),
        _together(other, one, alone[1], names[0]),
    )


def _together(runs: Runs, others: Runs, alone: float, name: str) -> Together | None:
    slowdown = slowdown_beside(runs, others, alone)
    if slowdown is None:
        return None
    return Together(beside=name, slowdown=round(slowdown, 3), **times(runs.took).model_dump())


def slowdown_beside(runs: Runs, others: Runs, alone: float) -> float | None:
    """By how much runs get on slower while another's run is there: what wasn't beside it got on as alone, the
    rest of a run's work took the rest of its time. None: they hardly met."""
    beside = overlap(runs, others)
    met, apart = float(np.sum(beside)), float(np.sum(runs.took - beside))
    if met < LEAST_BESIDE * (met + apart):
        return None
    left = len(runs.took) * alone - apart
    return met / left if left > LEAST else None


def overlap(runs: Runs, others: Runs) -> Any:
    """Seconds of each run in which one of the others' ran, of which one runs at a time."""
    edges = np.stack([others.start, others.end], axis=1).ravel()
    busy = np.cumsum(np.stack([np.zeros(len(others.took)), others.took], axis=1).ravel())
    if not len(edges):
        return np.zeros(len(runs.took))
    return np.interp(runs.end, edges, busy) - np.interp(runs.start, edges, busy)
