"""Slow runs come in spells: profiles measure that, and simulations do the like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.documents import DocumentErrors, Duration, Profile, load
from edgert.documents.profile import Spread
from edgert.errors import InvalidError
from edgert.profile import Grid, Profiling, subjects, to_yaml
from edgert.profile.spells import SLOW, Series, spells
from edgert.simulate import Workload, run
from edgert.simulate.times import _ms
from profile_made import PROFILE, box, words
from test_simulate import FAST, MEASURED, documents
from test_simulation_native import MODELS, plan

SAID = "spells: {lanes: 2, runs: 5000, share: 0.02, same: 0.3, others: 0.12, lasting: 40ms}\n"
TOGETHER = (0.02, 1, 0.5, 0.0, 200.0)
RARE = [4.0] * 7 + [40.0, 40.0]
"""ms of runs: a fiftieth, or a little more, take long."""


def series(seed: int, slow_within: float, seconds: float = 60.0) -> list[Series]:
    """Two lanes with runs of a millisecond and a half, half a second of whose 5 s is a spell on both."""
    random = np.random.default_rng(seed)
    lanes = []
    for lane in range(2):
        begins = np.arange(0.0, seconds, 0.0015) + lane * 0.0004
        within = (begins % 5.0) < 0.5
        slow = random.random(len(begins)) < np.where(within, slow_within, 0.0)
        took = 0.001 + 0.0001 * random.random(len(begins)) + 0.004 * slow
        lanes.append(Series(np.arange(len(begins)) % 3, begins, took))
    return lanes


class TestMeasured:
    def test_slow_runs_that_come_together_are_seen(self) -> None:
        found = spells([series(1, 0.2), series(2, 0.2)])
        assert found is not None and found.lanes == 2
        assert found.share == pytest.approx(SLOW, rel=0.05)
        assert found.same == pytest.approx(0.2, abs=0.05)
        assert found.others == pytest.approx(0.2, abs=0.05)
        assert 0.1 < float(found.lasting) <= 0.5

    def test_where_they_come_one_by_one_there_are_none(self) -> None:
        random = np.random.default_rng(3)
        mixed = [
            Series(one.kinds, one.begins, random.permutation(one.took))
            for one in series(1, 0.2, seconds=100.0)
        ]
        found = spells([mixed])
        assert found is not None
        assert found.same == pytest.approx(SLOW, abs=0.01)
        assert found.others == pytest.approx(SLOW, abs=0.01)

    def test_of_too_few_nothing_is_said(self) -> None:
        assert (
            spells([[Series(one.kinds[:90], one.begins[:90], one.took[:90]) for one in series(1, 0.2)]])
            is None
        )
        even = [Series(one.kinds, one.begins, np.full(len(one.took), 0.001)) for one in series(1, 0.2)]
        assert spells([even]) is None

    def test_runs_of_one_lane_are_in_order(self, tmp_path: Path) -> None:
        files = [words(tmp_path, "a", more="delay_us 300\n"), words(tmp_path, "b", more="delay_us 600\n")]
        profiling = Profiling(subjects(files), Grid([1], [1], [1]), seconds=0.03)
        profiling.run()
        (first, *_) = profiling._rounds[1]
        (lane,) = first.lanes
        assert lane.kinds[:4].tolist() in ([0, 1, 2, 3], [2, 3, 0, 1])
        assert (np.diff(lane.begins) > 0).all()
        assert (lane.begins[1:] - lane.begins[:-1] >= 0.9 * lane.took[:-1]).all()
        document = profiling.document("here")
        text = to_yaml(document)
        assert document.spells is None or "spells: {" in text


class TestDocument:
    def said(self, folder: Path, text: str) -> Profile:
        (folder / "measured.yaml").write_text(PROFILE + text)
        return load([box(folder), folder / "measured.yaml"]).profiles["measured"]

    def test_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        found = self.said(tmp_path, SAID)
        assert SAID in to_yaml(found)
        assert found.spells is not None and float(found.spells.lasting) == pytest.approx(0.04)

    @pytest.mark.parametrize(("old", "new"), [("0.3", "1.3"), ("lanes: 2", "lanes: 0"), ("40ms", "-1ms")])
    def test_refused(self, tmp_path: Path, old: str, new: str) -> None:
        with pytest.raises(DocumentErrors):
            self.said(tmp_path, SAID.replace(old, new))


class TestSimulated:
    def tail(self, folder: Path, **among: Any) -> tuple[float, float]:
        """The share of the lane's time, and the 99th percentile, of runs of which few take long."""
        spec, _ = plan(folder, inbox="queue", queue=200, in_flight=32)
        arrivals = {"s": {"kind": "poisson", "period_ms": 8.0}}
        among = {"models": {0: {1: RARE}}, "again": {0: {1: RARE}}, **among}
        simulation = _native.Simulation(spec, 1, models=MODELS, arrivals=arrivals, among=among)
        simulation.run(5000.0)
        latencies, counts = simulation.latency(0)
        at = float(latencies[np.searchsorted(np.cumsum(counts), 0.99 * counts.sum())])
        return simulation.metrics()["lanes"][0]["busy_s"] / 5000.0, at

    def test_as_many_slow_runs_wait_for_each_other_when_they_come_together(self, tmp_path: Path) -> None:
        apart, together = self.tail(tmp_path), self.tail(tmp_path, spells=TOGETHER)
        assert together[0] == pytest.approx(apart[0], rel=0.05)
        assert together[1] > 1.5 * apart[1]

    def test_workloads_have_those_of_the_newest_profile(self, tmp_path: Path) -> None:
        made = documents(tmp_path, profile=MEASURED + SAID)
        work = Workload.of(made, FAST)
        assert work.among["spells"] == (0.02, 2, 0.3, 0.12, pytest.approx(40.0))
        first, again = run(work, 20.0, seed=3), run(work, 20.0, seed=3)
        assert first.pipelines[0].latencies_ms.tolist() == again.pipelines[0].latencies_ms.tolist()
        assert first.pipelines[0].counts.tolist() == again.pipelines[0].counts.tolist()
        assert "spells" not in Workload.of(documents(tmp_path), FAST).among

    @pytest.mark.parametrize(
        "wrong", [(2.0, 1, 0.5, 0.0, 1.0), (0.1, 0, 0.5, 0.0, 1.0), (0.1, 1, 0.5, 0.0, -1.0), (0.1, 1)]
    )
    def test_wrong_figures_are_refused(self, tmp_path: Path, wrong: tuple[float, ...]) -> None:
        with pytest.raises((InvalidError, RuntimeError)):
            self.tail(tmp_path, spells=wrong)


