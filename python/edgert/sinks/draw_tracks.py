"""Tracks with their trails, zones and lines with their counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..answers import Lines, Reading, Tracks, Zones
from .canvas import COLOURS, Canvas, Colour

Spots = list[tuple[float, float]]
Trails = dict[int, Spots]  # the feet of a track, oldest first, by its id
ARROW = 0.03  # of the picture's width


def trails(history: Iterable[Mapping[str, Reading | None]]) -> dict[str, Trails]:
    """Where the tracks of each output were, in results from old to new."""
    found: dict[str, Trails] = {}
    for answers in history:
        for output, answer in answers.items():
            if not isinstance(answer, Tracks):
                continue
            of_output = found.setdefault(output, {})
            for track in answer:
                of_output.setdefault(track.id, []).append(track.foot)
    return found


def draw_tracks(canvas: Canvas, tracks: Tracks, colour: Colour, behind: Trails) -> None:
    """Each track in a colour of its own, with its number and where it came from."""
    for track in tracks:
        own = COLOURS[track.id % len(COLOURS)] if track.id else colour
        canvas.box(track.box, f"{track.label or track.index} {track.id}", own)
        spots = behind.get(track.id, [])
        if len(spots) > 1:
            canvas.path(spots, own)


def draw_zones(canvas: Canvas, zones: Zones, colour: Colour) -> None:
    """Their outlines, and how many are there."""
    for place in zones.places:
        if not place.outline:
            continue
        outline = place.pixels(*canvas.size)
        canvas.path(outline, colour, closed=True)
        zone = zones[place.name]
        canvas.note(outline[0], f"{place.name}: {zone.now} now, {zone.entered} in, {zone.left} out", colour)


def draw_lines(canvas: Canvas, lines: Lines, colour: Colour) -> None:
    """The lines, an arrow forward, and how many went which way."""
    for place in lines.places:
        a, b = place.pixels(*canvas.size)
        canvas.path([a, b], colour)
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        canvas.path(_arrow(a, b, middle, ARROW * canvas.size[0]), colour)
        line = lines[place.name]
        canvas.note(a, f"{place.name}: {line.forward} forward, {line.backward} back", colour)


def words_of_zones(zones: Zones) -> str:
    """How many are in each."""
    return ", ".join(f"{name} {zones[name].now} (of {zones[name].entered})" for name in zones)


def words_of_lines(lines: Lines) -> str:
    """How many went which way."""
    return ", ".join(f"{name} {lines[name].forward} forward {lines[name].backward} back" for name in lines)


def _arrow(a: tuple[float, float], b: tuple[float, float], at: tuple[float, float], size: float) -> Spots:
    """From `at` to the right of who looks from a to b, with a head."""
    x, y = b[0] - a[0], b[1] - a[1]
    length = max((x * x + y * y) ** 0.5, 1e-6)
    x, y = x / length * size, y / length * size
    tip = (at[0] - y, at[1] + x)
    left = (tip[0] + 0.4 * y - 0.3 * x, tip[1] - 0.4 * x - 0.3 * y)
    right = (tip[0] + 0.4 * y + 0.3 * x, tip[1] - 0.4 * x + 0.3 * y)
    return [at, tip, left, tip, right]
