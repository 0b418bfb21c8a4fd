"""What the demo's applications found, told in a sentence each."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from ..answers import Classes, Detections, Keypoints, Lines, Probability, Reading, Rows
from ..report import windows
from ..results import Result

BELL = 0.5  # from this probability on it rings
HEARD = 0.3  # from this probability on a sound is told


class Story:
    """Takes results; lines() tells them. `first_ms` is the time from begin() to the first answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self.first_ms: float | None = None
        self._objects: Counter[str] = Counter()
        self._heard: dict[str, Counter[str]] = {"alarms": Counter(), "speech": Counter()}
        self._activities: Counter[str] = Counter()
        self._rings: set[int] = set()  # seconds of the recording
        self._counts: Counter[str] = Counter()
        self._most = 0  # people at once
        self._crossed = 0  # people over the path's line, either way
        self._chapters: dict[str, Callable[[Result], None]] = {
            "street": self._street,
            "people": self._people,
            "bells": self._bells,
            "visitor": self._visitor,
            "posture": self._posture,
            "activity": self._activity,
            "alarms": self._sounds,
            "speech": self._sounds,
        }

    def begin(self) -> None:
        """Sensors start now."""
        self._began = time.monotonic()

    def __call__(self, result: Result) -> None:
        """Takes one result."""
        if result.status != "ok":
            return
        with self._lock:
            if self.first_ms is None:
                self.first_ms = (time.monotonic() - self._began) * 1e3
            if chapter := self._chapters.get(result.planned.name):
                chapter(result)

    def close(self) -> None:
        """Nothing to close."""

    def lines(self, unfilled: Mapping[str, float] | None = None) -> Iterator[str]:
        """A sentence an application. `unfilled`: pipelines whose first window isn't full, as
        report.windows says."""
        waiting = unfilled or {}
        frames = max(1, self._counts["street"])
        seen = [f"{count / frames:.1f} × {label}" for label, count in self._objects.most_common(3)]
        rang = f", and heard a bicycle bell in {len(self._rings)} seconds" if self._rings else ""
        yield (
            f"traffic saw {', '.join(seen) or 'nothing'} in an average frame, counted {self._crossed} people "
            f"who crossed the line{rang}."
        )
        share = 100 * self._counts["face"] / max(1, self._counts["visitor"])
        speech, alarms = _most(self._heard["speech"]), _most(self._heard["alarms"])
        yield f"reception found a face in {share:.0f} % of the door's frames, and heard {speech}."
        yield (
            f"care counted at most {self._most} people at once, followed a body {self._counts['pose']} "
            f"times, heard {alarms}, and learned from the watch: {self._watch(waiting)}."
        )

    def _watch(self, waiting: Mapping[str, float]) -> str:
        if not self._activities and (seconds := waiting.get("care/activity")):
            return f"nothing yet: {windows.said(seconds)}"
        return _most(self._activities)

    def _street(self, result: Result) -> None:
        self._counts["street"] += 1
        if isinstance(objects := result.answers["objects"], Detections):
            self._objects.update(str(found.label) for found in objects)
        if isinstance(path := result.answers["path"], Lines):
            self._crossed = path["path"].forward + path["path"].backward

    def _people(self, result: Result) -> None:
        if isinstance(people := result.answers["people"], Detections):
            self._most = max(self._most, len(people))

    def _bells(self, result: Result) -> None:
        for answer in _each(result.answers["bell"]):
            if isinstance(answer, Probability) and answer.value > BELL:
                self._rings.add(int(result.media_time))

    def _visitor(self, result: Result) -> None:
        self._counts["visitor"] += 1
        faces = result.answers["near"]
        self._counts["face"] += isinstance(faces, Detections) and len(faces) > 0

    def _posture(self, result: Result) -> None:
        self._counts["pose"] += any(
            isinstance(answer, Keypoints) for answer in _each(result.answers.get("pose"))
        )

    def _activity(self, result: Result) -> None:
        self._activities.update(_best(result.answers["activity"]))

    def _sounds(self, result: Result) -> None:
        self._heard[result.planned.name].update(_best(result.answers["sounds"]))


def _each(answer: Reading | None) -> Iterator[Reading]:
    """The readings of each window, or the one that there is."""
    if isinstance(answer, Rows):
        yield from (row.reading for row in answer)
    elif answer is not None:
        yield answer


def _best(answer: Reading | None) -> Iterator[str]:
    for one in _each(answer):
        if isinstance(one, Classes) and one.best and one.best[1] >= HEARD:
            yield str(one.best[0])


def _most(names: Counter[str]) -> str:
    return ", ".join(name for name, _ in names.most_common(3)) or "nothing"
