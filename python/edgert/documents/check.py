"""What can be refused by looking at the documents alone: names, references, cycles, local files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from . import check_joins, graph, placing, salvage, tuned
from .answer import Labelled
from .application import Application
from .base import Document, Name, Route
from .collection import DocumentSet
from .device import Device
from .errors import Problem, Refused, did_you_mean
from .joining import SensorJoinStep
from .model import Model
from .network import MqttBroker
from .pipeline import Pipeline
from .policy import Policy
from .profile import Profile
from .record import RecordSink
from .resolve import check_zoo, is_zoo, resolve_path
from .sensor import Sensor
from .step import Step
from .steps import ConditionStep, FilterStep, JoinStep, ModelStep, RegionsStep, TransformStep
from .tracking import CountStep, LinesStep, MaskStep, TrackStep, ZonesStep

DETECTIONS = "detections"
ENCODED = ("video", "rtsp", "camera")  # sources whose packets can be kept
TRACKS = "tracks"  # a filter or mask of them gives tracks, too: the planner looks at those
REGIONAL = (DETECTIONS, TRACKS, "keypoints", "regions")


def check(documents: DocumentSet, only: Iterable[Document] | None = None) -> list[Problem]:
    """Everything that is wrong between documents. Nothing is fetched, and no file is opened.

    `only`: those of them to look at, where the others were looked at before."""
    found: list[Problem] = []
    for document in [*documents.documents(), *documents.rests] if only is None else only:
        if isinstance(document, Sensor):
            found.extend(_problems(document, _authority(document, document.source, ("source",))))
        elif isinstance(document, Model):
            found.extend(_problems(document, _model(document)))
            found.extend(_problems(document, placing.of_model(document, documents)))
        elif isinstance(document, Pipeline):
            found.extend(_problems(document, _pipeline(document, documents)))
        elif isinstance(document, Profile):
            found.extend(_problems(document, tuned.refusals(document, documents)))
        elif isinstance(document, Application):
            found.extend(_problems(document, placing.of_shares(document, documents)))
        elif isinstance(document, Device):
            found.extend(_problems(document, placing.of_device(document, documents)))
        elif isinstance(document, Policy):
            found.extend(_problems(document, _policy(document)))
    for second in list(documents.schedulers.values())[1:]:
        first = documents.scheduler.name
        what, remedy = f"there is a Scheduler already, {first!r}", "keep one of them"
        found.append(Refused(what, remedy, ("name",)).problem(second))
    return found


def kind_of(step: Step, documents: DocumentSet) -> str:
    """What a step gives: detections, keypoints, classes, ..., regions, condition, or raw."""
    match step:
        case ModelStep():
            with suppress(Refused):
                return documents.model(step.model).answer.READING
            return "unknown"
        case TransformStep(transform=salvage.LOST):
            return "unknown"
        case FilterStep() | JoinStep() | MaskStep():
            return DETECTIONS
        case TrackStep():
            return TRACKS
        case ZonesStep() | LinesStep() | CountStep():
            return step.KEY
        case RegionsStep():
            return "regions"
        case ConditionStep():
            return "condition"
        case SensorJoinStep():
            return "unknown"  # what the joined step gives
    return "raw"


def _policy(policy: Policy) -> Iterator[Refused]:
    from edgert.policy.reference import Unknown, reference_of

    try:
        reference_of(policy.policy, policy.base)
    except Unknown as unknown:
        yield Refused(str(unknown), did_you_mean(policy.policy, unknown.known), ("policy",))
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        yield Refused(what, remedy, ("policy",))


def _problems(document: Document, refusals: Iterator[Refused]) -> list[Problem]:
    return [refused.problem(document) for refused in refusals]


def _model(model: Model) -> Iterator[Refused]:
    references: list[tuple[Route, str]] = [(("file",), model.file)]
    if isinstance(model.answer, Labelled) and isinstance(model.answer.labels, str):
        references.append((("answer", "labels"), model.answer.labels))
    for route, reference in references:
        try:
            if is_zoo(reference):
                check_zoo(reference, model, route)
            else:
                resolve_path(reference, model.base, model, route)
        except Refused as refused:
            yield refused


def _bound(pipeline: Pipeline) -> Iterator[Refused]:
    if pipeline.latency is None and pipeline.on_miss != "drop":
        what = f"'on_miss' is {pipeline.on_miss!r}, and there is no bound to miss"
        yield Refused(what, "add one, as latency: 200ms, or leave on_miss out", ("on_miss",))


def _pipeline(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    yield from _owner(pipeline, documents)
    yield from _bound(pipeline)
    yield from _names(pipeline)
    yield from _references(pipeline, documents)
    yield from _joins(pipeline)
    yield from check_joins.sensors(pipeline, documents)
    names = [step.name for step in pipeline.steps]
    twins = len(set(names)) < len(names)  # told already, and what is read by such a name is anyone's guess
    if not twins and (circle := graph.cycle(pipeline)):
        index = names.index(circle[0])
        text = " → ".join(circle)
        yield Refused(
            f"the steps wait for each other: {text}", "let one of them read the frame", ("steps", index)
        )
    yield from _outputs(pipeline, documents)
    yield from _records(pipeline, documents)


def _records(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    """What a record sink names, and whether its camera has a stream to keep."""
    sensor = documents.sensors.get(pipeline.sensor)
    steps = {step.name for step in pipeline.steps}
    for index, sink in enumerate(pipeline.sinks):
        yield from _authority(pipeline, sink, ("sinks", index))
        if not isinstance(sink, RecordSink):
            continue
        place: Route = ("sinks", index)
        given = set(pipeline.outputs or steps)
        if sink.when is not None and sink.when not in given:
            what = f"there is no output {sink.when!r}"
            yield Refused(what, did_you_mean(sink.when, given) or "name one of outputs", (*place, "when"))
        if sink.clips and sensor is not None and sensor.source.type not in ENCODED:
            what = f"{sensor.source.type} sensors have no encoded stream to keep"
            yield Refused(what, "say clips: false and snapshot: true", (*place, "clips"))


def _authority(document: Document, broker: object, route: Route) -> Iterator[Refused]:
    """Whether the file is there that signs a broker's certificate."""
    if isinstance(broker, MqttBroker) and broker.ca is not None:
        try:
            resolve_path(broker.ca, document.base, document, (*route, "ca"))
        except Refused as refused:
            yield refused


