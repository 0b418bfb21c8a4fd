"""How one sensor is looked after: what its document says, with the defaults of its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .backoff import Waits

if TYPE_CHECKING:
    from ..documents import Pipeline, Sensor

STALL_AFTER = 10.0  # s
OPEN_WITHIN = 30.0  # s
STEADY = {"image", "audio"}  # what comes all the time; rows may come when something happens


@dataclass(frozen=True)
class Care:
    """All times in seconds; None: never."""

    live: bool = False
    """A device or a stream, which can be lost and come back; not a recording."""
    waits: Waits | None = None
    """How it is tried again when it is lost; None: it isn't."""
    stall_after: float | None = None
    open_within: float | None = None
    budget: int | None = None
    """Frames of the driver's or decoder's memory that may be held; None: what the source states."""
    when_short: str = "drop"
    """Or copy."""
    wanted: float | None = None
    """Frames a second that all pipelines together need; None: all."""


def care_of(sensor: Sensor, format: Mapping[str, Any], pipelines: list[Pipeline]) -> Care:
    """The care of a sensor with frames of `format`, which these pipelines read."""
    live = is_live(sensor)
    steady = live and format["kind"] in STEADY
    return Care(
        live=live,
        waits=_waits(sensor, live),
        stall_after=sensor.stall_after or (STALL_AFTER if steady else None),
        open_within=sensor.open_within or (OPEN_WITHIN if steady else None),
        budget=sensor.frames.budget,
        when_short=sensor.frames.when_short,
        wanted=wanted_rate(pipelines, sensor.name),
    )


def is_live(sensor: Sensor) -> bool:
    """Whether its frames come when they come: all but recordings, generated and pushed frames."""
    from ..documents import PushSource, SyntheticSource
    from ..documents.sensor import Replayed

    return not isinstance(sensor.source, (Replayed, SyntheticSource, PushSource))


def wanted_rate(pipelines: list[Pipeline], sensor: str | None = None) -> float | None:
    """The rate that is enough for all of them; None when one wants all frames, counts them, or joins this
    sensor to another one's frames."""
    if not pipelines or any(pipeline.rate is None or pipeline.every > 1 for pipeline in pipelines):
        return None
    if sensor is not None and any(pipeline.sensor != sensor for pipeline in pipelines):
        return None
    return max(float(pipeline.rate or 0) for pipeline in pipelines)


def _waits(sensor: Sensor, live: bool) -> Waits | None:
    said = sensor.reconnect
    if not (live if said.enabled is None else said.enabled):
        return None
    return Waits(float(said.first), float(said.most), said.jitter, said.attempts)
