"""A plan on a virtual clock, as Python asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.errors import InvalidError

TABLE = {"kind": "table", "columns": ["a", "b"], "rate": 100.0, "max_rows": 1}
POINT = (1, 1, 1, 4.0, 4.0, 4.0, 0.0)
MODELS: dict[int, dict[str, Any]] = {0: {"points": [POINT]}}
EVEN = {"s": {"period_ms": 10.0, "phase_ms": 0.0}}


def plan(folder: Path, latency_ms: float = 0.0, **inbox: Any) -> tuple[Any, int]:
    """One model on one sensor, and the node before it."""
    (folder / "m.null").write_text("input x float32 1x2\noutput y float32 1x2\n")
    builder = _native.PlanBuilder()
    builder.application("a")
    sensor = builder.sensor("s", TABLE, **{"inbox": "latest", **inbox})
    rows = builder.transform("table.select", {}, [sensor])
    out = builder.run_model(builder.model("m", str(folder / "m.null")), {"x": rows})
    builder.pipeline("p", "a", sensor, [("out", out, None)], latency_ms=latency_ms)
    return builder.finish(), rows.node


def test_times_and_counts_are_what_was_given(tmp_path: Path) -> None:
    spec, rows = plan(tmp_path)
    (tmp_path / "m.null").unlink()  # nothing is opened
    simulation = _native.Simulation(spec, 1, models=MODELS, nodes={rows: 1.0}, arrivals=EVEN)
    simulation.run(1.0)
    assert simulation.elapsed == 1.0
    found = simulation.metrics()
    assert found["pipelines"]["a/p"]["ok"] == 100
    assert found["lanes"][0]["busy_s"] == pytest.approx(0.5)
    latencies, counts = simulation.latency(0)
    assert counts.sum() == 100
    assert np.average(latencies, weights=counts) == pytest.approx(5.0, rel=0.01)
    simulation.forget()
    assert simulation.latency(0)[1].sum() == 0


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    spec, _ = plan(tmp_path, latency_ms=30.0)
    models = {0: {"points": [(1, 1, 1, 4.0, 9.0, 30.0, 0.3)]}}
    arrivals = {"s": {"kind": "poisson", "period_ms": 6.0}}

    def latencies(seed: int) -> list[int]:
        simulation = _native.Simulation(spec, 1, models=models, arrivals=arrivals, seed=seed)
        simulation.run(30.0)
        outcomes = simulation.metrics()["pipelines"]["a/p"]
        return [*simulation.latency(0)[1].tolist(), outcomes["ok"], outcomes["dropped"]]

    assert latencies(1) == latencies(1) != latencies(2)


def test_a_policy_can_steer_it(tmp_path: Path) -> None:
    spec, _ = plan(tmp_path)
    simulation = _native.Simulation(spec, 2, models=MODELS, arrivals=EVEN)
    simulation.run(1.0)
    before = simulation.metrics()["pipelines"]["a/p"]["results"]
    simulation.set_admission([0.5])
    simulation.run(1.0)
    assert simulation.metrics()["pipelines"]["a/p"]["results"] - before == pytest.approx(50, abs=2)
    assert len(simulation.load()) % 8 == 0
    assert [queue["model"] for queue in simulation.queues()] == [0]


def test_arrivals_may_be_given(tmp_path: Path) -> None:
    spec, _ = plan(tmp_path)
    given = {"s": {"kind": "given", "period_ms": 10.0, "times_ms": [0.0, 3.0, 50.0, 50.0, 120.5]}}
    simulation = _native.Simulation(spec, 1, models=MODELS, arrivals=given)
    simulation.start_trace(1000)
    simulation.run(1.0)
    records = simulation.stop_trace()["records"]
    answered = records[records["kind"] == 4]
    captured = (answered["ready"] - answered["ready"][0]) / 1e6
    assert captured.tolist() == [0.0, 3.0, 50.0, 50.0, 120.5]
    assert simulation.metrics()["sensors"]["s"]["ended"]


def test_a_trace_has_virtual_times(tmp_path: Path) -> None:
    spec, _ = plan(tmp_path)
    simulation = _native.Simulation(spec, 1, models=MODELS, arrivals=EVEN)
    simulation.start_trace(1000)
    simulation.run(0.1)
    records = simulation.stop_trace()["records"]
    assert len(records) > 20
    assert records["end"].max() - records["start"].min() <= 100_000_000


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"lanes": 0}, "lanes must be"),
        ({"arrivals": {"x": {"period_ms": 1.0}}}, "not in the plan"),
        ({"arrivals": {"s": {}}}, "have no period"),
        ({"arrivals": {"s": {"period_ms": 1.0, "kind": "odd"}}}, "is no kind"),
        ({"arrivals": {"s": {"every": 1.0}}}, "'every' is unknown"),
        ({"arrivals": {"s": {"kind": "given", "times_ms": [2.0, 1.0]}}}, "times_ms are wrong"),
        ({"models": {7: {}}}, "none with index 7"),
        ({"models": {0: {"points": [(1, 1, 1, 4.0, 3.0, 5.0, 0.0)]}}}, "a point is wrong"),
        ({"models": {0: {"beside": {0: -1.0}}}}, "no slowdown"),
        ({"open": {99: 0.5}}, "open of node 99"),
        ({"rows": {0: -1.0}}, "rows of node 0"),
        ({"order": "best"}, "'best' is unknown"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, arguments: dict[str, Any], what: str) -> None:
    spec, _ = plan(tmp_path)
    with pytest.raises(InvalidError, match=what):
        _native.Simulation(spec, **{"lanes": 1, **arguments})
