"""Models that may run on an accelerator or on the processor: where they run, and what misses its bound.

Four models take 2 to 8 ms on the one stream of `npu`, and three times as long on one of two lanes; each has
a sensor, whose frames come as a Poisson process, a fourth of the load each, and a bound of six times its time
on npu. A load of 1 is what npu can do; with both lanes it is 1.67. All on a virtual clock, by the same
scheduler and policies as otherwise: what others do to the machine changes nothing, equal seeds give equal
figures, and what runs do to each other's caches isn't in it.

    python bench/placement.py --seconds 60

Sides: `npu`: all models stay on the first device; `pinned`: the best of all 16 ways to pin them, chosen by
trying each; `soonest`: each run where it is expected to end first; `balance`: the policy, asked each 100 ms.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import finish, say
from edgert import _native
from edgert.documents import read
from edgert.planner import Planned, plan
from edgert.policies.balance import Balance
from edgert.policy import Decisions
from edgert.policy.apply import Steering
from edgert.policy.outline import outline_of
from edgert.policy.record import Reader

TIMES_MS = {"two": 2.0, "four": 4.0, "six": 6.0, "eight": 8.0}  # on npu
SLOWER, LANES, BOUND = 3.0, 2, 6.0
LOADS = (0.6, 0.9, 1.2, 1.5)
QUARTILES = (1.0, 1.13, 1.26)  # p50, p90, p99 over the median: normal, deviation a tenth
WARM, PERIOD = 10.0, 0.1  # s
DEVICES = ("npu", "cpu")

HEAD = """
kind: Device
name: npu
type: sim
profile: measured
in_flight: 1
---
kind: Profile
name: measured
box: {cpu: some, cores: 2, machine: x86_64}
edgert: "1"
engines: {}
date: "2026-01-01T00:00:00Z"
models:
"""
MEASURED = """
- model: %(name)s
  file: m.null
  content: "%(zeros)s"
  backend: "null"
  device: npu
  points: [{instances: 1, threads: 1, batch: 1, p50: %(p50)gms, p90: %(p90)gms, p99: %(p99)gms,
            mean: %(p50)gms, runs: 9, throughput: 100}]
"""
MODEL = """
---
kind: Sensor
name: %(name)s
source: {type: push, format: {kind: table, columns: [a, b], rate: 10, max_rows: 1}}
inbox: {policy: queue, size: 64, in_flight: 32}
---
kind: Model
name: %(name)s
file: m.null
device: [npu, cpu]
engine: {}
input: {features: {}}
---
kind: Pipeline
name: %(name)s
sensor: %(name)s
steps:
  - {name: rows, transform: table.select, from: frame}
  - {name: out, model: %(name)s, from: rows}
outputs: [out]
latency: %(bound)gms
"""


def box(folder: Path) -> Planned:
    """The plan of all four."""
    text = HEAD
    for name, ms in TIMES_MS.items():
        p50, p90, p99 = (part * ms for part in QUARTILES)
        text += MEASURED % {"name": name, "zeros": "0" * 64, "p50": p50, "p90": p90, "p99": p99}
    for name, ms in TIMES_MS.items():
        # Files of their own: equal ones were one model.
        (folder / f"{name}.null").write_text(f"input x float32 1x2\noutput y float32 1x2\necho\n# {name}\n")
        text += (MODEL % {"name": name, "bound": BOUND * ms}).replace("m.null", f"{name}.null")
    path = folder / "box.yaml"
    path.write_text(text)
    return plan(read([path]))


def simulated(planned: Planned, load: float, seed: int) -> Any:
    """A simulation at a share of what npu can do."""
    assert planned.spec is not None
    described = planned.spec.describe()
    models = {}
    for index, model in enumerate(described["models"]):
        ms = SLOWER * TIMES_MS[model["name"]]
        models[index] = {"threads": 1, "points": [(1, 1, 1, *(part * ms for part in QUARTILES), 0.1)]}
    arrivals = {
        name: {"kind": "poisson", "period_ms": len(TIMES_MS) * ms / load} for name, ms in TIMES_MS.items()
    }
    return _native.Simulation(planned.spec, LANES, order="edf", models=models, arrivals=arrivals, seed=seed)


def measured(
    planned: Planned, load: float, seconds: float, seed: int, side: str, pins: dict[str, str] | None = None
) -> dict[str, float]:
    """Results in time a second, and the share of the frames that missed."""
    simulation = simulated(planned, load, seed)
    outline = outline_of(planned, simulation.queues(), {}, {"cpu": LANES, "npu": 1})
    reader, steering = Reader(outline), Steering(simulation, outline, "edf")
    if pins is not None:
        steering.apply(Decisions(place=pins))
    elif side == "soonest":
        steering.apply(Decisions(place=dict.fromkeys(TIMES_MS, "soonest")))
    policy = Balance() if side == "balance" else None
    before = (0, 0)
    while simulation.elapsed < WARM + seconds:
        simulation.run(PERIOD)
        if policy is not None:
            steering.apply(policy.decide(reader.read(simulation.load(), {}, {})))
        if before == (0, 0) and simulation.elapsed >= WARM:
            before = counts(simulation)
    sent, kept = (after - first for after, first in zip(counts(simulation), before, strict=True))
    return {"kept_per_s": round(kept / seconds, 1), "missed": round(1 - kept / sent, 4)}


def counts(simulation: Any) -> tuple[int, int]:
    """Frames that were sent, and those answered in time."""
    metrics = simulation.metrics()
    sent = sum(sensor["frames"] for sensor in metrics["sensors"].values())
    return sent, sum(row["ok"] for row in metrics["pipelines"].values())


def best_pins(planned: Planned, load: float, seconds: float, seed: int) -> dict[str, str]:
    """Of all ways to pin the models, the one that misses least."""
    ways = [
        dict(zip(TIMES_MS, devices, strict=True))
        for devices in itertools.product(DEVICES, repeat=len(TIMES_MS))
    ]
    return min(ways, key=lambda pins: measured(planned, load, seconds, seed, "pinned", pins)["missed"])


def rows(planned: Planned, loads: Sequence[float], seconds: float, seed: int) -> dict[str, Any]:
    """By load and side."""
    found: dict[str, Any] = {}
    for load in loads:
        pins = best_pins(planned, load, seconds, seed + 1)  # chosen on other frames than it is counted on
        row = {
            side: measured(planned, load, seconds, seed, side, pins if side == "pinned" else None)
            for side in ("npu", "pinned", "soonest", "balance")
        }
        on_cpu = [name for name, device in pins.items() if device == "cpu"]
        told = ", ".join(
            f"{side} {one['missed']:.3f} ({one['kept_per_s']:.0f}/s)" for side, one in row.items()
        )
        say(f"  load {load:g}: {told}; pinned on cpu: {', '.join(on_cpu) or 'none'}")
        found[f"{load:g}"] = {**row, "pinned_on_cpu": on_cpu}
    return found


def main() -> None:
    """Prints one JSON object at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = rows(box(Path(folder)), LOADS, asked.seconds, asked.seed)
    finish({"bench": "placement", "seconds": asked.seconds, "missed_and_kept": found})


if __name__ == "__main__":
    main()
