"""Models that may run on several devices: what documents say of them, and what policies decide."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import read
from edgert.explain import explain
from edgert.explain.telling import text
from edgert.planner import plan
from edgert.policies.balance import Balance
from edgert.policy import Decisions, Snapshot
from edgert.policy.apply import Steering
from edgert.policy.outline import outline_of
from edgert.policy.record import Reader
from edgert.policy.table import Refused, judged
from edgert.simulate import Workload
from test_devices import DEVICE, PROFILE, REST, said, write

BOTH = REST.replace("device: npu", "device: [npu, cpu]")
BOX = PROFILE + DEVICE + BOTH
SCHEDULER = "---\nkind: Scheduler\nname: box\nplace: soonest\n"
MOVES = """
import edgert
from edgert.policy import Decisions


class Moves(edgert.Policy):
    def __init__(self, to="cpu"):
        self.to = to

    def place(self, now):
        return {"m": self.to}


class Seen(edgert.Policy):
    def decide(self, now):
        m = now.models["m"]
        expected = m.places["npu"].expected_ms
        return Decisions(note=f"{m.device} of {m.devices}, {sorted(m.places)} {expected:g}")
"""


def pushed(runtime: Runtime, results: Any) -> float:
    """The first number of an answer: 1 of the processor, which echoes, 0 of the simulated device."""
    runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
    return float(np.ravel(next(results).answers["out"].array)[0])


def until(runtime: Runtime, results: Any, wanted: float) -> None:
    end = time.monotonic() + 20
    while pushed(runtime, results) != wanted:
        assert time.monotonic() < end


def test_a_list_runs_on_its_first_and_a_policy_moves_it(tmp_path: Path) -> None:
    path = write(tmp_path, BOX)
    (tmp_path / "moves.py").write_text(MOVES)
    with Runtime(path) as runtime:
        results = runtime.results("p")
        assert pushed(runtime, results) == 0
        assert runtime.metrics()["models"][0]["device"] == "npu"
        runtime.set_policy(f"{tmp_path}/moves.py:Moves")
        until(runtime, results, 1)
        row = runtime.metrics()["models"][0]
        assert row["device"] == "cpu"
        assert {place["device"] for place in row["places"]} == {"npu", "cpu"}
        assert all(place["executed"] > 0 for place in row["places"])
        runtime.set_policy(None)  # where the document says again
        until(runtime, results, 0)
        runtime.finish("s")


def test_a_policy_sees_where_models_are(tmp_path: Path) -> None:
    path = write(tmp_path, BOX)
    (tmp_path / "moves.py").write_text(MOVES)
    with Runtime(path, policy=f"{tmp_path}/moves.py:Seen") as runtime:
        end = time.monotonic() + 20
        while not (note := runtime.metrics()["policy"]["note"]) and time.monotonic() < end:
            time.sleep(0.05)
        assert note == "npu of ('npu', 'cpu'), ['cpu', 'npu'] 4"
        runtime.finish("s")


def test_what_a_policy_can_not_mean_is_refused(tmp_path: Path) -> None:
    planned = plan(read([write(tmp_path, BOX)]))
    outline = outline_of(planned)
    assert judged({"place": {"m": "soonest"}}, outline).place == {"m": "soonest"}
    with pytest.raises(Refused, match="it can run on npu, cpu, or soonest"):
        judged({"place": {"m": "gpu"}}, outline)
    with pytest.raises(Refused, match="no such name of a model"):
        judged({"place": {"rows": "cpu"}}, outline)
    alone = outline_of(plan(read([write(tmp_path, PROFILE + DEVICE + REST)])))
    with pytest.raises(Refused, match=r"it can run on npu$"):
        judged({"place": {"m": "soonest"}}, alone)


def test_a_scheduler_document_sends_each_run_where_it_ends_first(tmp_path: Path) -> None:
    path = write(tmp_path, BOX + SCHEDULER)
    assert "run where they end first" in read([path]).scheduler.told()
    with Runtime(path, lanes=1) as runtime:
        assert runtime.metrics()["models"][0]["device"] == "soonest"
        results = runtime.results("p")
        values = {pushed(runtime, results) for _ in range(20)}
        assert 1 in values  # the processor echoes at once, the device takes 4 ms
        runtime.finish("s")


def test_documents_say_where_a_model_may_run(tmp_path: Path) -> None:
    documents = read([write(tmp_path, BOX)])
    assert documents.models["m"].devices == ("npu", "cpu") and not documents.models["m"].on_lanes
    assert said(tmp_path, BOX) == ""
    assert "runs on any of npu, cpu" in text(explain(plan(documents)))
    only = read([write(tmp_path, REST.replace("device: npu", "device: cpu"))])
    assert only.models["m"].on_lanes and said(tmp_path, REST.replace("device: npu", "device: cpu")) == ""


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("device: [npu, npu]", "'npu' is there twice"),
        ("device: []", "device"),
        ("device: [npu, gpu]", "there is no Device 'gpu'"),
        ("device: [cpu, 7]", "device"),
    ],
)
def test_wrong_lists_are_refused(tmp_path: Path, changed: str, wanted: str) -> None:
    assert wanted in said(tmp_path, PROFILE + DEVICE + REST.replace("device: npu", changed))


def test_no_device_is_called_as_the_processor(tmp_path: Path) -> None:
    for name in ("cpu", "soonest"):
        wrong = DEVICE.replace("name: npu", f"name: {name}")
        assert "give it another name" in said(tmp_path, PROFILE + wrong + REST)


def test_a_session_that_keeps_state_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, BOX)
    (tmp_path / "m.null").write_text("input x float32 1x2\noutput y float32 1x2\ncount\n")
    with pytest.raises(ValueError, match="can't be moved"):
        Runtime(path)


def test_a_simulation_places_as_the_scheduler_document_says(tmp_path: Path) -> None:
    def runs(text: str) -> dict[str, int]:
        workload = Workload.of(read([write(tmp_path, text.replace("rate: 10,", "rate: 900,"))]), lanes=1)
        simulation = workload.simulation()
        simulation.run(2.0)
        return {place["device"]: place["executed"] for place in simulation.metrics()["models"][0]["places"]}

    first, soonest = runs(BOX), runs(BOX + SCHEDULER)
    assert first["cpu"] == 0 and first["npu"] > 0
    assert soonest["cpu"] > 0 and soonest["npu"] > 0
    assert sum(soonest.values()) > sum(first.values()) * 0.99


class Box:
    """Snapshots of a box with two movable models, made through the core's record."""

    def __init__(self) -> None:
        queue = {"is_model": True, "applications": ["a"], "pipelines": [], "most_batch": 1}
        self.outline: dict[str, Any] = {
            "version": 2,
            "devices": {"cpu": 2, "npu": 1},
            "queues": [{"name": name, "devices": ["npu", "cpu"], **queue} for name in ("short", "long")],
            "pipelines": [],
            "applications": [],
            "sensors": [],
        }

    def seen(self, at: float, npu: float, cpu: float, rates: tuple[float, float]) -> Snapshot:
        """The load of each device, and executions a second of 4 and 10 ms (three times that on cpu)."""
        from array import array

        numbers = [2.0, at, at, 3, 2, 4, 0, 0, 0, cpu, cpu, npu]
        for rate, run in zip(rates, (4, 10), strict=True):
            numbers += [0, rate, run, run, run, 0, 0, run, 0]
        for run in (4, 10):
            numbers += [0, 0, run, run, run, 0, run, 0, 0, 3 * run, 3 * run, 3 * run, 0, 3 * run]
        return Reader(self.outline).read(array("d", numbers).tobytes(), {}, {})


