"""`edgert profile` on devices: what it measures of a simulated one is what that one is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

testing = pytest.importorskip("click.testing")

from device_made import BOX, KNOWN, NPU, documents  # noqa: E402
from edgert.cli import main  # noqa: E402
from edgert.documents import Device, DocumentSet, load, read  # noqa: E402
from edgert.documents.check import check  # noqa: E402
from edgert.documents.placing import measured  # noqa: E402
from edgert.documents.profile import ModelProfile, Profile  # noqa: E402
from edgert.errors import InvalidError  # noqa: E402
from edgert.planner.devices import idle, nearest_in_flight, run_times  # noqa: E402
from edgert.profile import StreamGrid, stale, to_yaml  # noqa: E402
from edgert.profile import run_times as expected  # noqa: E402
from edgert.profile.stream_bench import overlap, slowdown_beside  # noqa: E402
from edgert.profile.stream_runs import Runs  # noqa: E402
from edgert.simulate import Workload  # noqa: E402
from edgert.simulate import run as simulated  # noqa: E402


def run(*arguments: str | Path) -> Any:
    return testing.CliRunner().invoke(main, [str(argument) for argument in arguments])


def runs_of(*spans: tuple[float, float], lane: int = 0, items: int = 1) -> Runs:
    start, end = (np.array(each) for each in zip(*spans, strict=True))
    return Runs(start, start, end, np.full(len(start), lane), np.full(len(start), items))


class TestRuns:
    def test_overlap(self) -> None:
        ours, others = runs_of((0, 4), (4, 8), (9, 10)), runs_of((1, 2), (3, 6))
        assert overlap(ours, others).tolist() == [2, 2, 0]

    def test_what_gets_on_at_half_speed_beside_another(self) -> None:
        # 4 alone: 2 apart, then 4 at half the speed.
        assert slowdown_beside(runs_of((0, 6)), runs_of((2, 8)), 4.0) == pytest.approx(2.0)

    def test_who_hardly_met_says_nothing(self) -> None:
        assert slowdown_beside(runs_of((0, 10)), runs_of((9, 12)), 10.0) is None

    def test_rate_and_hold_are_of_each_stream(self) -> None:
        runs = runs_of((0, 1), (1, 2), (2, 3), (3, 4), items=4)
        assert runs.rate == pytest.approx(4.0)
        assert runs.held(2).tolist() == [2, 2]


class TestGrid:
    def test_has_what_the_document_says(self) -> None:
        device = Device(name="g", type="cuda", streams=3, in_flight=5)
        places = StreamGrid().places(device, 1)
        assert (3, 5, 1) in places and (1, 1, 1) in places and {batch for *_, batch in places} == {1}
        assert all(streams * in_flight <= 64 for streams, in_flight, _ in places)

    def test_what_is_given_is_measured(self) -> None:
        grid = StreamGrid([1, 16], [8], [2])
        assert grid.places(Device(name="g", type="cuda"), "free") == [(1, 8, 2)]
        with pytest.raises(InvalidError, match="65 can't be on a device"):
            StreamGrid([65])


def known(folder: Path) -> DocumentSet:
    return load([documents(folder)])


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Profile]:
    """The documents, and what the command wrote of them."""
    folder = tmp_path_factory.mktemp("profiled")
    box, output = documents(folder), folder / "anew.yaml"
    options = ["--seconds", "300ms", "--instances", "1,2", "--in-flight", "1,2", "--batch", "1,4"]
    done = run("profile", box, *options, "--threads", "1", "-o", output)
    assert done.exit_code == 0, done.output
    assert "m  (null, npu)\nstreams\tin flight" in done.stdout and "far apart" in done.stdout
    return box, load([output]).profiles["anew"]


def of(profile: Profile, model: str, device: str = "npu") -> ModelProfile:
    return next(one for one in profile.models if (one.model, one.device) == (model, device))


class TestSimulated:
    def test_takes_what_its_profile_says(self, profiled: tuple[Path, Profile]) -> None:
        _, profile = profiled
        points = {(*point.place, point.in_flight): point for point in of(profile, "m").points}
        assert len(points) == 8
        for (streams, _, batch, _), point in points.items():
            if (streams, batch) == (2, 4):
                continue  # the known profile doesn't say
            taken = {(1, 1): 4e-3, (2, 1): 5e-3, (1, 4): 8e-3}[streams, batch]
            assert float(point.p50) == pytest.approx(taken, rel=0.25), point
        assert points[1, 1, 1, 2].throughput > points[1, 1, 1, 2].throughput / points[1, 1, 1, 2].taken * 0.9
        assert points[1, 1, 4, 2].throughput > 1.5 * points[1, 1, 1, 2].throughput

    def test_models_beside_each_other(self, profiled: tuple[Path, Profile]) -> None:
        _, profile = profiled
        found = {
            (model.model, one.beside): one.slowdown for model in profile.models for one in model.together
        }
        assert found["m", "n"] == pytest.approx(1.5, rel=0.25)
        assert found["n", "m"] == pytest.approx(2.0, rel=0.25)
        assert {("m", "c"), ("n", "c"), ("c", "m")} <= found.keys()

    def test_what_is_placed_there_isn_t_measured_here(self, profiled: tuple[Path, Profile]) -> None:
        _, profile = profiled
        assert [(one.model, one.device) for one in profile.models] == [
            ("c", "cpu:0"),
            ("m", "npu"),
            ("n", "npu"),
        ]
        assert [(one.name, one.type) for one in profile.box.devices] == [("npu", "sim")]
        assert stale(profile) == []

    def test_a_device_takes_the_new_profile(self, profiled: tuple[Path, Profile]) -> None:
        box, _ = profiled
        text = box.read_text().replace("profile: known", "profile: anew").replace(KNOWN, "")
        anew = read([box.parent / "anew.yaml"])
        (box.parent / "other.yaml").write_text(text.removeprefix("---\n"))
        whole = anew.plus(read([box.parent / "other.yaml"]))
        assert not [*whole.problems, *check(whole)]
        before, after = (simulated(Workload.of(one), 20.0).pipelines[0] for one in (load([box]), whole))
        # The middle alone: what is rare is this machine's, which others may use.
        assert after.quantile(0.5) == pytest.approx(before.quantile(0.5), rel=0.3)

    def test_the_scheduler_expects_it(self, profiled: tuple[Path, Profile]) -> None:
        _, profile = profiled
        times = expected([profile], "npu")
        assert times["m"]() == pytest.approx(4e-3, rel=0.25)
        assert set(expected([profile])) == {"c"}


POINTS = """
  - {instances: 1, threads: 1, batch: 1, in_flight: 1, p50: 2ms, p90: 2ms, p99: 2ms, mean: 2ms, runs: 9, throughput: 250}
  - {instances: 1, threads: 1, batch: 1, in_flight: 2, p50: 2ms, p90: 2ms, p99: 2ms, mean: 2ms, runs: 9, throughput: 500}
  - {instances: 1, threads: 1, batch: 1, in_flight: 4, p50: 3ms, p90: 3ms, p99: 3ms, mean: 3ms, runs: 9, throughput: 500}
  paced: {mean: 3ms, runs: 9, quantiles: [3ms, 3ms, 3ms, 3ms, 3ms, 3ms, 3ms, 3ms, 3ms]}
