"""How fast the box is, against when it was profiled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from edgert.documents import Duration, read
from edgert.documents.profile import Point
from edgert.errors import InvalidError
from edgert.profile import Grid, Profiling, among, subjects, to_yaml
from edgert.profile.among import measure_among
from edgert.profile.bench import Bench
from edgert.profile.pace import Pacer, brought, factor, is_steady, pacer_of, quickest
from edgert.simulate import Assumptions, Workload, run
from profile_made import words
from test_simulate import FAST, documents
from test_simulate_among import AMONG, MEASURED

RATES = FAST.rates


def benches(folder: Path, **delays: int) -> list[Bench]:
    files = [words(folder, name, more=f"delay_us {us}\n") for name, us in delays.items()]
    return [Bench(one) for one in subjects(files)]


class Boxed(Pacer):
    """On a box that is as fast as is said."""

    def __init__(self, folder: Path, *looks: tuple[float, float]) -> None:
        self.looks = iter(looks)
        (self.bench,) = benches(folder, quick=0)
        super().__init__([self.bench])

    def times(self) -> tuple[dict[str, float], float]:
        took, used = next(self.looks)
        return {self.bench.subject.reference: took}, used


class TestPacer:
    def test_a_look_at_models_that_keep_their_pace(self, tmp_path: Path) -> None:
        pacer = Pacer(benches(tmp_path, quick=2000, slow=30000))
        (took,) = pacer.reference.values()  # the slow one is left out
        assert took >= 0.002
        assert pacer.look() >= 0.002 / took

    def test_the_quick_ones_are_looked_at(self, tmp_path: Path) -> None:
        three = benches(tmp_path, a=0, b=0, c=0)
        took = dict(zip((one.subject.reference for one in three), (0.05, 0.004, 0.01), strict=True))
        assert quickest(three, took) == [three[1], three[2]]
        assert quickest(three[:1], took) == three[:1]

    def test_pace_is_against_the_first_look(self, tmp_path: Path) -> None:
        pacer = Boxed(tmp_path, (9.0, 0.0), (2.0, 0.1), (3.0, 0.1), (2.0, 0.0))
        assert pacer.now == 1.0
        assert pacer.paced(lambda: "found") == ("found", pytest.approx(1.25))
        assert pacer.now == pytest.approx(1.5)
        assert pacer.look() == pytest.approx(1.0)

    def test_others_are_not_the_box(self, tmp_path: Path) -> None:
        pacer = Boxed(tmp_path, (9.0, 0.0), (7.0, 0.9), (5.0, 0.5), (2.0, 0.1), (4.0, 0.9), (3.0, 0.2))
        assert list(pacer.reference.values()) == [2.0]
        assert pacer.look() == 1.0  # of the look before
        assert pacer.look() == pytest.approx(1.5)

    def test_noise_is_no_pace(self) -> None:
        assert factor(1.04) == 1.0 and factor(1.3) == 1.3
        assert is_steady(1.3, 1.32) and not is_steady(1.3, 1.0)

    def test_times_are_brought_to_the_reference(self) -> None:
        point = Point.model_validate(
            {"instances": 1, "threads": 1, "batch": 1, "throughput": 100, "runs": 9}
            | {key: "13ms" for key in ("p50", "p90", "p99", "mean")}
        )
        assert brought(point, 1.02) is point
        slow = brought(point, 1.3)
        assert (slow.p50, slow.p99, slow.throughput) == (pytest.approx(0.01), pytest.approx(0.01), 130)
        assert isinstance(slow.p50, Duration)


class TestAmong:
    def test_rounds_are_brought_to_the_reference(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks = [(1.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.5, 0.0), *[(1.5, 0.0)] * 3]
        pacer = Boxed(tmp_path, *looks)
        taken = iter([1.0, 1.2, 1.5, 1.5, 1.5])
        monkeypatch.setattr(among, "_once", lambda *_: among.Round([np.array([next(taken)])], 0.0))
        (found,), _ = measure_among([pacer.bench], 1, 0.02, pacer=pacer)
        assert found.runs == 4  # the box got slower in the second round
        assert [float(each) for each in found.quantiles] == pytest.approx([1.0] * 9)


class TestProfiles:
    def test_written_and_looked_at_again(self, tmp_path: Path) -> None:
        given = subjects([words(tmp_path, "a", more="delay_us 1000\n")])
        profiling = Profiling(given, Grid([1], [1], [1]), seconds=0.01)
        profiling.run()
        (tmp_path / "here.yaml").write_text(to_yaml(profiling.document("here")))
        profile = read(tmp_path / "here.yaml").profiles["here"]
        (one,) = profile.pace
        assert one.took >= 0.001
        again = pacer_of(profile, given)
        assert again.reference == {one.model: pytest.approx(float(one.took))}
        assert again.look() >= 0.001 / one.took
        with pytest.raises(InvalidError, match="no pace of a model that is here"):
            pacer_of(profile, subjects([words(tmp_path, "b")]))

    def test_simulated_at_another_pace(self, tmp_path: Path) -> None:
        box = documents(tmp_path, profile=MEASURED + AMONG)
        slow = Workload.of(box, Assumptions(rates=RATES, pace=1.5))
        assert run(slow, 10.0).pipelines[0].quantile(0.5) == pytest.approx(12.0, rel=0.02)
        alone = Workload.of(documents(tmp_path), Assumptions(rates=RATES, pace=1.5))
        assert run(alone, 10.0).pipelines[0].quantile(0.5) == pytest.approx(6.0, rel=0.02)
        with pytest.raises(InvalidError, match="pace: 0 can't be"):
            Workload.of(box, Assumptions(rates=RATES, pace=0.0))
