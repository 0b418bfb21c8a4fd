"""Plans to measure devices with: models on their streams, fed with what costs the processor next to nothing.

A frame is a table of one column whose memory the model's input is: nothing is copied or computed before
it. Each frame is run several times by nodes that count as different owners', so that the device's queue stays
full however slowly frames are pushed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgert.documents import Device
from edgert.errors import InvalidError, make
from edgert.planner.devices import run_times
from edgert.planner.native import Builder, Value, open_builder

from .data import Array, Inputs
from .placing import Placed
from .subjects import Subject

MOST_COPIES = 64
MOST_FRAMES = 64  # that a sensor may have in flight (plan/node_set.h)
AHEAD = 3  # times what a device holds


@dataclass(frozen=True)
class Load:
    """A model that is kept running: of each frame so many times, so many frames at once. `on` None: on the
    processor."""

    subject: Subject
    on: Placed | None
    batch: int = 1
    copies: int = 1
    frames: int = 1


@dataclass(frozen=True)
class Fed:
    """A load in a plan: what it is, its sensor's name, what is pushed there, and the nodes that run."""

    title: str
    """For people."""
    sensor: str
    data: Array
    nodes: frozenset[int]
    pipelines: tuple[str, ...]


def filling(placed: Placed, device: Device, batch: int, mixed: bool = False) -> Load:
    """What keeps the device's queue full; `mixed`: beside other models, in turn with them."""
    held = device.streams * device.in_flight * batch
    # A frame's runs are ready at once, so what shall mix with others has few of each.
    fewest = min(2, held) if mixed else held
    copies = min(max(fewest, -(-AHEAD * held // MOST_FRAMES)), MOST_COPIES)
    frames = min(max(AHEAD, -(-AHEAD * held // copies)), MOST_FRAMES)
    return Load(placed.subject, placed, batch, copies, frames)


def build(loads: Sequence[Load], devices: Sequence[Device]) -> tuple[Any, list[Fed]]:
    """The plan of these loads, as `_native.Runtime` takes it; `devices`: with as many streams as wanted.

    Raises what opening a model raises, InvalidError for a model that can't be there.
    """
    builder = open_builder()
    builder.application("profile")
    indices = {one.name: _device(builder, one) for one in devices}
    models = [_model(builder, load, indices) for load in loads]
    for load, index in zip(loads, models, strict=True):
        if load.on and load.on.times is not None:
            builder.run_times(
                indices[load.on.device.name], index, _times(load, loads, models, indices, devices)
            )
    fed = [_feed(builder, number, load, models[number]) for number, load in enumerate(loads)]
    return builder.finish(), fed


def _device(builder: Builder, one: Device) -> int:
    return builder.device(one.name, one.type, one.streams, one.in_flight, gpu=one.gpu)


def _model(builder: Builder, load: Load, indices: Mapping[str, int]) -> int:
    subject = load.subject
    return builder.model(
        subject.reference,
        str(subject.file),
        backend=subject.backend,
        threads=threads_of(subject),
        engine=dict(subject.engine),
        batch=load.batch,
        devices=[indices[load.on.device.name] if load.on else -1],
    )


def threads_of(subject: Subject) -> int:
    """Those that its document says, or one."""
    return subject.document.threads if subject.document else 1


def _times(
    load: Load,
    loads: Sequence[Load],
    models: Sequence[int],
    indices: Mapping[str, int],
    devices: Sequence[Device],
) -> dict[str, Any]:
    assert load.on is not None and load.on.times is not None
    name = load.on.device.name
    beside = {
        models[number]: other.subject.reference
        for number, other in enumerate(loads)
        if other.on and other.on.device.name == name
    }
    in_flight = next(one.in_flight for one in devices if one.name == name)
    return run_times(load.on.times, threads_of(load.subject), beside, in_flight)


def _feed(builder: Builder, number: int, load: Load, model: int) -> Fed:
    io = builder.model_io(model)
    inputs = Inputs(io["inputs"], load.subject.document)
    items = 1 if inputs.batch == "free" else int(inputs.batch)
    arrays = inputs.of(items)
    name = _largest(load, inputs, arrays)
    data = np.ascontiguousarray(arrays[name].astype(np.float32).reshape(-1, 1))
    sensor = f"load{number}"
    frames = builder.sensor(
        sensor,
        {"kind": "table", "columns": ["value"], "rate": 1000.0, "max_rows": len(data)},
        inbox="block",
        queue=2,
        in_flight=load.frames,
    )
    value = _shaped(builder, frames, arrays[name])
    constants = {other: array for other, array in arrays.items() if other != name}
    nodes, pipelines = set(), []
    for copy in range(load.copies):
        builder.private_to(f"{sensor}/{copy}")  # else equal runs of a frame would be one
        run = builder.run_model(model, {name: value}, constants=constants, name=f"{sensor}/{copy}")
        builder.private_to("")
        outputs = [("out", run, None)]
        pipelines.append(f"{sensor}-{copy}")
        builder.pipeline(pipelines[-1], "profile", frames, outputs, queue=1, when_full="drop_oldest")
        nodes.add(int(run.node))
    title = load.on.title if load.on else load.subject.title
    return Fed(title, sensor, data, frozenset(nodes), tuple(f"profile/{one}" for one in pipelines))


def _largest(load: Load, inputs: Inputs, arrays: Mapping[str, Array]) -> str:
    """The input that frames bring; what else is fed never changes, and a state is always that of a start."""
    fed = inputs.fed
    if not fed:
        what, hint = "no input of it is fed", "name one in its document's input or inputs"
        raise make(InvalidError, load.subject.reference, what, hint)
    return max(fed, key=lambda name: arrays[name].nbytes)


def _shaped(builder: Builder, frames: Value, array: Array) -> Value:
    value = builder.transform("table.select", {}, [frames])
    value = builder.transform("tensor.reshape", {"shape": list(array.shape)}, [value])
    if array.dtype != np.float32:
        value = builder.transform("tensor.cast", {"dtype": array.dtype.name}, [value])
    made: Value = value
    return made
