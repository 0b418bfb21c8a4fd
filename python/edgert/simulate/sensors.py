"""How often sensors give frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edgert.documents import DocumentErrors, Problem, resolve_path
from edgert.documents.errors import did_you_mean, problem_at
from edgert.errors import InvalidError, make
from edgert.planner import Planned, PlannedSensor

from .assumptions import Assumptions

MILLI = 1e3


def read_sensors(planned: Planned) -> list[str]:
    """Those that pipelines read, in the plan's order."""
    read = {name for pipeline in planned.pipelines.values() for name in pipeline.sensors}
    return [name for name in planned.sensors if name in read]


def rates(planned: Planned, given: Mapping[str, float]) -> dict[str, float]:
    """Frames a second, by sensor: as given, else what the source says of itself.

    Raises InvalidError for a name that is no sensor's or a rate that isn't above 0, DocumentErrors with all
    sensors that don't say how often they give frames.
    """
    for name, rate in given.items():
        if name not in planned.sensors:
            raise make(
                InvalidError, f"--rate {name}", "there is no such sensor", did_you_mean(name, planned.sensors)
            )
        if not 0 < rate <= 1e6:
            raise make(InvalidError, f"--rate {name}", f"{rate:g} can't be", "give frames a second, above 0")
    names = read_sensors(planned)
    found = {name: given.get(name) or _own(planned.sensors[name]) for name in names}
    problems = [_unknown(planned.sensors[name]) for name, rate in found.items() if rate is None]
    if problems:
        raise DocumentErrors(problems)
    return {name: float(rate) for name, rate in found.items() if rate is not None}


def arrivals(rates: Mapping[str, float], assumed: Assumptions) -> dict[str, dict[str, Any]]:
    """As `_native.Simulation` takes them."""
    return {
        name: {
            "kind": assumed.arrivals,
            "period_ms": MILLI / rate,
            "jitter": assumed.jitter if assumed.arrivals == "periodic" else 0.0,
            "burst": assumed.burst if assumed.arrivals == "bursts" else 1,
        }
        for name, rate in rates.items()
    }


def _own(sensor: PlannedSensor) -> float | None:
    """What the source says; None where it doesn't, or is read as fast as it can be."""
    source: Any = sensor.document.source
    form: dict[str, Any] = dict(sensor.format)
    if getattr(source, "speed", "original") == "max":
        return None
    if form["kind"] == "audio":
        return float(form["rate"]) / int(form["max_chunk"])
    if form["kind"] == "table":
        return float(form["rate"]) / int(form["max_rows"])
    if source.type == "video":
        return _of_video(sensor)
    rate = getattr(source, "rate", None)
    return None if rate is None else float(rate)


def _of_video(sensor: PlannedSensor) -> float:
    from edgert.sources.container import Container

    document = sensor.document
    path = str(getattr(document.source, "path", ""))
    file = resolve_path(path, document.base, document, ("source", "path"))
    opened = Container(str(file), document.title, "give a video that FFmpeg reads")
    try:
        return float(opened.rate)
    finally:
        opened.close()


def _unknown(sensor: PlannedSensor) -> Problem:
    fast = getattr(sensor.document.source, "speed", "original") == "max"
    what = "is read as fast as it can be" if fast else "doesn't say how often it gives frames"
    return problem_at(
        sensor.document, ("source",), what, f"say frames a second: --rate {sensor.document.name}=10"
    )


def bounded(names: Iterable[str], planned: Planned) -> set[str]:
    """Sensors whose source waits for a place in the inbox: what they can't give is missing, not dropped."""
    return {name for name in names if planned.sensors[name].document.inbox.policy == "block"}
