"""Puts the results of all pipelines of one camera together on its frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..answers import Lines, Reading, Zones
from ..results import Result
from .canvas import COLOURS, Canvas, Pixels
from .draw import draw, words
from .draw_tracks import Trails, trails
from .frames import to_rgb

if TYPE_CHECKING:
    from ..planner.given import Fitted

WAITING = 10  # frames that wait for the results of slower pipelines
STALE = 1.0  # s for which an older result is drawn on newer frames
SAID = 3.0  # s for which a caption stays


class Composed(NamedTuple):
    """A frame, and what draws everything on it, when it is called."""

    sequence: int
    media_time: float
    draw: Callable[[], Canvas]


class _Known(NamedTuple):
    sequence: int
    media_time: float
    answers: dict[str, Reading | None]
    fitted: dict[str, Fitted | None]


class _Found(NamedTuple):
    known: _Known
    trails: dict[str, Trails]


class Composer:
    """For one camera: add() results of any pipelines, take() frames in their order.

    A pipeline that looks at fewer frames has its last result drawn on those between. What each pipeline
    says, those of microphones and tables too, stands in a line below, in its colour. From any thread.
    """

    def __init__(self, sensor: str) -> None:
        self.sensor = sensor
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[Pixels, float]] = {}
        self._taken = -1
        self._known: dict[str, deque[_Known]] = {}
        self._captions: dict[str, tuple[str, float]] = {}
        self._colours: dict[str, int] = {}

    def add(self, result: Result) -> None:
        """Takes note of a result. Its frame's pixels are converted, once, and the frame is let go."""
        if result.status != "ok":
            return
        if result.sensor != self.sensor:
            self._caption(result)
            return
        fitted = {name: output.fitted for name, output in result.planned.outputs.items()}
        known = _Known(result.sequence, result.media_time, result.answers, fitted)
        fresh = result.sequence > self._taken and result.sequence not in self._waiting
        pixels = to_rgb(result.frame) if fresh else None
        with self._lock:
            self._known.setdefault(result.pipeline, deque(maxlen=2 * WAITING)).append(known)
            if pixels is not None and result.sequence > self._taken:
                self._waiting.setdefault(result.sequence, (pixels, result.media_time))

    def take(self, rest: bool = False) -> Composed | None:
        """The next frame, when enough newer ones have come (or `rest`: when there is any)."""
        with self._lock:
            if len(self._waiting) <= (0 if rest else WAITING):
                return None
            sequence = min(self._waiting)
            pixels, media_time = self._waiting.pop(sequence)
            self._taken = sequence
            found = {name: self._at(known, sequence, media_time) for name, known in self._known.items()}
            captions = [(name, text) for name, (text, until) in self._captions.items() if until >= media_time]
        return Composed(sequence, media_time, partial(self._draw, pixels, found, captions))

    def _at(self, known: deque[_Known], sequence: int, media_time: float) -> _Found | None:
        past = [result for result in known if result.sequence <= sequence]
        if not past or media_time - past[-1].media_time > STALE:
            return None
        return _Found(past[-1], trails(result.answers for result in past))

    def _draw(
        self, pixels: Pixels, found: dict[str, _Found | None], captions: list[tuple[str, str]]
    ) -> Canvas:
        canvas = Canvas(pixels)
        lines = []
        for name, one in sorted(found.items()):
            if one is None:
                continue
            result, colour = one.known, self._colour(name)
            for output, answer in result.answers.items():
                draw(canvas, answer, colour, result.fitted[output], trails=one.trails.get(output))
            if said := _said(result.answers):
                lines.append((f"{name}: {said}", colour))
        lines += [(text, self._colour(name)) for name, text in sorted(captions)]
        canvas.captions(lines)
        return canvas

    def _caption(self, result: Result) -> None:
        if result.frame.width:
            return  # another camera's
        if said := _said(result.answers):
            with self._lock:
                newest = max((at for _, at in self._waiting.values()), default=result.media_time)
                self._captions[result.pipeline] = (
                    f"{result.pipeline}, {result.sensor}: {said}",
                    newest + SAID,
                )

    def _colour(self, pipeline: str) -> tuple[int, int, int]:
        return COLOURS[self._colours.setdefault(pipeline, len(self._colours)) % len(COLOURS)]


def _said(answers: Mapping[str, Reading | None]) -> str:
    """In a line, each thing once. Counts of zones and lines stand beside them in the picture."""
    told = (words(each, name) for name, each in answers.items() if not isinstance(each, (Zones, Lines)))
    return ", ".join(dict.fromkeys(text for text in told if text))
