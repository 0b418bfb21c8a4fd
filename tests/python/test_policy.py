"""Policies: what they see, what is believed of them, what the shipped ones decide, what takes effect."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import DocumentErrors, Policy, load, read
from edgert.errors import InvalidError
from edgert.policies import SHIPPED
from edgert.policies.adaptive import Adaptive
from edgert.policies.latency_first import LatencyFirst
from edgert.policies.stability import Stability
from edgert.policies.throughput_first import ThroughputFirst
from edgert.policy import Decisions, KeepFree, Order
from edgert.policy.apply import Steering
from edgert.policy.chosen import Chosen, choose
from edgert.policy.gauges import Gauges
from edgert.policy.mailbox import HEAD, SLOTS, TOP, Mailbox, TooLong
from edgert.policy.record import Mismatch, Reader, made_up
from edgert.policy.table import Refused, judged, parse, plain
from edgert.policy.trial import try_out
from policy_outline import outline, snapshot

# -- what they see


def test_a_record_becomes_a_snapshot_that_cannot_be_changed() -> None:
    now = snapshot(waiting=(3, 0), alarm=(15, 5))
    assert list(now.queues) == list(now.models) == ["short", "long"]
    assert (now.queues["short"].waiting, now.queues["long"].run_ms, now.load) == (3, 40.0, 0.5)
    alarm = now.pipelines["a/alarm"]
    assert (alarm.bound_ms, alarm.missed, alarm.queues) == (50.0, 0.25, ("short",))
    assert now.temperatures_c == {"soc": 61.5} and now.powers_w == {}
    with pytest.raises(dataclasses.FrozenInstanceError):
        now.uptime_s = 0.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        now.queues["short"] = now.queues["long"]  # type: ignore[index]


def test_a_slowdown_is_over_the_quickest_median() -> None:
    reader = Reader(outline())
    first = [snapshot(runs_ms=(run, 40), reader=reader).queues["short"].slowdown for run in (8, 4, 6)]
    assert first == [1.0, 1.0, 1.5]


@pytest.mark.parametrize("record", [b"", b"123", b"\0" * 8, made_up({**outline(), "sensors": []})])
def test_a_record_of_something_else_is_refused(record: bytes) -> None:
    with pytest.raises((Mismatch, IndexError)):
        Reader(outline()).read(record, {}, {})


def test_gauges_read_what_the_box_tells(tmp_path: Path) -> None:
    files = {
        "thermal/thermal_zone0/type": "soc-thermal", "thermal/thermal_zone0/temp": "61500",
        "thermal/thermal_zone1/temp": "",
        "hwmon/hwmon0/name": "ina3221", "hwmon/hwmon0/curr1_input": "1500", "hwmon/hwmon0/in1_input": "5000",
        "hwmon/hwmon0/in1_label": "VDD_IN",
        "hwmon/hwmon1/name": "fan", "hwmon/hwmon1/power1_input": "2500000",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    gauges = Gauges(tmp_path)
    gauges.look()
    assert gauges.temperatures == {"soc-thermal": 61.5}
    assert gauges.powers == {"VDD_IN": 7.5, "fan power1": 2.5}


# -- the way between the processes


def test_a_mailbox_gives_the_newest_whole_message_once() -> None:
    box = Mailbox(100)
    other = Mailbox(fd=os.dup(box.fd))
    assert other.read() is None
    for message in (b"one", b"two", b"three"):
        box.write(message)
    assert other.read() == b"three" and other.read() is None
    with pytest.raises(TooLong):
        box.write(b"x" * 1000)
    box.write(b"four")
    at = SLOTS + box._slot * 0
    box._map[at + HEAD.size] ^= 255  # torn
    assert other.read() is None
    TOP.pack_into(box._map, 0, b"EDGERTP1", 2**63)  # a number from nowhere
    HEAD.pack_into(box._map, at, 2**63, 2**32 - 1, 0)  # longer than the memory
    assert other.read() is None
    with pytest.raises(OSError):
        os.ftruncate(box.fd, 10)
    box.close()
    other.close()


def said(**parts: Any) -> Any:
    return parse(json.dumps(parts).encode())


GOOD = Decisions(
    order=Order("slack", applications={"a": -5.0}, queues={"long": 7}),
    admit={"b": 0.5, "b/count": 0.5},
    batch={"long": 8},
    place={"short": "cpu"},
    keep_free=KeepFree(1, ("long",), 8.5),
    note="why",
)


def test_a_table_comes_back_as_it_was_meant() -> None:
    assert judged(parse(json.dumps(plain(GOOD)).encode()), outline()) == GOOD
    numpy = Decisions(admit={"b": np.float32(0.5)}, batch={"long": np.int64(2)})  # type: ignore[dict-item]
    assert judged(plain(numpy), outline()).admit == {"b": 0.5}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([], "no message"),
        ({"order": 3}, "the order is no order"),
        (
            {"order": {"base": "lifo"}},
            "the order's base is 'lifo'; known are fifo, edf, slack, priority, fair",
        ),
        ({"order": {"base": ["edf"]}}, "the order's base is"),
        (
            {"order": {"base": "edf", "applications": {"c": 1}}},
            "names 'c', and there is no such name of an app",
        ),
        (
            {"order": {"base": "edf", "queues": {"long": 1e12}}},
            "is 1e\\+12; it may be -3.6e\\+06 to 3.6e\\+06",
        ),
        ({"order": {"base": "fair", "queues": {"long": 1}}}, "fair takes no offsets"),
        ({"admit": [1]}, "admit is of the type list"),
        ({"admit": {"a": True}}, "admit of 'a' is of the type bool, not a number"),
        ({"admit": {"a": "0.5"}}, "of the type str, not a number"),
        ({"admit": {"a": None}}, "is None, not a number"),
        ({"admit": {"a": float("inf")}}, "admit of 'a' is inf"),
        ({"admit": {"a": -0.1}}, "it may be 0 to 1"),
        ({"batch": {"short": 2}}, "batch of 'short' is 2; it may be 1 to 1"),
        ({"batch": {"long": 1.5}}, "not a whole number"),
        ({"batch": {"long": 0}}, "it may be 1 to 8"),
        ({"place": {"short": "gpu"}}, "place of 'short' is 'gpu'; it can run on cpu"),
        ({"place": {"short": {"type": "list"}}}, "it can run on cpu"),
        ({"keep_free": 3}, "keep_free is no KeepFree"),
        ({"keep_free": {"lanes": 1.5}}, "the lanes of keep_free are 1.5, not a whole number"),
        ({"keep_free": {"lanes": -1}}, "it may be 0 to 64"),
        ({"keep_free": {"lanes": 1, "queues": {"middle": 1}}}, "names 'middle', and there is no such name"),
        ({"keep_free": {"lanes": 1, "longer_ms": float("nan")}}, "longer_ms of keep_free is nan"),
    ],
)
def test_nonsense_is_refused_with_its_reason(table: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        judged(parse(json.dumps(table).encode()), outline())


@pytest.mark.parametrize(
    "message", [b"", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 9999 + b"}", b"NaN"]
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(Refused, match="no message"):
        parse(message)


# -- what takes effect


class Core:
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.calls.append((name, *given))


def test_only_what_changed_reaches_the_core() -> None:
    core = Core()
    steering = Steering(core, outline(), "edf")
    steering.apply(Decisions())
    assert core.calls == []
    steering.apply(GOOD)
    steering.apply(GOOD)
    table = ("set_table", "slack", [-5.0, 0.0], [0.0, 0.0], [0.0, 7.0])
    kept = ("keep_free", 1, 8.5, [False, True])
    assert core.calls == [table, kept, ("set_admission", [1.0, 0.25])]
    steering.apply(Decisions(order=Order("fair")))
    assert core.calls[3:] == [("set_order", "fair"), ("keep_free", 0), ("set_admission", [1.0, 1.0])]
    steering.set_default("fifo")  # the policy decides it
    assert core.calls[6:] == []
    steering.reset()
    steering.set_default("slack")
    assert core.calls[6:] == [("set_order", "fifo"), ("set_order", "slack")]


def test_what_documents_keep_free_comes_back() -> None:
    core = Core()
    steering = Steering(core, outline(), "edf", KeepFree(1, longer_ms=8.0))
    steering.apply(Decisions())
    assert core.calls == []  # it holds already
    steering.apply(Decisions(keep_free=KeepFree(2, ("short",))))
    steering.reset()
    assert core.calls == [("keep_free", 2, math.inf, [True, False]), ("keep_free", 1, 8.0, [])]


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (3, "keep_free is of the type int, not a KeepFree"),
        (KeepFree(1, "long"), "are of the type str, not a tuple"),  # type: ignore[arg-type]
    ],
)
def test_what_keeps_nothing_free_is_refused(keep: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        plain(Decisions(keep_free=keep))


TWO = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 1280, height: 720}}
inbox: {policy: queue, size: 32, in_flight: 16}
---
kind: Sensor
name: other
source: {type: push, format: {kind: image, pixel: rgb24, width: 1280, height: 720}}
inbox: {policy: queue, size: 32, in_flight: 16}
---
kind: Application
name: a
---
kind: Pipeline
name: one
application: a
sensor: camera
steps: [{name: t, transform: image.to_tensor, from: frame, params: {width: 1280, height: 720, scale: 1.0}}]
---
kind: Pipeline
name: two
application: a
sensor: other
steps: [{name: t, transform: image.to_tensor, from: frame, params: {width: 1280, height: 720, scale: 1.0}}]
"""


