"""Workloads on a virtual clock: what profiles, sensors and assumptions make of documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.documents import DocumentErrors, read
from edgert.errors import InvalidError
from edgert.simulate import Assumptions, PipelineOutcome, Workload, advice, fits, run, verdict
from edgert.simulate.outcome import quantile
from profile_made import BOX as SLOW
from profile_made import PROFILE, words

FAST = Assumptions(costs="stated")
POINT = "p50: {0}, p90: {0}, p99: {0}, mean: {0}, runs: 9, throughput: 100"
MEASURED = f"""\
kind: Profile
name: measured
box: {{cpu: Another processor, cores: 2, machine: x86_64}}
date: '2026-01-02T03:04:05Z'
edgert: 0.1.0
engines: {{'null': '1'}}
models:
- model: words
  file: words.null
  content: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  backend: 'null'
  points: [{{instances: 1, threads: 1, batch: 1, {POINT.format("4ms")}}}]
"""
BOX = SLOW.replace("latency: 10s", "latency: 20ms")
CAMERA = """\
kind: Sensor
name: cam
source: {type: push, format: {kind: image, pixel: gray, width: 8, height: 8}}
---
kind: Model
name: words
file: words.null
input: {image: {colour: gray, size: [2, 2], range: [0, 1]}}
---
kind: Pipeline
name: seen
sensor: cam
steps: [{name: said, model: words}]
"""


def documents(folder: Path, box: str = BOX, profile: str = MEASURED, shape: str = "1x3") -> Any:
    words(folder, shape=shape)
    (folder / "box.yaml").write_text(f"{box}---\n{profile}" if profile else box)
    return read(folder / "box.yaml")


def test_a_workload_that_fits(tmp_path: Path) -> None:
    workload = Workload.of(documents(tmp_path), FAST)
    assert (workload.lanes, workload.cores, workload.order) == (2, 2, "edf")  # the profile's box
    assert workload.rates == {"numbers": 50.0}
    outcome = run(workload, 10.0)
    (one,) = outcome.pipelines
    assert (one.asked, one.kept, one.late, one.dropped) == (500, 500, 0, 0)
    assert one.quantile(0.5) == pytest.approx(4.0, rel=0.01)
    assert sum(lane.share for lane in outcome.lanes) == pytest.approx(0.2, rel=0.02)
    assert outcome.models[0].share == pytest.approx(0.1, rel=0.02) and outcome.models[0].runs == 500
    assert sum(sum(each.asked) for each in outcome.slices) == 500
    assert fits(outcome) and verdict(outcome).startswith("fits: every bound is kept in 99.9%")
    assert advice(workload, outcome) == ""


def test_what_is_too_much_is_said_with_what_helps(tmp_path: Path) -> None:
    assumed = Assumptions(rates={"numbers": 700.0}, costs="stated")
    workload = Workload.of(documents(tmp_path), assumed, lanes=1)
    outcome = run(workload, 5.0)
    (one,) = outcome.pipelines
    assert one.asked == pytest.approx(3500, abs=25)  # some are under way at the end
    assert one.kept < 1300  # a lane does 250 a second
    assert one.asked == one.kept + one.late + one.dropped
    assert not fits(outcome) and "default/all misses 6" in verdict(outcome)
    assert "of their rates it fits (numbers" in advice(workload, outcome)


def test_another_lane_may_be_all_that_is_missing(tmp_path: Path) -> None:
    assumed = Assumptions(rates={"numbers": 300.0}, costs="stated")
    workload = Workload.of(documents(tmp_path), assumed, lanes=1)
    assert advice(workload, run(workload, 5.0)) == "with 2 lanes it fits (--lanes 2); the box has 2 cores"


def test_instances_that_are_too_few_are_named(tmp_path: Path) -> None:
    one_at_once = BOX.replace("file: words.null\n", "file: words.null\ninstances: 1\n")
    assumed = Assumptions(rates={"numbers": 300.0}, costs="stated")
    workload = Workload.of(documents(tmp_path, one_at_once), assumed, lanes=2)
    outcome = run(workload, 5.0)
    assert outcome.models[0].instances == 1 and not fits(outcome)
    said = advice(workload, outcome)
    assert (
        "takes one run at once and is busy for" in said and "try instances: 2 in its document first" in said
    )


def test_a_bound_that_nothing_can_keep(tmp_path: Path) -> None:
    given = documents(tmp_path, BOX.replace("latency: 20ms", "latency: 3ms\non_miss: late"))
    workload = Workload.of(given, FAST)
    outcome = run(workload, 5.0)
    assert outcome.pipelines[0].late == 250
    assert "the bound of default/all, 3 ms, is missed in 100.00% even when the box is idle" in advice(
        workload, outcome
    )


def test_a_chosen_number_of_lanes_and_threads_holds(tmp_path: Path) -> None:
    workload = Workload.of(documents(tmp_path, profile=PROFILE), FAST)
    assert workload.lanes == 3
    assert workload.models[0]["threads"] == 2
    assert run(workload, 2.0).pipelines[0].quantile(0.5) == pytest.approx(0.6, rel=0.01)
    assert Workload.of(documents(tmp_path, profile=PROFILE), FAST, lanes=1).lanes == 1


def test_arrivals_are_as_assumed(tmp_path: Path) -> None:
    given = documents(tmp_path)

    def asked(kind: Any) -> list[int]:
        workload = Workload.of(given, Assumptions(arrivals=kind, costs="stated"))
        return [sum(each.asked) for each in run(workload, 60.0).slices]

    even, random, bursts = asked("periodic"), asked("poisson"), asked("bursts")
    assert np.std(even) < 1 < np.std(random) < np.std(bursts)
    assert sum(random) == pytest.approx(3000, rel=0.1) == pytest.approx(sum(bursts), rel=0.2)


def test_conditions_and_rows_by_name(tmp_path: Path) -> None:
    words(tmp_path, "more", more="delay_us 1\n")
    given = documents(tmp_path, GATED, MEASURED + MORE)
    runs = {}
    for share in (0.0, 0.25, 1.0):
        assumed = Assumptions(open={"loud": share}, rows={"said": 1.0}, costs="stated")
        outcome = run(Workload.of(given, assumed), 20.0)
        runs[share] = next(one.runs for one in outcome.models if one.name == "more")
    assert runs[0.0] == 0 and runs[1.0] >= 998 and runs[0.25] == pytest.approx(250, abs=60)
    for wrong in (
        {"open": {"load": 0.5}},
        {"open": {"loud": 1.5}},
        {"rows": {"x": 1.0}},
        {"rows": {"said": -1.0}},
    ):
        with pytest.raises(InvalidError, match=r"--(open|rows)"):
            Workload.of(given, Assumptions(costs="stated", **wrong))  # type: ignore[arg-type]


GATED = BOX.replace(
    "  - {name: said, model: words}\n",
    "  - {name: said, model: words}\n"
    "  - {name: loud, condition: {from: said, above: 0.5, index: 0}}\n"
    "  - {name: again, model: more, when: loud}\n"
    "---\nkind: Model\nname: more\nfile: more.null\ninput: {table: {window: 1}}\n",
)
MORE = MEASURED.partition("models:\n")[2].replace("words", "more").replace("0123", "3210")


def test_a_sensor_that_does_not_say_its_rate_is_refused(tmp_path: Path) -> None:
    given = documents(tmp_path, CAMERA, shape="1x2x2x1")
    with pytest.raises(DocumentErrors, match=r"box.yaml:3: Sensor/cam: doesn't say how often.*--rate cam=10"):
        Workload.of(given, FAST)
    workload = Workload.of(given, Assumptions(rates={"cam": 25.0}, costs="stated"))
    assert run(workload, 4.0).pipelines[0].asked == 100
    with pytest.raises(InvalidError, match="--rate cm: there is no such sensor; did you mean 'cam'"):
        Workload.of(given, Assumptions(rates={"cm": 25.0}))
    with pytest.raises(InvalidError, match="--rate cam: 0 can't be"):
        Workload.of(given, Assumptions(rates={"cam": 0.0}))


def test_frames_that_a_full_inbox_loses_were_asked_for(tmp_path: Path) -> None:
    slow = MEASURED.replace("4ms", "100ms")
    given = documents(tmp_path, CAMERA, slow, shape="1x2x2x1")
    outcome = run(Workload.of(given, Assumptions(rates={"cam": 40.0}, costs="stated"), lanes=1), 10.0)
    (one,) = outcome.pipelines
    assert one.asked == pytest.approx(400, abs=8)
    assert one.kept == pytest.approx(100, abs=8)


def test_models_without_run_times_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidError, match="models: no Profile is given that has run times of words; measure"
    ):
        Workload.of(documents(tmp_path, profile=""), FAST)
    other = MEASURED.replace("- model: words", "- model: others")
    with pytest.raises(InvalidError, match="none of the Profiles has run times of words"):
        Workload.of(documents(tmp_path, profile=other), FAST)


def test_a_profile_of_another_box_is_noted_and_taken(tmp_path: Path) -> None:
    notes = Workload.of(documents(tmp_path), FAST).notes
    assert any("measured on Another processor (x86_64, 2 cores)" in note for note in notes)
    assert any("was another file" in note for note in notes)


def test_keep_free_is_simulated(tmp_path: Path) -> None:
    scheduler = "---\nkind: Scheduler\nname: s\nkeep_free: {lanes: 1, longer_than: 1ms}\n"
    given = documents(tmp_path, BOX.replace("latency: 20ms\n", "") + scheduler)
    assumed = Assumptions(rates={"numbers": 1000.0}, costs="stated")
    free = Workload.of(documents(tmp_path, BOX.replace("latency: 20ms\n", "")), assumed)
    kept = Workload.of(given, assumed)
    assert kept.keep_free is not None
    assert run(kept, 2.0).lanes[1].share + run(kept, 2.0).lanes[0].share < 1.1
    assert sum(lane.share for lane in run(free, 2.0).lanes) > 1.9


def test_quantiles_of_counts() -> None:
    values, counts = np.array([1.0, 2.0, 5.0]), np.array([8, 1, 1])
    found = [quantile(values, counts, at) for at in (0.0, 0.5, 0.8, 0.85, 0.9, 0.99, 1.0)]
    assert found == [1.0, 1.0, 1.0, 2.0, 2.0, 5.0, 5.0]
    assert quantile(np.array([]), np.array([], np.int64), 0.5) is None


def test_a_verdict_names_the_worst_and_by_how_much() -> None:
    late = PipelineOutcome("a/late", 1000, 900, 100, 0, 10.0, np.array([5.0, 30.0]), np.array([900, 100]))
    assert late.data()["p99_ms"] == 30.0
    assert late.share == 0.9 and not late.fits
    from edgert.simulate import Outcome

    outcome = Outcome(1.0, "edf", [late], [], [], [], 0.0)
    assert (
        "1 of 1 pipelines miss too much: a/late misses 10.00% (p99 30 ms, 20 ms over its bound)"
        in verdict(outcome)
    )