def _owner(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    tables = (
        ("Sensor", "sensor", pipeline.sensor, documents.sensors),
        ("Application", "application", pipeline.application, documents.applications),
    )
    for kind, key, name, table in tables:
        if name is not None and name not in table and not documents.is_broken(kind, name):
            known = [*table, *(other for broken, other in documents.broken if broken == kind)]
            remedy = did_you_mean(name, known) or f"add a document: kind: {kind}, name: {name}"
            yield Refused(f"there is no {kind} {name!r}", remedy, (key,))


def _names(pipeline: Pipeline) -> Iterator[Refused]:
    seen: set[Name] = set()
    for index, step in enumerate(pipeline.steps):
        if step.name == graph.FRAME:
            yield Refused(
                "a step can't be called 'frame'",
                "it is the sensor's frame; use another name",
                ("steps", index, "name"),
            )
        if step.name in seen:
            yield Refused(
                f"two steps are called {step.name!r}", "give one another name", ("steps", index, "name")
            )
        seen.add(step.name)


def _joins(pipeline: Pipeline) -> Iterator[Refused]:
    for index, step in enumerate(pipeline.steps):
        if isinstance(step, JoinStep) and len(set(step.join)) < len(step.join):
            yield Refused("a step is joined with itself", "name each step once", ("steps", index, "join"))


def _references(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    steps = {step.name: step for step in pipeline.steps}
    for index, step in enumerate(pipeline.steps):
        place: Route = ("steps", index)
        if isinstance(step, ModelStep) and not documents.is_broken("Model", step.model):
            try:
                documents.model(step.model)
            except Refused as refused:
                yield Refused(refused.what, refused.remedy, (*place, "model"))
        for route, name in graph.needs(step):
            if name not in steps and isinstance(step, SensorJoinStep) and route == ("join", "from"):
                yield from check_joins.joined(pipeline, step, name, documents, (*place, *route))
            elif name not in steps and not (name == graph.FRAME and graph.may_read_frame(step, route)):
                remedy = did_you_mean(name, steps)
                if name in documents.sensors:
                    remedy = "it is a sensor: bring it to the frame by a step with join, and read that"
                what = f"step {step.name!r} reads {name!r}, and there is no such step"
                yield Refused(what, remedy, (*place, *route))
            elif name in steps:
                yield from _fits(step, route, steps[name], documents, (*place, *route))


def _fits(step: Step, route: Route, source: Step, documents: DocumentSet, place: Route) -> Iterator[Refused]:
    kind = kind_of(source, documents)
    if kind == "unknown":
        return
    if route == ("when",):
        if kind != "condition":
            yield Refused(
                f"{source.name!r} is no condition", "when names a step with the key condition", place
            )
    elif kind == "condition":
        yield Refused(f"{source.name!r} is a condition, which has no data", f"say when: {source.name}", place)
    elif route in (("for_each",), ("regions", "from")) and kind not in REGIONAL:
        yield Refused(
            f"{source.name!r} gives {kind}, and no places in the frame",
            "name a step that gives detections, key points or regions",
            place,
        )
    elif kind not in _detections_of(step, kind):
        yield _not_detections(source, kind, place)
    elif isinstance(step, (ZonesStep, LinesStep, CountStep)) and (
        kind != TRACKS and not isinstance(source, (FilterStep, MaskStep))
    ):
        yield Refused(
            f"{source.name!r} gives {kind}, not tracks", "put a step with the key track between", place
        )


def _detections_of(step: Step, other: str) -> tuple[str, ...]:
    """What a step that works on detections may read; for one that doesn't, the `other`, too."""
    match step:
        case FilterStep() | MaskStep():
            return DETECTIONS, TRACKS
        case JoinStep():
            return (DETECTIONS,)
        case TrackStep():
            return DETECTIONS, "raw"  # detections may be pushed as rows of a table
    return (other,)


def _not_detections(source: Step, kind: str, place: Route) -> Refused:
    what = f"{source.name!r} gives {kind}, not detections"
    return Refused(what, "name a step that gives detections", place)


def _outputs(pipeline: Pipeline, documents: DocumentSet) -> Iterator[Refused]:
    steps = {step.name: step for step in pipeline.steps}
    for index, reference in enumerate(pipeline.outputs or ()):
        name = graph.split(reference)[0]
        if name not in steps:
            yield Refused(
                f"there is no step {name!r} to give out", did_you_mean(name, steps), ("outputs", index)
            )
        elif kind_of(steps[name], documents) == "condition":
            yield Refused(
                f"{name!r} is a condition, which has no data",
                "give out the step that it reads",
                ("outputs", index),
            )
    if pipeline.outputs and len(set(pipeline.outputs)) < len(pipeline.outputs):
        yield Refused("an output is given twice", "keep it once", ("outputs",))
    if not pipeline.outputs and not graph.cycle(pipeline) and not graph.leaves(pipeline):
        yield Refused(
            "no step gives a result", "add a step that isn't a condition, or name the outputs", ("steps",)
        )