@pytest.mark.parametrize("urgent", ["a/one", "a/two"])
def test_an_offset_lets_work_overtake(tmp_path: Path, urgent: str) -> None:
    box = tmp_path / "box.yaml"
    box.write_text(TWO)
    file = tmp_path / "mine.py"
    file.write_text(
        "from edgert.policy import Order, Policy\n"
        "class Mine(Policy):\n"
        f"    def order(self, now): return Order('fifo', pipelines={{{urgent!r}: -60000.0}})\n"
    )
    runtime = Runtime(box, lanes=1, policy=f"{file}:Mine")
    latencies: dict[str, list[float]] = {"a/one": [], "a/two": []}
    runtime.on_result(None, lambda result: latencies[result.pipeline].append(result.latency_ms))
    with runtime:
        until = time.monotonic() + 60
        while not runtime.metrics()["policy"]["tables"]:
            assert time.monotonic() < until, runtime.metrics()["policy"]
            time.sleep(0.01)
        picture = np.zeros((720, 1280, 3), np.uint8)
        for _ in range(15):  # the lane is busy from the first one on; the rest waits
            for sensor in ("camera", "other"):
                runtime.push(sensor, picture)
        for sensor in ("camera", "other"):
            runtime.finish(sensor)
        assert runtime.wait(60)
    other = "a/two" if urgent == "a/one" else "a/one"
    assert len(latencies[urgent]) == len(latencies[other]) == 15
    assert max(latencies[urgent]) < max(latencies[other])
    assert sum(latencies[urgent]) < sum(latencies[other])