class TestPieces:
    def whole(self) -> Spread:
        """10 ms, of which few take 14: a core was away for 4 ms."""
        times = [Duration(ms / 1e3) for ms in (9.0, 9.5, 9.8, 10.0, 10.2, 10.4, 10.5, 14.5, 14.5)]
        return Spread(mean=Duration(0.01), runs=1000, quantiles=times)

    def test_pieces_are_hit_more_seldom_and_as_hard(self) -> None:
        half = _ms(self.whole(), 0.5)
        assert half[:7] == pytest.approx([4.5, 4.75, 4.9, 5.0, 5.1, 5.2, 5.25])
        assert half[7] == pytest.approx(5.25 + 3.0)  # as the whole at 98 %
        assert half[8] == pytest.approx(5.25 + 4.0)
        assert half == sorted(half)

    def test_a_whole_model_is_as_measured(self) -> None:
        assert _ms(self.whole()) == pytest.approx([9.0, 9.5, 9.8, 10.0, 10.2, 10.4, 10.5, 14.5, 14.5])

    def test_two_halves_take_as_long_as_the_whole_also_where_they_are_slow(self) -> None:
        def drawn(spread: list[float], seed: int) -> Any:
            shares = np.random.default_rng(seed).random(200_000)
            return np.interp(shares, (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999), spread)

        whole = drawn(_ms(self.whole()), 1)
        halves = drawn(_ms(self.whole(), 0.5), 2) + drawn(_ms(self.whole(), 0.5), 3)
        scaled = drawn([ms / 2 for ms in _ms(self.whole())], 2) + drawn(
            [ms / 2 for ms in _ms(self.whole())], 3
        )
        assert np.quantile(halves, 0.99) == pytest.approx(np.quantile(whole, 0.99), rel=0.06)
        assert np.quantile(scaled, 0.99) < 0.9 * np.quantile(whole, 0.99)  # as it was once
