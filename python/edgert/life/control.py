"""What programs do with one sensor while everything runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InvalidError, make
from ..sources import open_source
from ..sources.base import Source
from .care import Care, care_of
from .feed import Feed
from .fits import check_fits
from .pushed import PushFeed
from .states import Change, SensorState

if TYPE_CHECKING:
    from ..documents import Pipeline, Sensor

POLL = 0.02  # s


class SensorControl:
    """One sensor of a Runtime: `runtime.sensor("door")`. From any thread; nothing here waits for a device.

    What the other sensors do is not touched, and readers of results go on.
    """

    def __init__(
        self, feed: Feed | PushFeed, document: Sensor, format: Mapping[str, Any], pipelines: list[Pipeline]
    ) -> None:
        self._feed, self._document = feed, document
        self._format, self._pipelines = format, pipelines

    def follow(self, document: Sensor | None, format: Mapping[str, Any], pipelines: list[Pipeline]) -> None:
        """A plan with other pipelines that read it has followed. `document` None: that says what it said."""
        self._format, self._pipelines = format, pipelines
        self._document = document or self._document

    @property
    def name(self) -> str:
        """Its document's name."""
        return self._document.name

    @property
    def state(self) -> SensorState:
        """What it is doing, why, and since when."""
        return self._feed.life.said()

    @property
    def changes(self) -> list[Change]:
        """Its last changes of state, oldest first."""
        return list(self._feed.life.changes)

    def start(self) -> None:
        """Reads (again), after stop(), after a recording's end, or after it failed."""
        self._feed.start()

    def stop(self) -> None:
        """Ends reading and gives the device back. Results under way come out; start() begins anew."""
        self._feed.stop()

    def pause(self) -> None:
        """Stops for a while. A recording waits where it is; a device is closed until resume()."""
        self._feed.pause()

    def resume(self) -> None:
        """Goes on after pause()."""
        self._feed.start()

    def reconfigure(self, **changes: Any) -> None:
        """Goes on with the same type of source and other keys: `reconfigure(path="other.mp4")`.

        Raises InvalidError for a key or value that the type doesn't have, or when the format differs from
        what the plan was made for; the old source goes on then.
        """
        source = self._document.source
        known = {key: getattr(source, key) for key in source.model_fields_set}
        self.replace({**known, "type": source.type, **changes})

    def replace(self, source: Any) -> None:
        """Goes on with another source: a mapping or a part of a document (`{"type": "rtsp", "url": ...}`), or
        a function without arguments that makes a new Source each time it is called.

        A file is looked at first; of a device, the document's word is taken. Raises InvalidError when the
        format isn't what the plan was made for (what, and what it was made for), or what the source says
        when it can't be read; the old source goes on then.
        """
        if callable(source) and not isinstance(source, type):
            self._replace_by(source, None)
            return
        document = self._document.model_copy(update={"source": self._checked(source)})
        made: Callable[[], Source] = lambda: open_source(document.source, document.base)  # noqa: E731
        self._replace_by(made, care_of(document, self._format, self._pipelines))
        self._document = document

    def wait_for(self, *states: str, timeout: float = 10.0) -> bool:
        """Waits until it is in one of these states. False: `timeout` seconds passed."""
        until = time.monotonic() + timeout
        while self.state.state not in states:
            if time.monotonic() >= until:
                return False
            time.sleep(POLL)
        return True

    def _replace_by(self, made: Callable[[], Source], care: Care | None) -> None:
        probe = made()
        if not hasattr(probe, "probe"):
            what = f"the function made {type(probe).__name__}, which is no source"
            raise make(InvalidError, f"sensor {self.name}", what, "return a Source (docs/sensors.md)")
        try:
            check_fits(self.name, self._format, probe.probe())
        finally:
            probe.close()
        self._feed.replace(made, care)

    def _checked(self, source: Any) -> Any:
        from pydantic import ValidationError

        from ..documents import Sensor
        from ..documents.validate import problems

        given = {"name": self.name, "source": dict(source) if isinstance(source, Mapping) else source}
        try:
            checked: Any = Sensor.model_validate(given).source
        except ValidationError as error:
            _, what, remedy = next(problems(Sensor, error, given))
            raise make(InvalidError, f"sensor {self.name}", what, remedy) from error
        if checked.type == "push":
            what = "a source of type push has nothing to read, and this sensor is read"
            hint = "give a function that makes a Source, or start a runtime in which it is pushed"
            raise make(InvalidError, f"sensor {self.name}", what, hint)
        return checked