# -- the shipped ones


@pytest.mark.parametrize("name", SHIPPED)
def test_each_shipped_policy_decides(name: str) -> None:
    decided = try_out(choose(name), outline())
    assert decided.order is not None or name == "balance"  # which leaves it as it is


def test_latency_first_takes_from_who_has_no_bound_while_bounds_are_missed() -> None:
    policy = LatencyFirst()
    assert policy.decide(snapshot()).admit == {"b/count": 1.0}
    shares = [policy.decide(snapshot(alarm=(15, 5))).admit["b/count"] for _ in range(20)]
    assert shares[0] == pytest.approx(2 / 3) and shares[-1] == 0.05
    assert policy.decide(snapshot()).admit["b/count"] == pytest.approx(0.07)


def test_throughput_first_prefers_short_work_and_large_batches() -> None:
    policy = ThroughputFirst(patience=10)
    order = policy.order(snapshot())
    assert order.queues == {"short": 50.0, "long": 400.0}
    assert policy.batch(snapshot()) == {"short": 1, "long": 8}


def test_adaptive_goes_from_deadlines_to_short_work_by_load() -> None:
    policy = Adaptive()
    calm = policy.decide(snapshot(lanes=(0.4, 0.4)))
    assert calm.order is not None and not calm.order.shifted and calm.batch["long"] == 1
    assert calm.order.base == "edf"
    for _ in range(30):
        busy = policy.decide(snapshot(lanes=(1, 1)))
    assert busy.order is not None and busy.order.queues["long"] > busy.order.queues["short"] > 0
    assert busy.order.base == "moore-hodgson"
    assert busy.batch["long"] == 8 and busy.admit == {}  # nothing is missed: nobody gives way
    for _ in range(10):
        overloaded = policy.decide(snapshot(lanes=(1, 1), alarm=(10, 10), devices=(0.4, 1.6)))
    assert set(overloaded.admit) == {"b"} and overloaded.admit["b"] < 0.5
    with pytest.raises(ValueError, match="0 <= calm < busy <= 1"):
        Adaptive(calm=0.9, busy=0.8)


