"""Runs what an explanation shows on synthetic data, each transform and model by itself, and notes times.

Of several short rounds the best one counts: what else runs on the machine only ever makes a round longer, so
the best is nearest to what the work itself takes. Medians were twice as long beside a busy program.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..planner.algebra import GATHER, REGION, Link
from . import synthetic
from .ways import Explanation, Run, Way

ROUNDS = 9
SHARES = 4
"""Rounds into which the frames of a stream are parted, where costs are by the window."""
MOST_FRAMES = 400
"""Frames that are fed until a window is full."""


def measure(
    explanation: Explanation,
    *,
    models: bool = True,
    rounds: int = ROUNDS,
    between: Callable[[], object] = lambda: None,
) -> None:
    """Notes what each transform and model takes: the best of some rounds, in microseconds, on one thread.
    Without `models`, transforms only. `between` is called before each round."""
    explanation.measured = True
    for run in explanation.runs:
        for way in run.ways:
            _Course(way).measure(rounds, between)
        if models:
            run.measured_us = _model(explanation, run)


class _Course:
    """One way, run by itself: each transform on what the one before it gave."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.links = way.built.chain.links
        self.times: list[list[float]] = [[] for _ in self.links]
        self.rows: list[int] = []  # of windows, by frame
        self.operations = [self._operation(index, link) for index, link in enumerate(self.links)]
        self.frame_spec = way.built.beside["frame"].spec

    def measure(self, rounds: int, between: Callable[[], object]) -> None:
        for seed in range(max(MOST_FRAMES, rounds)):
            self.rows.append(0)
            between()
            self._go(self._start(seed))
            if all(len(times) >= rounds for times in self.times):
                break
        for step, link, times in zip(self.way.steps, self.links, self.times, strict=True):
            if not times or step.op in (REGION, GATHER):
                continue
            step.rounds_us = self._by_windows(times) if link.move.per_window else times
            step.measured_us = self._by_window(times) if link.move.per_window else min(times)

    def _by_window(self, times: list[float]) -> float | None:
        """In the best part of a stream; None where no window came."""
        return min(self._by_windows(times), default=None)

    def _by_windows(self, times: list[float]) -> list[float]:
        """A window's share of what runs on a stream, in each part of it; none where no window came."""
        length = -(-len(times) // SHARES)
        parts = [
            (sum(times[at : at + length]), sum(self.rows[at : at + length]))
            for at in range(0, len(times), length)
        ]
        if sum(rows for _, rows in parts) < SHARES:
            parts = [(sum(times), sum(self.rows))]
        return [took / rows for took, rows in parts if rows]

    def _operation(self, index: int, link: Link) -> Any:
        from .._native import Operation

        if link.move.op in (REGION, GATHER):
            return None
        built = self.way.built
        specs = [built.values[index].spec, *(built.beside[name].spec for name in link.move.beside)]
        return Operation(link.move.op, dict(link.move.params), specs)

    def _start(self, seed: int) -> Any:
        spec = self.way.built.values[0].spec
        return synthetic.frame(spec, seed) if "kind" in spec else synthetic.tensor(spec, seed)

    def _go(self, data: Any) -> None:
        frame = data
        for link, operation, times in zip(self.links, self.operations, self.times, strict=True):
            if operation is None:
                if link.move.op == REGION:
                    if not len(data):
                        return
                    self.rows[-1] += len(data)
                    data = np.ascontiguousarray(data[0])
                times.append(0.0)
                continue
            beside = [self._beside(name, frame) for name in link.move.beside]
            data = operation.run([data, *beside])[0]
            times.append(operation.last_seconds * 1e6)

    def _beside(self, name: str, frame: Any) -> Any:
        return frame if name == "frame" else synthetic.region(self.frame_spec)


def _model(explanation: Explanation, run: Run) -> float | None:
    """The best run of the model on zeros; None when its inputs' sizes aren't known before it runs."""
    from ..loading import load

    file = next((model.file for model in explanation.planned.models if model.reference == run.model), None)
    if file is None:
        return None
    model = load(file)
    given = {way.input: way.built.value.spec for way in run.ways}
    inputs = {tensor["name"]: _zeros(tensor, given) for tensor in model.inputs}
    inputs.update(run.constants)
    session = model.session()
    times = []
    try:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            session.run(inputs)
            times.append((time.perf_counter() - began) * 1e6)
    except Exception:  # not every model takes zeros; the chain's figures stand
        return None
    return min(times)


def _zeros(tensor: Any, given: Mapping[str, Any]) -> Any:
    shape = given.get(tensor["name"], tensor)["shape"]
    return np.zeros([max(1, extent) for extent in shape], tensor["dtype"])
