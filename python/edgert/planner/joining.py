"""Steps that join another sensor's stream to the frame, by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from edgert.documents import ConditionStep, Refused, Sensor, SensorJoinStep
from edgert.documents.base import Route
from edgert.documents.graph import split

from .given import Given, closed_by
from .native import Params, Value, blamed_on
from .shapes import as_float
from .step_planner import StepPlanner

FROM: Route = ("join", "from")
NUMBERS = {"raw", "embedding", "probability"}  # readings between two of which there is something
BOXES = {"detections", "tracks"}
RECORDING, LIVE, EITHER = "recording", "live", "either"


@dataclass(frozen=True)
class Joined:
    """Another sensor's frames, for a model that makes its input from them."""

    sensor: Sensor
    frame: Value
    step: SensorJoinStep


def plan_sensor_join(planner: StepPlanner, step: SensorJoinStep) -> Given:
    """Plans such a step. Raises Refused."""
    name = split(step.join.from_)[0]
    if name in planner.given:
        return _of_step(planner, step, planner.given[name])
    other = planner.on(name)
    joined = Joined(other.sensor, other.frame, step)
    value = None
    if other.frame.spec["kind"] == "table":
        rows = planner.builder.transform("table.select", {}, [other.frame])
        value = join(planner, joined, rows, rows=True)
    elif step.join.by == "interpolate":
        what = f"the sensor {name} gives {_frames(other.frame)}, and there is nothing between two of them"
        raise Refused(what, "interpolate rows or numbers; say by: nearest", ("join", "by"))
    return Given(step, "raw", value, gates=planner.gates(step), joined=joined, how=_how(planner, joined))


def _of_step(planner: StepPlanner, step: SensorJoinStep, source: Given) -> Given:
    other = planner.on(planner.sensors[source.step.name])
    joined = Joined(other.sensor, other.frame, step)
    kind = source.kind if split(step.join.from_)[1] is None and source.value is not None else "raw"
    if step.join.by == "interpolate" and kind not in NUMBERS:
        what = f"step {source.step.name!r} gives {kind}, and there is nothing between two of them"
        raise Refused(what, "interpolate rows or numbers; say by: nearest", ("join", "by"))
    scores = None
    if kind == "classes" and source.scores is not None and _by_label(planner, step):
        scores = _joined(planner, joined, source, _scores(planner, source))
    return Given(
        step,
        kind,
        _joined(planner, joined, source, source.read(step.join.from_, FROM)),
        source.labels,
        gates=planner.gates(step),
        scores=scores,
        activation=source.activation,
        places=source.places,
        how=_how(planner, joined),
    )


def _joined(planner: StepPlanner, joined: Joined, source: Given, value: Value) -> Value:
    """The join of one value of a step, of all its regions, behind what the step waits for."""
    while source.rows is not None and value.scope != joined.frame.scope:
        value = planner.builder.gather(value, stack=source.kind not in BOXES)
    under = closed_by(planner.builder, source.gates, value.scope, joined.frame.scope)
    return join(planner, joined, value, under=under)


def _by_label(planner: StepPlanner, step: SensorJoinStep) -> bool:
    """Whether a condition looks at one class of it: only then the scores are joined, too."""
    conditions = (one.condition for one in planner.pipeline.steps if isinstance(one, ConditionStep))
    return any(one.label is not None and split(one.from_)[0] == step.name for one in conditions)


def _scores(planner: StepPlanner, source: Given) -> Value:
    assert source.scores is not None
    tensors = source.tensors.items()
    output = next((source.model_outputs[name] for name, tensor in tensors if tensor is source.scores), None)
    return as_float(planner.builder, source.scores, output)


def join(planner: StepPlanner, joined: Joined, value: Value, **options: Any) -> Value:
    """The node that asks for `value`, of the other sensor, at the time of the planner's frame."""
    said = joined.step.join
    clock = _clock(planner, joined)
    if clock == "media" and LIVE in (_time_of(planner.sensor), _time_of(joined.sensor)):
        what = "media times are positions in recordings, and a live sensor has none that another one knows"
        raise Refused(what, "say clock: capture", ("join", "clock"))
    params: Params = {"by": said.by, "clock": clock, "name": joined.step.name, **options}
    if said.tolerance is not None:
        params["tolerance_ms"] = float(said.tolerance) * 1000
    if said.wait is not None:
        params["wait_ms"] = float(said.wait) * 1000
    with blamed_on(None, ("join",), f"step {joined.step.name!r}"):
        return cast(Value, planner.builder.join(planner.frame, value, **params))


def _how(planner: StepPlanner, joined: Joined) -> str:
    said = joined.step.join
    within = "" if said.tolerance is None else f" within {float(said.tolerance) * 1000:g} ms"
    name = joined.sensor.name if said.from_ == joined.sensor.name else f"{said.from_} of {joined.sensor.name}"
    return f"{name}, {said.by}{within}, by {_clock(planner, joined)} time"


def _clock(planner: StepPlanner, joined: Joined) -> str:
    """Which times are compared. Raises Refused."""
    return joined.step.join.clock or _common_clock(planner.sensor, joined.sensor)


def _common_clock(one: Sensor, other: Sensor) -> str:
    """The times that two sensors have in common. Raises Refused for a recording and a live sensor."""
    kinds = {_time_of(one), _time_of(other)}
    if kinds == {RECORDING, LIVE}:
        live, recorded = (one, other) if _time_of(one) == LIVE else (other, one)
        what = f"{recorded.name} is a recording and {live.name} is live: their times have nothing in common"
        remedy = "join sensors of one kind; or say clock: capture, for when the recording is read"
        raise Refused(what, remedy, FROM)
    return "media" if RECORDING in kinds else "capture"


def _time_of(sensor: Sensor) -> str:
    from edgert.documents.native import GstreamerSource, LibrarySource
    from edgert.life.care import is_live

    if sensor.source.type == "push" or isinstance(sensor.source, (GstreamerSource, LibrarySource)):
        return EITHER
    return LIVE if is_live(sensor) else RECORDING


def _frames(frame: Value) -> str:
    return {"image": "pictures", "audio": "sound"}.get(frame.spec["kind"], "frames")
