"""Devices: what documents say of them, and models that run there."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from edgert import Runtime
from edgert.documents import read
from edgert.documents.check import check

PROFILE = """
kind: Profile
name: measured
box: {cpu: some, cores: 2, machine: x86_64}
edgert: "1"
engines: {}
date: "2026-01-01T00:00:00Z"
models:
- model: m
  file: m.null
  content: "%s"
  backend: "null"
  points:
  - {instances: 1, threads: 1, batch: 1, p50: 4ms, p90: 4ms, p99: 4ms, mean: 4ms, runs: 9, throughput: 250}
---
""" % ("0" * 64)
SEEN = """
import edgert
from edgert.policy import Decisions


class Seen(edgert.Policy):
    def decide(self, now):
        lanes = {name: len(device.lanes) for name, device in now.devices.items()}
        return Decisions(note=f"{lanes} {now.models['m'].devices}")
"""
DEVICE = "kind: Device\nname: npu\ntype: sim\nprofile: measured\nstreams: 2\n---\n"
SHARE = "kind: Application\nname: team\nshare: %s\n---\n"
REST = """
kind: Sensor
name: s
source: {type: push, format: {kind: table, columns: [a, b], rate: 10, max_rows: 1}}
---
kind: Model
name: m
file: m.null
device: npu
input: {features: {}}
---
kind: Pipeline
name: p
sensor: s
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: out, model: m, from: rows}
outputs: [out]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "m.null").write_text("input x float32 1x2\noutput y float32 1x2\necho\n")
    path = folder / "box.yaml"
    path.write_text(text)
    return path


def said(folder: Path, text: str) -> str:
    documents = read([write(folder, text)])
    return "\n".join(str(problem) for problem in [*documents.problems, *check(documents)])


def test_a_device_document_is_read(tmp_path: Path) -> None:
    documents = read([write(tmp_path, PROFILE + DEVICE + REST)])
    assert said(tmp_path, PROFILE + DEVICE + REST) == ""
    device = documents.devices["npu"]
    assert (device.streams, device.in_flight, device.profile) == (2, 2, "measured")
    assert documents.models["m"].devices == ("npu",)


def test_a_model_on_a_simulated_device_gives_zeros(tmp_path: Path) -> None:
    with Runtime(write(tmp_path, PROFILE + DEVICE + REST)) as runtime:
        results = runtime.results("p")
        for _ in range(5):
            runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
        runtime.finish("s")
        found = list(results)
        lanes = runtime.metrics()["lanes"]
    assert [result.status for result in found] == ["ok"] * 5
    assert all(not np.asarray(result.outputs["out"]).any() for result in found)
    busy = sum(lane["busy_s"] for lane in lanes if lane["device"] == "npu")
    assert busy == pytest.approx(5 * 0.004, rel=0.01)  # of its own times, whatever the clock says


def test_policies_see_devices_and_decide_beside_them(tmp_path: Path) -> None:
    policy = tmp_path / "seen.py"
    policy.write_text(SEEN)
    text = PROFILE + DEVICE + REST + "---\nkind: Policy\nname: seen\npolicy: seen.py:Seen\nperiod: 50ms\n"
    with Runtime(write(tmp_path, text), lanes=2) as runtime:
        limit = time.monotonic() + 60
        while not (said := runtime.metrics()["policy"])["tables"] and time.monotonic() < limit:
            runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
        assert said["note"] == "{'cpu': 2, 'npu': 2} ('npu',)" and said["refused"] == 0
        runtime.finish("s")


def test_a_device_s_streams_have_tracks_of_their_own_in_traces(tmp_path: Path) -> None:
    runtime = Runtime(write(tmp_path, PROFILE + DEVICE + REST), lanes=2)
    with runtime.trace(tmp_path / "trace.json"), runtime:
        for _ in range(5):
            runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
        runtime.finish("s")
        assert len(list(runtime.results("p"))) == 5
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    tracks = [each for each in events if each["name"] == "thread_name"]
    named = {(each["pid"], each["tid"]): each["args"]["name"] for each in tracks}
    slices = [each for each in events if each["ph"] == "X"]
    ran = {named[each["pid"], each["tid"]] for each in slices if each["args"].get("model") == "m"}
    assert ran and ran <= {"npu 0", "npu 1"}


def test_a_share_of_a_device_holds_for_what_runs_there(tmp_path: Path) -> None:
    text = PROFILE + DEVICE + SHARE % "{npu: 0.000001, cpu: 1}" + REST + "application: team\n"
    assert said(tmp_path, text) == ""
    with Runtime(write(tmp_path, text)) as runtime:
        results = runtime.results("team/p")
        runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
        assert next(results).status == "ok"
        for _ in range(4):
            runtime.push("s", np.array([[1, 2]], np.float32), timeout=20)
        runtime.finish("s")
        assert not list(results)
        counts = runtime.metrics()["applications"]["team"]
    assert counts["not_admitted"]["share"] == 4


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("name: npu", "name: nqu"), "there is no Device 'npu'"),
        (("profile: measured", "profile: measurd"), "there is no Profile 'measurd'"),
        (("- model: m\n", "- model: n\n"), "has no run times of this model"),
        (("streams: 2", "streams: 33"), "at most 64 runs are enqueued"),
        (("streams: 2", "streams: 0"), "streams"),
        (("type: sim", "type: gpu"), "sim"),
        (("profile: measured\n", ""), "a simulated device needs a profile"),
        (("type: sim", "type: sim\ngpu: 0"), "a simulated device is no GPU"),
        (("type: sim", "type: cuda\ngpu: 256"), "gpu"),
        (("name: npu", "name: cpu"), "cpu is what the processor is called"),
        ((DEVICE, DEVICE + SHARE % "{npi: 0.5}"), "there is no Device 'npi'; did you mean 'npu'?"),
        ((DEVICE, DEVICE + SHARE % "{npu: 2}"), "'share.npu' is 2; write at most 1"),
        ((DEVICE, DEVICE + SHARE % "{}"), "share names no device"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    text = (PROFILE + DEVICE + REST).replace(*change)
    told = said(tmp_path, text)
    assert what in told
    assert "box.yaml:" in told
