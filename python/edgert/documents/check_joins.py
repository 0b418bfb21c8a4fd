"""What can be refused of pipelines that read several sensors, by looking at the documents alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import graph
from .base import Route
from .collection import DocumentSet
from .errors import Refused, did_you_mean
from .joining import SensorJoinStep
from .pipeline import Pipeline
from .step import Step


def joined(
    pipeline: Pipeline, step: SensorJoinStep, name: str, documents: DocumentSet, place: Route
) -> Iterator[Refused]:
    """Of a join that names no step: whether it names another sensor."""
    if name == (step.sensor or pipeline.sensor):
        what = f"step {step.name!r} joins the sensor {name!r} to its own frames"
        yield Refused(what, "name another sensor, or read the frame as it is", place)
    elif name not in documents.sensors and not documents.is_broken("Sensor", name):
        steps = [other.name for other in pipeline.steps if other is not step]
        remedy = did_you_mean(name, [*documents.sensors, *steps])
        yield Refused(f"there is no step and no sensor {name!r} to join", remedy, place)


def sensors(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    """Whether each step works on one sensor's frames, and what is given out on the pipeline's."""
    for index, step in enumerate(pipeline.steps):
        named = step.sensor
        if named is None or named in documents.sensors or documents.is_broken("Sensor", named):
            continue
        place: Route = ("steps", index, "sensor")
        yield Refused(f"there is no sensor {named!r}", did_you_mean(named, documents.sensors), place)
    if graph.cycle(pipeline):
        return
    of_steps = graph.sensors_of(pipeline)
    for index, step in enumerate(pipeline.steps):
        yield from _one_sensor(step, of_steps, ("steps", index))
    for index, reference in enumerate(pipeline.outputs or ()):
        other = of_steps.get(graph.split(reference)[0], pipeline.sensor)
        if other != pipeline.sensor:
            what = (
                f"{reference!r} works on frames of the sensor {other}, and results are of {pipeline.sensor}"
            )
            yield Refused(what, f"give out a join of it: {_a_join(reference)}", ("outputs", index))


def _one_sensor(step: Step, sensors: Mapping[str, str], place: Route) -> Iterator[Refused]:
    own = sensors[step.name]
    for other, route in graph.sensors_read(step, sensors).items():
        if other == own:
            continue
        names = [name for _, name in graph.needs(step) if sensors.get(name) == other]
        what = f"step {step.name!r} works on frames of {own}, and {names[0]!r} on those of {other}"
        remedy = f"join one of them by time: {_a_join(names[0])}"
        if route == ("when",):
            remedy = f"join what {names[0]!r} reads by time, and put a condition on that"
        yield Refused(what, remedy, (*place, *route))
    if isinstance(step, SensorJoinStep) and sensors.get(graph.split(step.join.from_)[0]) == own:
        what = f"step {step.name!r} joins {step.join.from_!r}, which works on frames of the same sensor"
        yield Refused(what, "read it as it is, without a join", (*place, "join", "from"))


def _a_join(reference: str) -> str:
    name = graph.split(reference)[0]
    return f"{{name: {name}-then, join: {{from: {reference}, tolerance: 100ms}}}}"
