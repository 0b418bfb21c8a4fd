"""One model on the bench: its sessions, opened when they are needed, and what their runs take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edgert.contents import sha256_of
from edgert.documents.profile import Point, Times
from edgert.documents.units import Duration
from edgert.errors import ExhaustedError, make

from .box import memory_left
from .data import Array, Inputs
from .others import Others
from .subjects import Subject

if TYPE_CHECKING:
    from edgert._native import Model, Session

WARM = 0.2  # of the time that is measured
LEAST_RUNS = 3
LEAST = 1e-9  # s: what the clock can tell
SHARE_OF_MEMORY = 0.5


class Bench:
    """Measures one model.

    Opening raises what loading the model raises.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._models: dict[int, Model] = {}
        self._sessions: dict[int, list[Session]] = {}
        self._data: dict[int, dict[str, Array]] = {}
        first = self._model(1)
        self.backend = first.backend
        self.content = sha256_of(subject.file)
        self.inputs = Inputs(first.inputs, subject.document)
        self.batch = self.inputs.batch

    def measure(
        self, instances: int, threads: int, batch: int, seconds: float, cores: Sequence[int] = ()
    ) -> Point:
        """Runs so many instances at once, each on so many threads and with so many items, again and again.

        Raises ExhaustedError when the inputs don't fit into memory, EngineError when the engine refuses.
        """
        from edgert import _native

        lanes = [[step] for step in self.steps(instances, threads, batch)]
        others = Others()
        found = _native.measure(
            lanes, seconds=seconds, warm=seconds * WARM, least_rounds=LEAST_RUNS, cores=list(cores)
        )
        runs = [lane["runs"][0] for lane in found["lanes"]]
        rate = sum(len(one) * batch / lane["wall"] for one, lane in zip(runs, found["lanes"], strict=True))
        return Point(
            instances=instances,
            threads=threads,
            batch=batch,
            throughput=float(rate),
            busy_cores=round(float(found["busy_cores"]), 2),
            other_cores=round(others.cores(), 2),
            **times(np.concatenate(runs)).model_dump(),
        )

    def steps(self, instances: int, threads: int, batch: int) -> list[tuple[Session, dict[str, Array]]]:
        """Sessions with their inputs, as `measure` of the core takes them."""
        data = self._inputs_of(batch)
        sessions = self._sessions.setdefault(threads, [])
        while len(sessions) < instances:
            sessions.append(self._model(threads).session())
        return [(session, data) for session in sessions[:instances]]

    def _inputs_of(self, batch: int) -> dict[str, Array]:
        if batch not in self._data:
            need, left = self.inputs.bytes(batch), memory_left()
            if need > left * SHARE_OF_MEMORY:
                what = f"inputs of {batch} items take {need >> 20} MiB, and {left >> 20} MiB are left"
                raise make(ExhaustedError, self.subject.reference, what, "measure smaller batches")
            self._data[batch] = self.inputs.of(batch)
        return self._data[batch]

    def _model(self, threads: int) -> Model:
        from edgert.loading import load

        if threads not in self._models:
            subject = self.subject
            self._models[threads] = load(subject.file, subject.backend, threads, subject.engine)
        return self._models[threads]


def times(runs: Any) -> Times:
    """The figures of an array of seconds."""
    runs = np.maximum(runs, LEAST)
    p25, p50, p75, p90, p99 = (float(each) for each in np.percentile(runs, (25, 50, 75, 90, 99)))
    return Times(
        p50=Duration(p50),
        p90=Duration(p90),
        p99=Duration(p99),
        mean=Duration(float(np.mean(runs))),
        spread=round((p75 - p25) / p50, 3),
        runs=len(runs),
    )