def test_balance_moves_once_and_waits() -> None:
    box, policy = Box(), Balance(settle=3.0)
    calm = policy.decide(box.seen(0.0, 0.7, 0.1, (75, 40)))
    assert calm.place == {"short": "npu", "long": "npu"}
    # 30 % and 70 % of npu: short ones on the lanes keep these 0.45 busy, long ones more than npu has now.
    moved = policy.decide(box.seen(1.0, 1.0, 0.1, (75, 70))).place
    assert moved == {"short": "cpu", "long": "npu"}
    assert policy.decide(box.seen(2.0, 1.0, 0.5, (75, 70))).place == moved  # it waits for what is measured
    assert policy.decide(box.seen(9.0, 0.7, 0.5, (75, 70))).place == moved  # neither busy nor calm
    assert policy.decide(box.seen(19.0, 0.1, 0.4, (60, 10))).place["short"] == "npu"


def test_balance_refuses_what_it_can_not_mean() -> None:
    with pytest.raises(ValueError, match="calm"):
        Balance(busy=0.5, calm=0.6)


def test_places_are_told_when_they_change(tmp_path: Path) -> None:
    told: list[list[int]] = []

    class Native:
        def set_places(self, sites: list[int]) -> None:
            told.append(sites)

    outline = outline_of(plan(read([write(tmp_path, BOX)])))
    steering = Steering(Native(), outline, "edf", place="soonest")
    steering.apply(Decisions())
    steering.apply(Decisions(place={"m": "cpu"}))
    steering.apply(Decisions(place={"m": "cpu"}))
    steering.apply(Decisions(place={"m": "npu"}))
    steering.reset()
    assert told == [[1], [0], [-1]]
