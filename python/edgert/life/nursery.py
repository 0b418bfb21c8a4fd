"""Makes the lives of a runtime's sensors from its plan, and says their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError
from ..sources import open_source
from .care import care_of
from .control import SensorControl
from .counts import unexplained
from .feed import Feed
from .pushed import PushFeed
from .states import SILENT, Life, State

if TYPE_CHECKING:
    from ..documents import Pipeline
    from ..planner import Planned, PlannedPipeline

AnyFeed = Feed | PushFeed


class Nursery:
    """Makes feeds and controls. `failed(sensor, reason)` is told of one that failed, `again(sensor)` of one
    that is started after its end."""

    def __init__(
        self,
        native: Any,
        plan: Planned,
        failed: Callable[[str, str], None],
        again: Callable[[str], None],
    ) -> None:
        self._native, self._plan = native, plan
        self._readers: dict[str, list[Pipeline]] = {}  # by sensor
        self._other_readers: set[str] = set()  # sensors that others read in the plan before
        self.follow(plan, plan.pipelines.values(), ())
        self._failed, self._again = failed, again

    def follow(self, plan: Planned, new: Iterable[PlannedPipeline], gone: Iterable[PlannedPipeline]) -> None:
        """Another plan is at hand, with and without these pipelines of the one before."""
        new, gone = list(new), list(gone)
        self._plan = plan
        self._other_readers = {sensor for one in (*new, *gone) for sensor in one.sensors}
        left = {id(one.document) for one in gone}
        for sensor in self._other_readers:
            readers = self._readers.get(sensor, [])
            self._readers[sensor] = [one for one in readers if id(one) not in left]
        for one in new:
            for sensor in one.sensors:
                self._readers[sensor].append(one.document)

    def is_read(self, sensor: str) -> bool:
        """Whether a pipeline of the plan at hand reads it, as its own or in a join."""
        return bool(self._readers.get(sensor))

    def adjust(self, feed: AnyFeed, control: SensorControl, same: bool) -> None:
        """A sensor that the next plan has, too. `same`: its document says the same; else it goes on with the
        source that it says now."""
        if same and feed.sensor not in self._other_readers:
            return
        planned, pipelines = self._plan.sensors[feed.sensor], self._readers[feed.sensor]
        sensor = planned.document
        care = care_of(sensor, planned.format, pipelines)
        if same:
            feed.adjust(care)
        elif isinstance(feed, PushFeed):
            feed.adjust(care)
            feed.missing = getattr(open_source(sensor.source, sensor.base), "missing", None)
        else:
            feed.replace(lambda: open_source(sensor.source, sensor.base), care)
        control.follow(None if same else sensor, planned.format, pipelines)

    def feed(self, name: str) -> AnyFeed:
        """The life of a sensor, waiting for its start."""
        planned = self._plan.sensors[name]
        sensor, port = planned.document, self._native.sensor(name)
        care = care_of(sensor, planned.format, self._readers[name])
        # Frames of other sensors don't wait in a join for one that is silent.
        life = Life(told=lambda state: self._tell(name, state in SILENT))
        if sensor.source.type == "push":
            source = open_source(sensor.source, sensor.base)
            missing = getattr(source, "missing", None)
            return PushFeed(
                name, source.probe(), port, care, lambda feed: self._again(name), missing, life=life
            )
        return Feed(
            name,
            lambda: open_source(sensor.source, sensor.base),
            port,
            care,
            self._over,
            lambda feed: self._again(name),
            life=life,
        )

    def control(self, feed: AnyFeed) -> SensorControl:
        """What programs do with it."""
        planned = self._plan.sensors[feed.sensor]
        return SensorControl(feed, planned.document, planned.format, self._readers[feed.sensor])

    def _tell(self, name: str, silent: bool) -> None:
        with suppress(NotFoundError):  # it was deployed away
            self._native.rest(name, silent)

    def _over(self, feed: Feed) -> None:
        if feed.life.state is State.FAILED:
            self._failed(feed.sensor, feed.life.reason)


def figures_of(core: Mapping[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    """A sensor's row of metrics: the core's figures and those of its life, drops by reason in one."""
    inside, before = dict(core["dropped"]), dict(mine["lost"])
    row = {key: value for key, value in mine.items() if key != "lost"}
    missing = unexplained(core, inside, mine["read"], sum(before.values()))
    return {**row, "dropped": {**inside, **before}, "dropped_unexplained": missing}


FAMILIES = (
    ("read", "edgert_sensor_read_total", "counter", "Frames that a sensor's source gave."),
    ("reconnects", "edgert_sensor_reconnects_total", "counter", "Times that a lost sensor came back."),
    ("tries", "edgert_sensor_reconnect_tries_total", "counter", "Times that a lost sensor was tried again."),
    ("stalls", "edgert_sensor_stalls_total", "counter", "Times that no frame came for too long."),
    ("abandoned_readers", "edgert_sensor_abandoned_readers_total", "counter", "Readers that hung."),
    ("hanging_readers", "edgert_sensor_hanging_readers", "gauge", "Readers that hang now."),
    ("copied_frames", "edgert_sensor_copied_frames_total", "counter", "Copied: its buffers were short."),
    ("decode_skipped", "edgert_sensor_decode_skipped_total", "counter", "Not decoded: nobody wanted them."),
    ("time_went_back", "edgert_sensor_time_went_back_total", "counter", "Times that its time went back."),
    ("dropped_unexplained", "edgert_sensor_dropped_unexplained", "gauge", "Frames nobody can account for."),
    ("drift_ppm", "edgert_sensor_drift_ppm", "gauge", "How slow its clock is, in millionths."),
    ("behind_ms", "edgert_sensor_behind_milliseconds", "gauge", "How far its time fell behind."),
)
EARLY = ("held", "budget", "refused", "stale", "stopped", "paused")


def prometheus_of(sensors: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures of the sensors' lives in Prometheus' text format."""
    lines = _family("edgert_sensor_state", "gauge", "1 for the state that a sensor is in.")
    for name, row in sensors.items():
        for state in State if "state" in row else ():
            labels = f'sensor="{_escaped(name)}",state="{state}"'
            lines.append(f"edgert_sensor_state{{{labels}}} {int(row['state'] == state)}")
    lines += _family("edgert_sensor_lost_total", "counter", "Frames dropped before the inbox, by reason.")
    for name, row in sensors.items():
        for reason in EARLY if "state" in row else ():
            labels = f'sensor="{_escaped(name)}",reason="{reason}"'
            lines.append(f"edgert_sensor_lost_total{{{labels}}} {row['dropped'][reason]}")
    for key, family, kind, about in FAMILIES:
        lines += _family(family, kind, about)
        for name, row in sensors.items():
            if row.get(key) is not None:
                lines.append(f'{family}{{sensor="{_escaped(name)}"}} {row[key]:.9g}')
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, about: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