def test_stability_prefers_what_helps_all_queues() -> None:
    policy = Stability()
    # Both have work; the short one's bound is near, and a long run would keep its lane from it.
    decided = policy.decide(snapshot(waiting=(4, 1)))
    assert decided.order is not None and decided.order.queues["short"] == 0.0 < decided.order.queues["long"]
    # Only the long one has work.
    decided = policy.decide(snapshot(waiting=(0, 9), rates=(0, 20)))
    assert decided.order is not None and decided.order.queues == {"long": 0.0}


# -- documents and commands


def written(folder: Path, policy: str) -> Path:
    box = folder / "box.yaml"
    sensor = TWO.partition("---")[0].replace("width: 1280, height: 720", "width: 8, height: 6")
    pipeline = "kind: Pipeline\nname: one\nsensor: camera\nsteps: [{name: t, transform: image.to_tensor, "
    pipeline += "from: frame, params: {width: 8, height: 6, scale: 1.0}}]\n"
    box.write_text(f"{sensor}---\n{pipeline}---\n{policy}")
    return box


def test_a_document_chooses(tmp_path: Path) -> None:
    box = written(tmp_path, "kind: Policy\nname: n\npolicy: adaptive\nparams: {calm: 0.5}\nperiod: 50ms\n")
    documents = load(box)
    chosen = choose("n", documents)
    assert chosen == Chosen("n", SHIPPED["adaptive"], {"calm": 0.5}, 0.05, 0.1)
    assert choose(documents.policies["n"], params={"busy": 0.9}).params == {"calm": 0.5, "busy": 0.9}
    assert choose(box) == choose(str(box)) == chosen
    assert choose(Policy(name="m", policy="fifo")).reference == SHIPPED["fifo"]
    assert choose(Adaptive).reference == SHIPPED["adaptive"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "policy: adaptve\n",
            r"box.yaml:\d+: Policy/n: there is no policy 'adaptve'; did you mean 'adaptive'",
        ),
        ("policy: gone.py:Class\n", "there is no file .*gone.py; correct the path"),
        ("policy: gone.py\n", "names no class; write gone.py:Class"),
        ("policy: fifo\nperiod: 0s\n", "'period'"),
        ("policy: fifo\nlimit: 2h\n", "'limit' is '2h'; write at most 1h"),
        ("policy: fifo\nperiod: 1us\n", "'period' is '1us'; write at least 1ms"),
        ("policy: fifo\nparams: 3\n", "'params' is 3; write keys and values"),
        ("params: {}\n", "'policy' is missing"),
    ],
)
def test_wrong_documents_are_refused_with_their_line(tmp_path: Path, text: str, problem: str) -> None:
    box = written(tmp_path, f"kind: Policy\nname: n\n{text}")
    with pytest.raises(DocumentErrors, match=problem):
        load(box)


def test_of_several_documents_somebody_says_which(tmp_path: Path) -> None:
    box = written(tmp_path, "kind: Policy\nname: n\npolicy: fifo\n---\nkind: Policy\nname: m\npolicy: edf\n")
    assert not read(box).problems
    with pytest.raises(
        InvalidError, match=r"several Policy documents \(n, m\); say which one runs: --policy"
    ):
        Runtime(box)
    with Runtime(box, policy="m") as runtime:
        assert runtime.metrics()["policy"]["name"] == "m"
        runtime.set_policy("n")
        assert runtime.metrics()["policy"]["name"] == "n"
    with Runtime(box, policy="none") as runtime:
        assert runtime.metrics()["policy"] is None
