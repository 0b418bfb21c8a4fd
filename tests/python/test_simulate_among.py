"""Simulations that draw from what runs take among other work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edgert import _native
from edgert.documents import Duration, read
from edgert.errors import InvalidError
from edgert.profile.sources import measure_sources
from edgert.profile.transforms import measure_transforms
from edgert.simulate import Assumptions, Workload, run
from test_simulate import CAMERA, FAST, MEASURED, documents
from test_simulation_native import EVEN, MODELS, plan

NINE = "[8ms, 8ms, 8ms, 8ms, 8ms, 8ms, 8ms, 8ms, 8ms]"
AMONG = f"  among: [{{lanes: 1, threads: 1, mean: 8ms, runs: 9, quantiles: {NINE}}}]\n"
TWICE = f"wake: {{mean: 8ms, runs: 9, quantiles: {NINE}}}\npush: {{mean: 8ms, runs: 9, quantiles: {NINE}}}\n"


def latency(simulation: Any) -> float:
    found, counts = simulation.latency(0)
    return float((found * counts).sum() / counts.sum())


def simulated(folder: Path, seconds: float = 1.0, arrivals: Any = None, **more: Any) -> Any:
    spec, _ = plan(folder)
    made = _native.Simulation(spec, 1, models=MODELS, arrivals=arrivals or EVEN, **more)
    made.run(seconds)
    return made


class TestNative:
    def test_runs_after_a_pause_take_what_they_take_among_others(self, tmp_path: Path) -> None:
        among = {"models": {0: {1: [6.0] * 9}}, "wake": [0.5] * 9}
        assert latency(simulated(tmp_path, among=among)) == pytest.approx(6.5, rel=0.01)

    def test_runs_that_follow_at_once_take_what_they_take_alone(self, tmp_path: Path) -> None:
        among = {"models": {0: {1: [6.0] * 9}}}
        crowded = {"s": {"period_ms": 2.0}}  # the lane is never free: runs of 4 ms
        made = simulated(tmp_path, 10.0, crowded, among=among)
        assert made.metrics()["pipelines"]["a/p"]["ok"] == pytest.approx(2500, abs=10)

    def test_runs_that_follow_their_own_model_take_what_that_was_measured_to(self, tmp_path: Path) -> None:
        among = {"models": {0: {1: [6.0] * 9}}, "again": {0: {1: [5.0] * 9}}}
        made = simulated(tmp_path, 10.0, {"s": {"period_ms": 2.0}}, among=among)
        assert made.metrics()["pipelines"]["a/p"]["ok"] == pytest.approx(2000, abs=10)
        assert latency(simulated(tmp_path, 10.0, among=among)) == pytest.approx(5.0, rel=0.02)

    def test_who_pushes_takes_a_core(self, tmp_path: Path) -> None:
        late = {"s": {"kind": "given", "period_ms": 10.0, "times_ms": [0.0, 1.0], "work_ms": 3.0}}
        one, two = (
            simulated(tmp_path, 1.0, late, among={"cores": 1}),
            simulated(tmp_path, 1.0, late, among={"cores": 2}),
        )
        assert latency(two) < latency(one)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"models": {0: {1: [6.0] * 8}}},
            {"models": {0: {1: [6.0] * 8 + [5.0]}}},
            {"models": {7: {1: [6.0] * 9}}},
            {"models": {0: {1: [6.0] * 9}}, "again": {0: {2: [6.0] * 9}}},
            {"again": {0: {1: [6.0] * 9}}},
            {"wake": [-1.0] * 9},
            {"sleep": 1},
        ],
    )
    def test_wrong_figures_are_refused(self, tmp_path: Path, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidError):
            simulated(tmp_path, among=wrong)


class TestSources:
    BOX = """\
