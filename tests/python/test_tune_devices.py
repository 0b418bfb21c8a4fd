"""Tuning devices: what the search picks on devices that are computed, and on a simulated one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

testing = pytest.importorskip("click.testing")

from device_made import BOX, KNOWN, NPU, documents  # noqa: E402
from edgert import _native  # noqa: E402
from edgert.cli import main  # noqa: E402
from edgert.cli.tune import told  # noqa: E402
from edgert.documents import Device, load, read  # noqa: E402
from edgert.documents.check import check  # noqa: E402
from edgert.errors import EngineError  # noqa: E402
from edgert.planner import plan  # noqa: E402
from edgert.profile import to_yaml  # noqa: E402
from edgert.profile.stream_runs import Runs  # noqa: E402
from edgert.tune import FoundStreams, StreamSearch, StreamSetting, StreamTaken, Tuning  # noqa: E402
from edgert.tune.stream_mix import holds, rounds_of  # noqa: E402

GPU = Device(name="gpu", type="cuda")


class Model:
    """Stands in for a StreamBench."""

    def __init__(self, batch: int | str = 1) -> None:
        self.batch, self.least = batch, 1 if batch == "free" else int(batch)


def search(
    rounds: Callable[[int, int, int], float], bound: float | None = None, batch: int | str = 1
) -> FoundStreams:
    """Of one model `m`; `rounds(streams, in_flight, batch)`. Runs are held as long as all of them take."""

    def measure(setting: StreamSetting) -> StreamTaken:
        items = dict(setting.batches)["m"]
        rate = rounds(setting.streams, setting.in_flight, items)
        held = setting.runs * items / rate
        return StreamTaken(rate, {"m": held / setting.in_flight}, {"m": held}, 0.0)

    bounds = {"m": bound} if bound is not None else {}
    benches: Any = {"m": Model(batch)}
    return StreamSearch(GPU, benches, bounds=bounds, measure_one=measure).run()


def saturating(streams: int, in_flight: int, batch: int) -> float:
    """Four streams fill it; two in flight hide what lies between runs."""
    return 100.0 * min(streams, 4) * (1.0 if in_flight > 1 else 0.7)


class TestSearch:
    def test_finds_where_it_saturates(self) -> None:
        found = search(saturating)
        assert (found.setting.streams, found.setting.in_flight) == (4, 2)
        assert found.saturation == found.setting and found.fits
        assert found.gain == pytest.approx(4.0), "over one stream with two in flight, as the document says"
        assert max(way.streams for way in found.tried) == 8, "and looks no further"

    def test_a_bound_keeps_fewer_in_flight(self) -> None:
        found = search(saturating, bound=0.015)
        assert found.fits and found.taken.held["m"] <= 0.015
        assert (found.setting.streams, found.setting.in_flight) == (4, 1)

    def test_an_impossible_bound_takes_what_comes_nearest(self) -> None:
        found = search(saturating, bound=1e-6)
        assert not found.fits
        assert found.taken.held["m"] == min(taken.held["m"] for taken in found.tried.values())

    def test_batches_where_the_device_makes_them(self) -> None:
        found = search(lambda s, f, b: saturating(s, f, b) * min(b, 4) ** 0.5, batch="free")
        assert found.setting == StreamSetting(4, 2, (("m", 4),))
        assert dict(found.saturation.batches) == {"m": 1}

    def test_a_batch_that_is_refused_is_left_out(self) -> None:
        def refusing(streams: int, in_flight: int, batch: int) -> float:
            if batch > 1:
                raise EngineError("no batches")
            return saturating(streams, in_flight, batch)

        assert dict(search(refusing, batch="free").setting.batches) == {"m": 1}
        with pytest.raises(EngineError):
            search(lambda s, f, b: refusing(s, f, 2))

    def test_more_than_a_device_takes_isn_t_tried(self) -> None:
        found = search(lambda s, f, b: 100.0 * s)
        assert found.setting.streams == 64
        assert all(way.runs <= 64 for way in found.tried)


def runs_of(spans: list[tuple[float, float]], lane: int = 0) -> Runs:
    start, end = (np.array(each) for each in zip(*spans, strict=True))
    return Runs(start, start, end, np.full(len(start), lane), np.ones(len(start), int))


class TestMix:
    def test_rounds_are_those_of_equal_shares(self) -> None:
        # Of one stream that is never idle: three runs of 1 s, and one of 2.
        runs = {"a": runs_of([(0, 1), (1, 2), (4, 5)]), "b": runs_of([(2, 4)])}
        assert rounds_of(runs, {"a": 1, "b": 1}) == pytest.approx(1 / 3)
        assert rounds_of(runs, {"a": 1, "b": 4}) == pytest.approx(1 / 1.5)

    def test_what_lies_between_runs_counts(self) -> None:
        assert rounds_of({"a": runs_of([(0, 1), (2, 3), (4, 5)])}, {"a": 1}) == pytest.approx(0.5)

    def test_runs_wait_for_those_ahead_whatever_model_they_are_of(self) -> None:
        held = holds({"a": runs_of([(0, 1), (4, 5)]), "b": runs_of([(1, 4)])}, 2)
        assert held["a"].tolist() == [4]
        assert held["b"].tolist() == [6], "none was seen with so many ahead: as long as they may take"


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tuning]:
    """Of a simulated device that saturates at two streams."""
    folder = tmp_path_factory.mktemp("tuned")
    box = documents(folder, BOX.replace("latency: 60ms\n", ""), npu=NPU.replace("streams: 2", "streams: 1"))
    text = box.read_text().replace(
        "  - {name: two, model: n, from: rows}\noutputs: [one, two]", "outputs: [one]"
    )
    without_n = text[: text.index("kind: Model\nname: n")] + text[text.index("kind: Model\nname: c") :]
    box.write_text(without_n)
    tuning = Tuning(read([box]), seconds=0.1, cores=2)
    tuning.run()
    (folder / "tuned.yaml").write_text(to_yaml(tuning.document("tuned")))
    return box, tuning


class TestSimulated:
    def test_saturates_where_its_profile_says(self, tuned: tuple[Path, Tuning]) -> None:
        """A stream gives 250 a second, two 400, four 400; four items a run of one stream 500."""
        found = tuned[1].devices.found["npu"]
        assert 2 <= found.saturation.streams <= 4, "four where others keep the lanes from a core"
        single = {way.streams: taken.rounds for way, taken in found.tried.items() if way.in_flight == 2}
        assert found.taken.rounds >= 0.98 * max(single.values()) and found.fits
        assert dict(found.setting.batches)["m"] > 1

    def test_what_was_chosen_runs_with_the_documents(self, tuned: tuple[Path, Tuning]) -> None:
        box, tuning = tuned
        whole = load([box, box.parent / "tuned.yaml"])
        setting = tuning.devices.found["npu"].setting
        device = whole.device("npu")
        assert device is not None and device.name == "npu"
        assert (device.streams, device.in_flight) == (setting.streams, setting.in_flight)
        assert whole.devices["npu"].streams == 1, "the document itself stays as it was written"
        lanes = _native.Runtime(plan(whole).spec, lanes=1).metrics()["lanes"]
        assert sum(lane["device"] == "npu" for lane in lanes) == setting.streams
        assert whole.model("m").batch == dict(setting.batches)["m"]
        assert whole.model("c").threads >= 1

    def test_is_told(self, tuned: tuple[Path, Tuning]) -> None:
        said = told(tuned[1])
        assert ", and npu with " in said and "× the throughput of what the documents say" in said

    def test_the_curves_are_drawn(self, tuned: tuple[Path, Tuning], tmp_path: Path) -> None:
        pytest.importorskip("matplotlib")
        from edgert.tune.plot import draw

        draw(tuned[1].found, tmp_path / "tune.svg", "", tuned[1].devices.found)
        assert (
            "runs enqueued" in (tmp_path / "tune.svg").read_text() or (tmp_path / "tune.svg").stat().st_size
        )


def test_the_command_shows_the_curve(tmp_path: Path) -> None:
    box = documents(tmp_path, BOX.replace("latency: 60ms", "latency: 1ms"))
    text = box.read_text()
    at, end = text.index("kind: Model\nname: c"), text.index("kind: Pipeline")
    box.write_text(text[:at] + text[end:])
    done = testing.CliRunner().invoke(
        main, ["tune", str(box), "--seconds", "20ms", "-o", str(tmp_path / "tuned.yaml")]
    )
    assert done.exit_code == 0, done.output
    assert "npu: m and n, a run of m may take 0.6" in done.stdout
    assert "streams\tin flight\tbatch\trounds/s" in done.stdout and "saturated" in done.stdout
    assert "nothing keeps its bounds; this comes nearest" in done.stdout
    assert "can't keep its latency of 1 ms" in done.stdout
    found = load([box, tmp_path / "tuned.yaml"])
    assert [one.device for one in found.profiles["tuned"].chosen.devices] == ["npu"]
    assert {one.device for one in found.profiles["tuned"].models} == {"npu"}


@pytest.mark.parametrize(
    ("choice", "what"),
    [
        ("{device: nqu, streams: 1, in_flight: 1}", "there is no Device 'nqu'"),
        ("{device: npu, streams: 33, in_flight: 2}", "npu has 66 runs"),
        ("{device: npu, streams: 0, in_flight: 2}", "streams"),
        ("{device: npu, streams: 1, in_flight: 1}, {device: npu, streams: 2, in_flight: 1}", "twice"),
    ],
)
def test_a_wrong_choice_is_refused_with_its_line(tmp_path: Path, choice: str, what: str) -> None:
    chosen = KNOWN.replace("models:\n", f"chosen: {{lanes: 1, devices: [{choice}]}}\nmodels:\n", 1)
    found = read([documents(tmp_path, known=chosen)])
    said = "\n".join(str(problem) for problem in [*found.problems, *check(found)])
    assert what in said and "box.yaml:" in said
