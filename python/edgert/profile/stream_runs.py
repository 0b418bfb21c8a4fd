"""Runs loads on devices through the runtime itself, and reads from its trace what each run took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents import Device
from edgert.errors import DeadlineError, EngineError, make

from .box import usable_cores
from .others import Others
from .stream_plan import Fed, Load, build

WARM = 0.2  # of the time that is measured
LEAST_RUNS = 3  # of each lane that runs a load
PATIENCE = 60.0  # s without a run
PUSH = 0.1  # s that one push waits
LOOK = 0.005  # s between two looks at how far it is
RAN = 0  # a kind of record (metrics/trace.h)
RECORDS = 1 << 20
NANO = 1e-9  # s


@dataclass(frozen=True)
class Runs:
    """Runs of one load, in the order of their ends; times in seconds."""

    ready: Any
    start: Any
    end: Any
    lane: Any
    items: Any

    @property
    def took(self) -> Any:
        """Of each: from its beginning on the device to its end."""
        return self.end - self.start

    @property
    def rate(self) -> float:
        """Items a second, of all lanes: what each did from the end of its first run on."""
        found = 0.0
        for lane in np.unique(self.lane):
            ends, items = self.end[self.lane == lane], self.items[self.lane == lane]
            if len(ends) > 1 and ends[-1] > ends[0]:
                found += float(np.sum(items[1:]) / (ends[-1] - ends[0]))
        return found

    def held(self, in_flight: int) -> Any:
        """Of each but the first: from its enqueuing, in the place of the run that ended so many runs before
        it on its stream, to its end. Of a queue that was never empty."""
        parts = []
        for lane in np.unique(self.lane):
            ends = self.end[self.lane == lane]
            parts.append(ends[in_flight:] - ends[:-in_flight])
        return np.concatenate(parts)


@dataclass(frozen=True)
class Observed:
    """What was seen of loads, in their order."""

    runs: list[Runs]
    busy_cores: float
    other_cores: float


def observe(
    loads: Sequence[Load], devices: Sequence[Device], seconds: float, period: float = 0.0
) -> Observed:
    """Keeps the loads running for so long after warming up; `period`: seconds between two frames of each,
    for runs that are far apart.

    Raises what opening and running the models raises.
    """
    from edgert import _native

    spec, fed = build(loads, devices)
    native = _native.Runtime(spec, lanes=min(max(2, len(loads)), max(2, usable_cores())), order="fifo")
    native.start()
    try:
        with _pushing(native, fed, period):
            _until(native, fed, time.monotonic() + seconds * WARM, _least(loads, devices))
            native.start_trace(RECORDS)
            others, spent, began = Others(), time.process_time(), time.monotonic()
            _until(native, fed, began + seconds, _least(loads, devices))
            wall, spent, other = time.monotonic() - began, time.process_time() - spent, others.cores()
            records = native.stop_trace()["records"]
    finally:
        native.stop(drain=False)
    return Observed([_runs(records, one, began) for one in fed], round(spent / wall, 2), round(other, 2))


def _least(loads: Sequence[Load], devices: Sequence[Device]) -> list[int]:
    """Works of each load that have to be done, so that every stream has some runs."""
    streams = {one.name: one.streams * one.in_flight for one in devices}
    return [LEAST_RUNS * load.batch * (streams[load.on.device.name] if load.on else 1) for load in loads]


@contextmanager
def _pushing(native: Any, fed: Sequence[Fed], period: float) -> Iterator[None]:
    """A thread a load pushes its frames."""
    stopping = threading.Event()
    threads = [threading.Thread(target=_push, args=(native, one, period, stopping)) for one in fed]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _push(native: Any, fed: Fed, period: float, stopping: threading.Event) -> None:
    port = native.sensor(fed.sensor)
    while not stopping.is_set():
        try:
            port.push_samples(fed.data, timeout=PUSH)
        except DeadlineError:
            continue  # the device is full
        if period:
            stopping.wait(period)


def _until(native: Any, fed: Sequence[Fed], until: float, least: Sequence[int]) -> None:
    """Until that time and until each load did so much more. Raises EngineError when none ends, and what made
    one fail."""
    first, began = _executed(native, fed), time.monotonic()
    moved = [began] * len(fed)
    last = first
    while True:
        time.sleep(LOOK)
        done, now = _executed(native, fed), time.monotonic()
        moved = [now if one != before else at for one, before, at in zip(done, last, moved, strict=True)]
        last = done
        ahead = [one - before for one, before in zip(done, first, strict=True)]
        if now >= until and all(one >= wanted for one, wanted in zip(ahead, least, strict=True)):
            return
        if now - min(moved) > PATIENCE:
            what, hint = f"no run ended within {PATIENCE:g} s", "see what else keeps the device busy"
            raise make(EngineError, fed[moved.index(min(moved))].title, what, hint)


def _executed(native: Any, fed: Sequence[Fed]) -> list[int]:
    nodes = native.metrics()["nodes"]
    for one in fed:
        if any(node["failed"] for node in nodes if node["id"] in one.nodes):
            _raise(native, one)
    return [sum(node["executed"] for node in nodes if node["id"] in one.nodes) for one in fed]


def _raise(native: Any, fed: Fed) -> None:
    """The error of a run that failed."""
    until = time.monotonic() + PUSH
    for pipeline in fed.pipelines:
        while (result := native.next_result(pipeline, max(until - time.monotonic(), 0.0))) is not None:
            if isinstance(result.error, Exception):
                raise result.error
    raise make(EngineError, fed.title, "a run failed", "run the model with edgert run, which says why")


def _runs(records: Any, fed: Fed, began: float) -> Runs:
    """Works that ran as one are one run."""
    ours = np.isin(records["where"], list(fed.nodes))
    ran = records[(records["kind"] == RAN) & (records["end_code"] == 0) & ours]
    ran = ran[ran["end"] >= began / NANO]
    _, at = np.unique(ran[["end", "lane"]], return_index=True)
    ran = ran[at]  # by their ends
    return Runs(
        ready=ran["ready"] * NANO,
        start=ran["start"] * NANO,
        end=ran["end"] * NANO,
        lane=ran["lane"],
        items=ran["batch"],
    )