kind: Sensor
name: rows
source: {type: table, path: rows.csv, columns: [a, b, c], rate: 50, rows: 1}
---
kind: Model
name: words
file: words.null
input: {table: {window: 1}}
---
kind: Pipeline
name: all
sensor: rows
steps: [{name: said, model: words}]
"""

    def test_recordings_cost_what_was_measured(self, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").write_text("a,b,c\n" + "1,2,3\n" * 40)
        box = documents(tmp_path, self.BOX)
        (found,) = measure_sources(box)
        assert found.sensor == "rows" and found.work.runs >= 40
        found.decode.quantiles = [Duration(0.003)] * 9
        found.work.quantiles = [Duration(0.002)] * 9
        box.profiles["measured"].sources = [found]
        work = Workload.of(box, FAST)
        assert work.sources == {"rows": {"decode_ms": pytest.approx(3.0), "work_ms": pytest.approx(2.0)}}
        assert run(work, 5.0).pipelines[0].quantile(0.5) == pytest.approx(7.0, rel=0.02)
        (tmp_path / "more.csv").write_text("a,b,c\n" + "1,2,3\n" * 40)
        other = documents(tmp_path, self.BOX.replace("rows.csv", "more.csv"))
        other.profiles["measured"].sources = [found]
        assert Workload.of(other, FAST).sources == {}


class TestWorkload:
    def test_among_other_work_and_waking(self, tmp_path: Path) -> None:
        work = Workload.of(documents(tmp_path, profile=MEASURED + AMONG + TWICE), FAST)
        outcome = run(work, 10.0)
        assert outcome.pipelines[0].quantile(0.5) == pytest.approx(16.0, rel=0.02)
        assert not any("warm" in note for note in work.notes)
        assert work.sources == {"numbers": {"work_ms": pytest.approx(8.0)}}

    def test_again_where_the_profile_has_it(self, tmp_path: Path) -> None:
        again = f", again: {{mean: 8ms, runs: 9, quantiles: {NINE.replace('8ms', '5ms')}}}}}]"
        text = MEASURED + AMONG.replace("}]", again)
        work = Workload.of(documents(tmp_path, profile=text), FAST)
        assert work.among["again"] == {0: {1: [pytest.approx(5.0)] * 9}}
        assert run(work, 10.0).pipelines[0].quantile(0.5) == pytest.approx(5.0, rel=0.02)

    def test_older_profiles_are_said_to_be_warm(self, tmp_path: Path) -> None:
        work = Workload.of(documents(tmp_path), FAST)
        assert run(work, 10.0).pipelines[0].quantile(0.5) == pytest.approx(4.0, rel=0.02)
        assert any("run times of words are warm ones" in note for note in work.notes)

    def test_a_newer_profile_without_them_hides_them_not(self, tmp_path: Path) -> None:
        tuned = MEASURED.replace("name: measured", "name: tuned").replace("2026-01", "2026-02")
        work = Workload.of(documents(tmp_path, profile=f"{MEASURED}{AMONG}---\n{tuned}"), FAST)
        assert work.among["models"] == {0: {1: [pytest.approx(8.0)] * 9}}
        assert not any("warm" in note for note in work.notes)

    def test_another_number_of_threads_is_warm(self, tmp_path: Path) -> None:
        profile = MEASURED + AMONG.replace("threads: 1", "threads: 2")
        work = Workload.of(documents(tmp_path, profile=profile), FAST)
        assert any("warm" in note for note in work.notes)

    def test_transforms_are_the_profiles(self, tmp_path: Path) -> None:
        assumed = Assumptions(rates={"cam": 10.0})
        box = documents(tmp_path, CAMERA, shape="1x2x2x1")
        found = measure_transforms(read(tmp_path / "box.yaml"))
        box.profiles["measured"].transforms = [
            one.model_copy(update={"quantiles": [0.123] * 9}) for one in found
        ]
        work = Workload.of(box, assumed)
        assert 123.0 in [pytest.approx(ms) for ms in work.nodes.values()]
        assert not any("in no profile" in note for note in work.notes)
        box.profiles["measured"].transforms[0].key = "0123456789abcdef"
        assert any(
            "in no profile: as measured on this machine" in note for note in Workload.of(box, assumed).notes
        )