"""  # noqa: E501


def with_points(folder: Path) -> DocumentSet:
    """A device of which runs in flight were measured."""
    at, end = KNOWN.index("\n  - {"), KNOWN.index("\n  together")
    return load([documents(folder, known=KNOWN[:at] + POINTS.rstrip() + KNOWN[end:])])


class TestTimes:
    def test_are_those_of_as_many_in_flight(self, tmp_path: Path) -> None:
        model = with_points(tmp_path).profiles["known"].models[0]
        for wanted, nearest in ((1, 1), (2, 2), (3, 2), (64, 4)):
            assert {point.in_flight for point in nearest_in_flight(model.points, wanted)} == {nearest}
        assert nearest_in_flight(model.points[:0], 2) == []

    def test_a_run_keeps_its_stream_as_long_as_it_did(self, tmp_path: Path) -> None:
        model = with_points(tmp_path).profiles["known"].models[0]
        assert run_times(model, 1, {}, 1)["points"] == [(1, 1, 1, 4.0, 4.0, 4.0, 0.0)]
        assert run_times(model, 1, {}, 2)["points"] == [(1, 1, 1, 2.0, 2.0, 2.0, 0.0)]

    def test_what_a_run_waits_to_begin_is_told_once(self, tmp_path: Path) -> None:
        model = with_points(tmp_path).profiles["known"].models[0]
        behind = nearest_in_flight(model.points, 2)
        assert idle(model, behind) == pytest.approx(1e-3)
        assert idle(model, nearest_in_flight(model.points, 1)) == 0, "each run waits so long"
        assert idle(model.model_copy(update={"paced": None}), behind) == 0

    def test_simulations_take_them(self, tmp_path: Path) -> None:
        box = with_points(tmp_path)
        only = {
            "steps": [step for step in box.pipelines["p"].steps if step.name != "two"],
            "outputs": ["one"],
        }
        box.pipelines["default/p"] = box.pipelines["default/p"].model_copy(update=only)
        found = simulated(Workload.of(box), 5.0).pipelines[0]
        assert found.quantile(0.5) == pytest.approx(3.0, rel=0.02), "2 ms, and 1 as the stream is idle"

    def test_a_device_without_a_profile_is_known_by_its_name(self, tmp_path: Path) -> None:
        box = load([documents(tmp_path, npu="kind: Device\nname: npu\ntype: cuda\n")])
        found = measured("m", box.devices["npu"], box)
        assert found is not None and found.device == "npu"
        assert measured("c", box.devices["npu"], box) is None
        assert measured("m", Device(name="other", type="cuda"), box) is None

    def test_are_written_and_read(self, tmp_path: Path) -> None:
        profile = with_points(tmp_path).profiles["known"].model_copy(update={"engines": {"null": "1"}})
        (tmp_path / "again.yaml").write_text(to_yaml(profile))
        again = load([tmp_path / "again.yaml"]).profiles["known"]
        assert again.models == profile.models


def test_a_gpu_that_isn_t_here_makes_a_profile_stale(tmp_path: Path) -> None:
    text = KNOWN.replace(
        "machine: x86_64}", "machine: x86_64, devices: [{name: gpu, type: cuda, what: Big}]}"
    )
    (tmp_path / "profile.yaml").write_text(text)
    (said,) = [one for one in stale(load([tmp_path / "profile.yaml"]).profiles["known"]) if "gpu" in one]
    assert said == "its device gpu was Big, which isn't here"


GPU = "kind: Device\nname: gpu\ntype: cuda\nprofile: later\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "nqu"], "device 'nqu': there is no such Device document; did you mean 'npu'?"),
        (["--device", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["--device", "models.yaml"], "--device models.yaml: there is no Device document in it"),
        (["--device", "npu"], "device 'npu': its profile 'known' has no run times of c"),
        (["--in-flight", "99"], "grid: in flight: 99 can't be on a device; give 1 to 64"),
    ],
)
def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    documents(tmp_path)
    (tmp_path / "models.yaml").write_text(BOX)
    done = run("profile", "box.yaml", "--quick", *arguments)
    assert done.exit_code == 1 and said in done.output, done.output
    assert "Traceback" not in done.output


def test_models_are_measured_where_one_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    documents(tmp_path)
    (tmp_path / "npu.yaml").write_text(
        f"{KNOWN.replace('model: m', 'model: m.null').replace('beside: m', 'beside: m.null')}---\n{NPU}"
    )
    options = ["--seconds", "20ms", "--instances", "1", "--in-flight", "2", "--batch", "1", "--alone"]
    done = run("profile", "m.null", "--device", "npu.yaml", "--device", "cpu", *options, "-o", "both.yaml")
    assert done.exit_code == 0, done.output
    found = load(["both.yaml"]).profiles["both"].models
    assert [(one.model, one.device) for one in found] == [("m.null", "cpu:0"), ("m.null", "npu")]


def test_a_gpu_is_measured_before_its_profile_is_written(tmp_path: Path) -> None:
    """Where there is none, that is what is said."""
    onnx = pytest.importorskip("onnx")
    from test_devices_cuda import reason, write

    assert onnx
    box = write(tmp_path, f"{GPU}---\n" + BOX.replace("m.null", "m.onnx").replace("device: npu\n", ""))
    documents(tmp_path, known="", npu=box.read_text())
    done = run("profile", tmp_path / "box.yaml", "--device", "gpu", "--quick", "--alone")
    assert "there is no Profile" not in done.output
    if reason() is not None:
        assert done.exit_code == 1 and "Traceback" not in done.output, done.output


def test_simulations_name_the_device_that_nobody_measured(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from test_devices_cuda import DOCUMENTS, write

    box, profile = write(tmp_path, DOCUMENTS), tmp_path / "profile.yaml"
    options = ["--profile", profile, "--transforms=stated", "--for", "2s"]
    profile.write_text(KNOWN)
    done = run("simulate", box, *options)
    assert done.exit_code == 1
    said = "none of the Profiles has run times of m on device 'gpu'; measure them on that box"
    assert said in done.output, done.output
    profile.write_text(KNOWN.replace("device: npu", "device: gpu"))
    done = run("simulate", box, *options)
    assert done.exit_code == 0 and "2 streams of gpu" in done.stdout, done.output
