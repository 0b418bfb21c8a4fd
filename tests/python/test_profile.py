"""Profiles: inputs to measure with, grids, measuring, what is stale, expected run times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.documents import DocumentErrors, Model, load
from edgert.documents.features import Input
from edgert.errors import InvalidError
from edgert.profile import Grid, Profiling, RunTimes, default_grid, run_times, stale, subjects
from edgert.profile import bench as bench_module
from edgert.profile.bench import Bench
from edgert.profile.data import Inputs
from edgert.profile.grid import doublings
from edgert.profile.measuring import pairs
from profile_made import PROFILE, box, words


def tensor(name: str, dtype: str, shape: list[int], scale: float = 0.0) -> dict[str, Any]:
    return {"name": name, "dtype": dtype, "shape": shape, "quant_scale": scale, "quant_zero": 0}


def model(input: dict[str, Any], **more: Any) -> Model:
    return Model(name="m", file="m.onnx", input=Input.model_validate(input), **more)


class TestInputs:
    def test_a_picture_lies_in_its_range(self) -> None:
        inputs = Inputs(
            [tensor("x", "float32", [-1, 3, -1, -1])],
            model({"image": {"size": [40, 20], "layout": "nchw", "range": [-1, 1]}}),
        )
        assert inputs.batch == "free"
        x = inputs.of(2)["x"]
        assert (x.shape, x.dtype) == ((2, 3, 20, 40), np.float32)
        assert -1 <= x.min() < -0.9 and 0.9 < x.max() <= 1
        assert inputs.bytes(2) == x.nbytes
        np.testing.assert_array_equal(x, inputs.of(2)["x"])

    def test_mean_and_deviation_say_a_range_too(self) -> None:
        document = model({"image": {"mean": [127.5], "deviation": [127.5]}})
        x = Inputs([tensor("x", "float32", [1, 8, 8, 3])], document).of(1)["x"]
        assert x.min() >= -1 and x.max() <= 1 and x.min() < -0.5

    @pytest.mark.parametrize("dtype", ["uint8", "int8"])
    def test_quantised_values_take_all_numbers(self, dtype: str) -> None:
        x = Inputs([tensor("x", dtype, [1, 64, 64, 3], 0.1)], None).of(1)["x"]
        assert (x.dtype, x.min(), x.max()) == (dtype, np.iinfo(dtype).min, np.iinfo(dtype).max)

    def test_sound_has_its_window(self) -> None:
        document = model({"audio": {"rate": 16000.0, "window": 512, "gain": 100.0}})
        x = Inputs([tensor("x", "float32", [-1, -1])], document).of(3)["x"]
        assert x.shape == (3, 512) and 90 < x.max() <= 100

    def test_state_and_constants_are_what_the_document_says(self) -> None:
        tensors = [
            tensor("x", "float32", [-1, 4]),
            tensor("state", "float32", [2, -1, 8]),
            tensor("sr", "int64", []),
        ]
        document = model({"features": {}}, constants={"sr": 16000}, state={"state": "stateN"})
        inputs = Inputs(tensors, document)
        assert inputs.batch == 1, "a state belongs to one stream"
        given = inputs.of(1)
        assert given["sr"] == 16000 and given["sr"].shape == ()
        assert given["state"].shape == (2, 1, 8) and not given["state"].any()

    @pytest.mark.parametrize(
        ("shape", "batch"),
        [([4, 8, 8, 3], 4), ([1, 8, 8, 3], 1), ([96, 64], 1), ([-1, 9], "free"), ([-1], 1)],
    )
    def test_batch(self, shape: list[int], batch: int | str) -> None:
        assert Inputs([tensor("x", "float32", shape)], None).batch == batch

    def test_nothing_known_still_runs(self) -> None:
        given = Inputs([tensor("ids", "int64", [-1, -1]), tensor("mask", "bool", [-1, 5])], None).of(2)
        assert given["ids"].shape == (2, 1) and set(np.unique(given["ids"])) <= {0, 1}
        assert given["mask"].shape == (2, 5) and given["mask"].dtype == bool


class TestGrid:
    def test_doublings(self) -> None:
        assert [doublings(count) for count in (1, 2, 6, 8)] == [[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8]]

    def test_places(self) -> None:
        grid = default_grid(2)
        assert grid.places(1, 2) == [(1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 2, 1)]
        assert grid.places(16, 2)[0] == (1, 1, 16), "a fixed batch is the only one"
        assert len(grid.places("free", 2)) == 16
        assert (2, 2, 1) not in Grid([1, 2], [1, 2], [1], full=False).places("free", 1)
        assert (2, 2, 1) in Grid([1, 2], [1, 2], [1]).places("free", 1), "what was asked for is measured"

    @pytest.mark.parametrize(
        "bad", [dict(instances=[0]), dict(batch=[]), dict(threads=[-1]), dict(instances=[257])]
    )
    def test_bad(self, bad: dict[str, list[int]]) -> None:
        with pytest.raises(InvalidError, match="grid: "):
            Grid(**{"instances": [1], "threads": [1], "batch": [1], **bad})

    def test_pairs(self) -> None:
        assert list(pairs(1)) == []
        assert list(pairs(3)) == [(0, 1), (0, 2), (1, 2)]
        assert len(list(pairs(40))) == 40


class TestMeasure:
    def test_lanes_steps_and_rounds(self, tmp_path: Path) -> None:
        sessions = [_native.load_model(str(words(tmp_path))).session() for _ in range(3)]
        x = np.ones((1, 3), np.float32)
        found = _native.measure(
            [[(sessions[0], x), (sessions[1], [x])], [(sessions[2], {"x": x})]], seconds=0.0, least_rounds=5
        )
        assert [[len(runs) for runs in lane["runs"]] for lane in found["lanes"]] == [[5, 5], [5]]
        assert all(
            runs.dtype == np.float64 and (runs > 0).all() for lane in found["lanes"] for runs in lane["runs"]
        )
        assert all(lane["wall"] > 0 for lane in found["lanes"]) and found["busy_cores"] >= 0

    def test_bad(self, tmp_path: Path) -> None:
        session = _native.load_model(str(words(tmp_path))).session()
        x = np.ones((1, 3), np.float32)
        for lanes, said in [
            ([], "no lane"),
            ([[]], "nothing to run"),
            ([[(session, x)], [(session, x)]], "same session"),
            ([[(None, x)]], "no session"),
            ([[(session, x[0])]], "the model has"),
            ([[(session, {"y": x})]], "'x'"),
        ]:
            with pytest.raises(InvalidError, match=said):
                _native.measure(lanes, seconds=0.0)
        for seconds in (-1.0, float("nan"), 1e9):
            with pytest.raises(InvalidError, match="0 to 3600"):
                _native.measure([[(session, x)]], seconds=seconds)
        assert session.run(x)["y"].shape == (1, 3), "the session is free again"

    def test_a_failing_run_is_raised(self, tmp_path: Path) -> None:
        session = _native.load_model(str(words(tmp_path, more='fail "no luck"\n'))).session()
        with pytest.raises(Exception, match="no luck"):
            _native.measure([[(session, np.ones((1, 3), np.float32))]], seconds=1.0)

    def test_versions(self) -> None:
        assert _native.engine_version("null") == "1"
        with pytest.raises(Exception, match="nil"):
            _native.engine_version("nil")


class TestProfiling:
    def test_all_points_and_neighbours(self, tmp_path: Path) -> None:
        files = [words(tmp_path, "a", "?x3"), words(tmp_path, "b", "4x2x2x3")]
        told: list[tuple[int, int, str]] = []
        profiling = Profiling(subjects(files), Grid([1, 2], [1], [1, 3]), seconds=0.005)
        profiling.run(lambda *step: told.append(step))
        document = profiling.document("here")
        first, second = document.models
        assert {point.place for point in first.points} == {(1, 1, 1), (2, 1, 1), (1, 1, 3), (2, 1, 3)}
        assert first.batch == "free" and not first.notes
        assert {point.place for point in second.points} == {(1, 1, 4), (2, 1, 4)}
        assert second.notes == ["its batch is fixed: 4 items a run, and fewer are filled up to that"]
        if document.box.cores > 1:
            assert [beside.beside for beside in first.together] == [str(files[1])]
            assert [beside.beside for beside in second.together] == [str(files[0])]
        assert told[-1][0] == told[-1][1] == len(told) - 3  # two loads, and "done"
        assert not stale(document, {str(file): file for file in files})

    def test_no_room_for_a_batch_leaves_the_others(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bench_module, "memory_left", lambda: 1000)
        profiling = Profiling(
            subjects([words(tmp_path, shape="?x3")]), Grid([1, 2], [1], [1, 64, 65]), seconds=0.0
        )
        profiling.run()
        (model,) = profiling.measured
        assert {point.batch for point in model.points} == {1}
        (note,) = model.notes
        assert note.startswith("batch 64, and greater ones: ") and "MiB are left" in note

    def test_no_room_at_all_is_raised(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bench_module, "memory_left", lambda: 1)
        profiling = Profiling(subjects([words(tmp_path)]), Grid([1], [1], [1]), seconds=0.0)
        with pytest.raises(Exception, match="measure smaller batches"):
            profiling.run()
        assert profiling.measured == []

    def test_what_was_measured_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        measure, made = Bench.measure, list[int]()

        def twice(*given: Any, **more: Any) -> Any:
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(1)
            return measure(*given, **more)

        monkeypatch.setattr(Bench, "measure", twice)
        profiling = Profiling(subjects([words(tmp_path)]), Grid([1, 2, 3], [1], [1]), seconds=0.0)
        with pytest.raises(KeyboardInterrupt):
            profiling.run()
        assert len(profiling.document("part").models[0].points) == 2


class TestSubjects:
    def test_documents_files_and_the_zoo(self, tmp_path: Path) -> None:
        file = words(tmp_path, "other")
        found = subjects([box(tmp_path), file])
        assert [one.reference for one in found] == [str(file), "words"]
        assert found[1].document is not None and found[1].file == tmp_path / "words.null"

    def test_what_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(Exception, match=r"nope\.onnx: no such file"):
            subjects([tmp_path / "nope.onnx"])
        given = box(tmp_path)
        given.write_text(given.read_text().replace("model: words", "model: wrods"))
        with pytest.raises(DocumentErrors, match=r"box\.yaml:15: .*'wrods'"):
            subjects([given])
        (tmp_path / "words.null").unlink()
        with pytest.raises(DocumentErrors, match=r"words\.null doesn't exist"):
            subjects([given])
        given.write_text("kind: Application\nname: a\n")
        with pytest.raises(InvalidError, match="there is no model"):
            subjects([given])


class TestStale:
    def test_reasons(self, tmp_path: Path) -> None:
        (tmp_path / "tuned.yaml").write_text(PROFILE.replace("'null': '1'", "'null': '7', nil: '2'"))
        profile = load([box(tmp_path), tmp_path / "tuned.yaml"]).profiles["measured"]
        reasons = " / ".join(stale(profile, {"words": tmp_path / "words.null"}))
        assert "it was measured on A processor (x86_64, 4 cores)" in reasons
        assert "it was measured with null 7, and this is 1" in reasons
        assert "it was measured with nil 2, which isn't here" in reasons
        assert "the model words was another file than" in reasons
        assert "can't be read" in " ".join(stale(profile, {"words": tmp_path / "gone.null"}))


class TestRunTimes:
    def test_out_of_documents(self, tmp_path: Path) -> None:
        (tmp_path / "tuned.yaml").write_text(PROFILE)
        profile = load([box(tmp_path), tmp_path / "tuned.yaml"]).profiles["measured"]
        times = run_times([profile])["words"]
        assert times() == 0.001, "one run at a time, whatever else was measured"
        assert times(threads=2) == 0.0006 and times(threads=9) == 0.0006
        assert times(batch=2) == pytest.approx(0.0015) and times(batch=4) == pytest.approx(0.0025)
        assert times(batch=6) == pytest.approx(0.0035), "the last step's cost an item"
        assert run_times([profile], device="cuda:0") == {}
        newer = profile.model_copy(deep=True, update={"date": "2027-01-01T00:00:00Z"})
        newer.models[0].points[0].p50 = type(newer.models[0].points[0].p50)("9ms")
        assert run_times([newer, profile])["words"]() == 0.009

    def test_a_fixed_batch_is_filled_up(self, tmp_path: Path) -> None:
        (tmp_path / "tuned.yaml").write_text(PROFILE)
        points = load([box(tmp_path), tmp_path / "tuned.yaml"]).profiles["measured"].models[0].points
        times = RunTimes([point for point in points if point.batch == 4], fixed_batch=4)
        assert [times(batch=batch) for batch in (1, 4, 5)] == [0.0025, 0.0025, 0.005]
        with pytest.raises(ValueError, match="no point"):
            RunTimes([])
