"""What models and transforms take among other work: measured, written, and expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edgert.documents import DocumentErrors, Profile, load, read
from edgert.documents.profile import SHARES, Among
from edgert.profile import Grid, Profiling, RunTimes, run_times, subjects, to_yaml
from edgert.profile.among import lane_counts, measure_among
from edgert.profile.bench import Bench
from edgert.profile.transforms import measure_transforms
from edgert.profile.wake import measure_wake
from profile_made import PROFILE, box, words

NINE = "[1ms, 1ms, 2ms, 2ms, 2ms, 3ms, 3ms, 4ms, 5ms]"
AMONG = f"among: [{{lanes: 1, threads: 1, mean: 2ms, runs: 9, quantiles: {NINE}}}]"


def profile(folder: Path, among: str) -> Any:
    text = PROFILE + f"  {among}\n"
    (folder / "tuned.yaml").write_text(text)
    return load([box(folder), folder / "tuned.yaml"]).profiles["measured"]


class TestMeasured:
    def test_each_model_with_every_number_of_lanes(self, tmp_path: Path) -> None:
        files = [words(tmp_path, "a"), words(tmp_path, "b")]
        profiling = Profiling(subjects(files), Grid([1], [1], [1]), seconds=0.01)
        profiling.run()
        document = profiling.document("here")
        for model in document.models:
            assert [one.lanes for one in model.among] == lane_counts(document.box.cores)
            for one in model.among:
                assert one.runs >= 3 * one.lanes
                assert len(one.quantiles) == len(SHARES)
                assert one.quantiles == sorted(one.quantiles)
                assert one.quantiles[0] <= one.mean
                assert one.again is not None and one.again.runs == one.runs
                assert one.again.quantiles == sorted(one.again.quantiles)
        assert document.wake is not None and document.wake.runs >= 29
        assert document.push is not None and document.push.runs >= 29
        (tmp_path / "here.yaml").write_text(to_yaml(document))
        again = read(tmp_path / "here.yaml").profiles["here"]
        assert [one.lanes for one in again.models[1].among] == lane_counts(document.box.cores)
        assert again.models[1].among[0].again is not None
        assert again.wake is not None and again.wake.runs == document.wake.runs

    def test_further_rounds_are_put_to_those_before(self, tmp_path: Path) -> None:
        profiling = Profiling(subjects([words(tmp_path)]), Grid([1], [1], [1]), seconds=0.01)
        profiling.run()
        before = profiling.document("here")
        runs = [one.runs for one in before.models[0].among]
        profiling.measure_on(0.01)
        after = profiling.document("here")
        assert [one.lanes for one in after.models[0].among] == lane_counts(after.box.cores)
        assert all(one.runs > count for one, count in zip(after.models[0].among, runs, strict=True))
        assert [one.runs for one in before.models[0].among] == runs

    def test_a_run_takes_its_time_whatever_runs_between(self, tmp_path: Path) -> None:
        slow = words(tmp_path, "slow", more="delay_us 3000\n")
        benches = [Bench(one) for one in subjects([slow, words(tmp_path, "quick")])]
        first, second = measure_among(benches, 2, 0.02)
        assert float(first.quantiles[0]) >= 0.003
        assert second.runs == pytest.approx(first.runs, abs=2)

    def test_waking_and_pushing(self) -> None:
        wake, push = measure_wake(frames=20, apart=0.002)
        assert 15 <= wake.runs <= 20
        assert push.runs == 20
        assert 0 < wake.p50 < 1
        assert 0 < push.p50 < 1


class TestTransforms:
    BOX = """\
kind: Sensor
name: cam
source: {type: push, format: {kind: image, pixel: rgb24, width: 64, height: 48}}
---
kind: Model
name: words
file: words.null
input: {image: {colour: rgb, size: [16, 16], range: [0, 1]}}
---
kind: Pipeline
name: seen
sensor: cam
steps: [{name: said, model: words}]
"""

    def measured(self, folder: Path, box: str) -> dict[str, str]:
        words(folder, shape="1x16x16x3")
        (folder / "box.yaml").write_text(box)
        found = measure_transforms(read(folder / "box.yaml"))
        assert all(one.runs >= 60 and one.p50 > 0 for one in found)
        return {one.key: one.op for one in found}

    def test_the_same_is_found_again_and_another_is_not(self, tmp_path: Path) -> None:
        first = self.measured(tmp_path, self.BOX)
        assert list(first.values()) == ["image.to_tensor"]
        renamed = self.BOX.replace("cam", "camera").replace("seen", "looked")
        assert self.measured(tmp_path, renamed).keys() == first.keys()
        assert not self.measured(tmp_path, self.BOX.replace("width: 64", "width: 32")).keys() & first.keys()


class TestDocuments:
    def test_read_and_expected(self, tmp_path: Path) -> None:
        times = run_times([profile(tmp_path, AMONG)])["words"]
        assert times() == pytest.approx(0.002)  # twice what it takes alone
        assert times(1, 4) == pytest.approx(0.005)
        assert times(2) == pytest.approx(0.0006)  # with two threads it was measured alone only

    def test_older_profiles_say_what_they_said(self, tmp_path: Path) -> None:
        old: Profile = load([box(tmp_path), _written(tmp_path)]).profiles["measured"]
        assert old.models[0].among == [] and old.wake is None and old.transforms == []
        assert run_times([old])["words"]() == pytest.approx(0.001)
        assert RunTimes(old.models[0].points)() == pytest.approx(0.001)

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("[1ms, 1ms", "[9ms, 1ms", "don't ascend"),
            ("[1ms, 1ms, ", "[1ms, ", "has 8 items"),
            ("5ms]}]", "5ms]}, " + AMONG[len("among: [") :], "has a number of lanes twice"),
            ("lanes: 1", "lanes: 0", "at least 1"),
        ],
    )
    def test_refused(self, tmp_path: Path, old: str, new: str, said: str) -> None:
        with pytest.raises(DocumentErrors, match=said):
            profile(tmp_path, AMONG.replace(old, new))

    def test_the_median_is_the_quantile_at_a_half(self) -> None:
        one = Among.model_validate({"lanes": 1, "threads": 1, "mean": "5ms", "runs": 9,
                                    "quantiles": [f"{ms}ms" for ms in range(1, 10)]})  # fmt: skip
        assert one.p50 == pytest.approx(0.004)


def _written(folder: Path) -> Path:
    (folder / "tuned.yaml").write_text(PROFILE)
    return folder / "tuned.yaml"
