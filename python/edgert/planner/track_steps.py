"""Steps on tracks, and on places in the frame."""

from __future__ import annotations

import json
from typing import Any

from edgert.answers.places import Place
from edgert.documents import CountStep, LinesStep, MaskStep, Refused, Step, TrackStep, ZonesStep
from edgert.documents.base import Route
from edgert.documents.graph import split

from .detection_steps import index_of, of_all_regions
from .given import Given
from .native import Params
from .step_planner import StepPlanner

EVERYWHERE = [-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6]  # in pixels; feet may lie below the frame


def plan_track(planner: StepPlanner, step: TrackStep) -> Given:
    """Plans such a step. Raises Refused."""
    source = _source(planner, step)
    value = of_all_regions(planner, planner.value(step.track.from_, ("track", "from")))
    params = {**step.track.params(), **_stream(planner, step)}
    tracks = planner.builder.transform("track.boxes", params, [value, planner.frame])
    return Given(step, "tracks", tracks, source.labels, gates=planner.gates(step))


def plan_mask(planner: StepPlanner, step: MaskStep) -> Given:
    """Plans such a step. Raises Refused."""
    source, mask = _source(planner, step), step.mask
    params = {**mask.place_params(), "by": mask.by, "share": mask.share, "keep": mask.keep}
    value = planner.builder.transform(
        "detections.mask", params, [planner.value(mask.from_, ("mask", "from")), planner.frame]
    )
    return Given(step, source.kind, value, source.labels, gates=planner.gates(step), rows=source.rows)


def plan_zones(planner: StepPlanner, step: ZonesStep) -> Given:
    """Plans such a step. Raises Refused."""
    zones = step.zones
    params: Params = {
        **zones.place_params(),
        "by": zones.by,
        "share": zones.share,
        "enter_after_ms": float(zones.enter_after) * 1000,
        "leave_after_ms": float(zones.leave_after) * 1000,
    }
    return _placed(planner, step, "track.zones", params, _places(zones.zones, zones.units))


def plan_lines(planner: StepPlanner, step: LinesStep) -> Given:
    """Plans such a step. Raises Refused."""
    lines = step.lines
    params: Params = {**lines.place_params(), "by": lines.by, "margin": lines.margin}
    return _placed(planner, step, "track.lines", params, _places(lines.lines, lines.units))


def plan_count(planner: StepPlanner, step: CountStep) -> Given:
    """Plans such a step: a zone that is everywhere. Raises Refused."""
    params: Params = {
        "points": EVERYWHERE,
        "sizes": [4],
        "relative": False,
        "leave_after_ms": float(step.count.leave_after) * 1000,
    }
    return _placed(planner, step, "track.zones", params, (Place(step.name),))


def _places(named: Any, units: str) -> tuple[Place, ...]:
    return tuple(Place(name, tuple(outline), units == "relative") for name, outline in named.items())


def _placed(planner: StepPlanner, step: Step, op: str, params: Params, places: tuple[Place, ...]) -> Given:
    spec = getattr(step, step.KEY)
    source = _source(planner, step)
    if source.kind != "tracks":
        what = f"{source.step.name!r} gives {source.kind}, not tracks"
        raise Refused(what, "put a step with the key track between", (step.KEY, "from"))
    if spec.classes is not None:
        params["classes"] = [
            index_of(label, source, (step.KEY, "classes", position))
            for position, label in enumerate(spec.classes)
        ]
    if spec.window is not None:
        params["window_ms"] = float(spec.window) * 1000
    tracks = planner.value(spec.from_, (step.KEY, "from"))
    value = planner.builder.transform(op, {**params, **_stream(planner, step)}, [tracks, planner.frame])
    return Given(step, step.KEY, value, source.labels, gates=planner.gates(step), places=places)


def _source(planner: StepPlanner, step: Step) -> Given:
    route: Route = (step.KEY, "from")
    reference = getattr(step, step.KEY).from_
    name, tensor = split(reference)
    if tensor is not None or name not in planner.given:
        raise Refused(f"{reference!r} is a tensor, not detections", "name the step alone", route)
    return planner.given[name]


def _stream(planner: StepPlanner, step: Step) -> Params:
    """What tells apart nodes with state that see different frames: they must not share a state.

    Nothing where every frame is seen; else the pipeline's rate and what the step waits for.
    """
    pipeline = planner.pipeline
    gates = [(gate.value.identity, dict(gate.options)) for gate in planner.gates(step)]
    if planner.sees_all and not gates:
        return {}
    seen = [None, 1] if planner.sees_all else [pipeline.rate, pipeline.every]
    return {"stream": json.dumps([*seen, gates], sort_keys=True)}
