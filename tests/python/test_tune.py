"""Tuning: what the search picks on machines that are computed, and what comes of a real one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from edgert.cli import main
from edgert.cli.tune import told
from edgert.documents import DocumentSet, load, read
from edgert.profile import to_yaml
from edgert.profile.grid import Place
from edgert.tune import Bound, Search, Setting, Tuning
from edgert.tune.bounds import bounds_of, share
from edgert.tune.mix import settings
from edgert.tune.race import race
from edgert.tune.search import WORTH
from profile_made import Computed, box


def scaling(instances: int, threads: int, batch: int) -> float:
    """Four cores: instances scale well, threads less so, a batch saves a fixed cost up to 8."""
    cores = min(instances * threads, 4)
    return (
        100
        * cores
        * (0.9 if threads > 1 else 1)
        * min(batch, 8) ** 0.2
        / (1 if instances * threads <= 4 else 1.1)
    )


class TestRace:
    def test_the_best_wins_in_spite_of_noise(self) -> None:
        true = {"a": 100.0, "b": 97.0, "c": 60.0}
        won = 0
        for seed in range(50):
            chance = random.Random(seed)
            ranked = race(["c", "b", "a"], lambda way: true[way] * chance.choice([1.0, 1.0, 0.8]), 8)  # noqa: B023
            assert ranked[2] == "c"
            won += ranked[0] == "a"
        assert won >= 40

    def test_who_is_far_behind_is_dropped(self) -> None:
        calls: list[str] = []

        def measure(way: str) -> float:
            calls.append(way)
            return {"a": 100.0, "b": 97.0, "c": 60.0, "d": 10.0}[way]

        assert race("dcba", measure, 5) == ["a", "b", "c", "d"]
        assert [calls.count(way) for way in "abcd"] == [5, 5, 2, 1]

    def test_one_way_and_none(self) -> None:
        assert race(["a"], lambda way: 1.0) == ["a"]
        assert race([], lambda way: 1.0) == []


class TestSearch:
    def test_instances_and_batch_are_found(self) -> None:
        bench = Computed(scaling)
        found = Search(bench, 4).run()  # type: ignore[arg-type]
        assert found.place == (4, 1, 8)
        assert found.fits and found.point.throughput == max(point.throughput for point in found.points)
        assert len(set(bench.asked)) < 4 * 3 * 6, "not the whole grid"

    def test_threads_where_those_bring_more(self) -> None:
        bench = Computed(lambda i, t, b: 100.0 * t if i == 1 else 60.0, batch=1)
        found = Search(bench, 4).run()  # type: ignore[arg-type]
        assert found.place == (1, 4, 1)
        assert {batch for _, _, batch in bench.asked} == {1}

    def test_more_of_everything_may_be_worse(self) -> None:
        found = Search(Computed(lambda i, t, b: 100.0 / (i * t), batch=1), 4).run()  # type: ignore[arg-type]
        assert found.place == found.saturation == (1, 1, 1)

    def test_saturation_is_the_least_that_gives_nearly_all(self) -> None:
        rates = {(1, 1): 97.0, (4, 1): 100.0, (2, 2): 99.0, (1, 4): 98.5, (8, 1): 90.0}
        found = Search(Computed(lambda i, t, b: rates[i, t], batch=1), 4).run()  # type: ignore[arg-type]
        assert found.saturation == (1, 1, 1)
        assert found.place == (1, 4, 1), "as good as the most, and its runs are the shortest"

    def test_runs_that_wait_may_be_more_than_the_cores(self) -> None:
        found = Search(Computed(lambda i, t, b: 10.0 * i, batch=1), 4).run()  # type: ignore[arg-type]
        assert found.place == (8, 1, 1)

    def test_a_bound_keeps_batches_small(self) -> None:
        free = Search(Computed(scaling), 4).run()  # type: ignore[arg-type]
        bound = float(free.point.p90) / 2
        found = Search(Computed(scaling), 4, bound=bound).run()  # type: ignore[arg-type]
        assert found.fits and found.point.p90 <= bound
        assert found.place[2] < free.place[2]

    def test_an_impossible_bound_takes_what_comes_nearest(self) -> None:
        found = Search(Computed(scaling), 4, bound=1e-9).run()  # type: ignore[arg-type]
        assert not found.fits
        assert found.point.p90 == min(point.p90 for point in found.points)

    def test_a_batch_that_the_engine_refuses_is_left_out(self) -> None:
        from edgert.errors import EngineError

        def rate(instances: int, threads: int, batch: int) -> float:
            if batch > 2:
                raise EngineError("no such batch")
            return scaling(instances, threads, batch)

        assert Search(Computed(rate), 4).run().place == (4, 1, 2)  # type: ignore[arg-type]
        with pytest.raises(EngineError):
            Search(Computed(lambda i, t, b: rate(i, t, 3)), 4).run()  # type: ignore[arg-type]


class TestBounds:
    def test_of_documents(self, tmp_path: Path) -> None:
        (bound,) = bounds_of(read([box(tmp_path)]))
        assert bound == Bound("default/all", 10.0, ("words",))
        assert bounds_of(DocumentSet()) == []

    def test_are_shared_by_run_time(self) -> None:
        bounds = [Bound("p", 0.1, ("a", "b")), Bound("q", 0.2, ("a",))]
        alone = {"a": 0.03, "b": 0.01, "c": 1.0}
        assert share(bounds, "a", alone) == pytest.approx(0.075)
        assert share(bounds, "b", alone) == pytest.approx(0.025)
        assert share(bounds, "c", alone) is None


@pytest.mark.parametrize("command", ["tune", "profile"])
def test_documents_without_a_model_are_refused(tmp_path: Path, command: str) -> None:
    (tmp_path / "box.yaml").write_text("kind: Application\nname: shop\n")
    said = CliRunner().invoke(main, [command, str(tmp_path / "box.yaml")])
    assert said.exit_code == 1 and "there is no model" in said.output


@pytest.mark.parametrize("count", ["0", "999999", "two"])
def test_numbers_of_threads_that_nobody_has_are_refused(count: str) -> None:
    said = CliRunner().invoke(main, ["profile", "model.onnx", "--threads", count])
    assert said.exit_code == 2 and "is no list of numbers of 1 to 1024; write 1,2,4" in said.output


def test_settings_are_tried_once_each() -> None:
    picks = {"a": (4, 1), "b": (1, 4)}
    found = settings(picks, 4, {"a": 1, "b": 1})
    assert found == [
        Setting(4, (("a", 1), ("b", 1))),
        Setting(1, (("a", 4), ("b", 4))),
        Setting(4, (("a", 1), ("b", 4))),
    ]
    assert found[0].described() == "4 lanes, 1 thread a run"


def test_what_was_chosen_runs_with_the_documents(tmp_path: Path) -> None:
    tuning = Tuning(read([box(tmp_path)]), seconds=0.005, cores=2)
    seen: list[str] = []
    tuning.run(seen.append)
    assert tuning.setting is not None and tuning.gain is not None and tuning.gain >= 1 / WORTH
    (tmp_path / "tuned.yaml").write_text(to_yaml(tuning.document("tuned")))
    documents = load([tmp_path / "box.yaml", tmp_path / "tuned.yaml"])
    assert documents.lanes == tuning.setting.lanes in (1, 2, 4)
    assert documents.model("words").instances == tuning.setting.lanes
    assert documents.model("words").threads == dict(tuning.setting.threads)["words"]
    assert any("all together" in what for what in seen)


def test_a_search_that_was_broken_off_has_chosen_nothing(tmp_path: Path) -> None:
    tuning = Tuning(read([box(tmp_path)]), seconds=0.0, cores=2)

    def stop(what: str) -> None:
        if "together" in what:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuning.run(stop)
    document = tuning.document("part")
    assert document.chosen is None and {place_of(point) for point in document.models[0].points} >= {(1, 1, 1)}


def test_a_search_that_was_broken_off_keeps_what_it_measured(tmp_path: Path) -> None:
    tuning = Tuning(read([box(tmp_path)]), seconds=0.0, cores=2)
    left = [3]

    def stop(what: str) -> None:
        left[0] -= "loading" not in what
        if not left[0]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuning.run(stop)
    found = tuning.found["words"]
    assert (
        not found.whole and len(found.points) == 2 and found.place in {point.place for point in found.points}
    )
    assert tuning.document("part").chosen is None and told(tuning).endswith("These measurements are kept")


def place_of(point: object) -> Place:
    return point.place  # type: ignore[attr-defined, no-any-return]
