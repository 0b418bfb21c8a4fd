"""Who is in which zone, and who crossed which line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .base import Array, Labels, label_of, short

EVERYBODY = -1  # in the column of ids: a row of counts; in that of classes: all of them


@dataclass(frozen=True)
class Place:
    """A zone or a line: its name and its points, in 0..1 of the frame's size, or in pixels."""

    name: str
    outline: tuple[tuple[float, float], ...] = ()
    relative: bool = True

    def pixels(self, width: float, height: float) -> list[tuple[float, float]]:
        """Its points in pixels of a frame of this size."""
        scale = (width, height) if self.relative else (1.0, 1.0)
        return [(x * scale[0], y * scale[1]) for x, y in self.outline]


@dataclass(frozen=True)
class Stay:
    """A track in a zone."""

    id: int
    label: str | int
    dwell: float
    """Seconds from entering to when it was last seen there."""
    event: str | None
    """entered or left in this frame; None in between."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {"id": self.id, "label": self.label, "dwell": short(self.dwell, 3)}
        return {**said, "event": self.event} if self.event else said


@dataclass(frozen=True)
class Zone:
    """What there is to say of a zone now."""

    now: int
    entered: int
    """Since the start, or in the window."""
    left: int
    dwell: float
    """The longest of those who are there, in seconds."""
    classes: Mapping[str | int, Zone] = field(default_factory=dict)
    stays: Sequence[Stay] = ()
    """Who is there, and who left in this frame."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {"now": self.now, "entered": self.entered, "left": self.left}
        said["dwell"] = short(self.dwell, 3)
        if self.classes:
            said["classes"] = {str(name): one.to_json() for name, one in self.classes.items()}
        if self.stays:
            said["tracks"] = [stay.to_json() for stay in self.stays]
        return said


@dataclass(frozen=True)
class Crossing:
    """A track crossed a line in this frame, at `at` (x, y in pixels)."""

    id: int
    label: str | int
    direction: str
    """forward or backward."""
    at: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        at = [short(number) for number in self.at]
        return {"id": self.id, "label": self.label, "direction": self.direction, "at": at}


@dataclass(frozen=True)
class Line:
    """How often a line was crossed: since the start, or in the window."""

    forward: int
    backward: int
    classes: Mapping[str | int, Line] = field(default_factory=dict)
    crossings: Sequence[Crossing] = ()
    """Those of this frame."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {"forward": self.forward, "backward": self.backward}
        if self.classes:
            said["classes"] = {str(name): one.to_json() for name, one in self.classes.items()}
        if self.crossings:
            said["crossings"] = [crossing.to_json() for crossing in self.crossings]
        return said


@dataclass(frozen=True)
class _Places:
    """`array`: [R, 7]; each row begins with place, id (-1: counts), class (-1: all)."""

    array: Array
    places: Sequence[Place]
    labels: Labels = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[str]:
        return (place.name for place in self.places)

    def _index(self, name: str) -> int:
        for index, place in enumerate(self.places):
            if place.name == name:
                return index
        raise KeyError(name)

    def _rows(self, index: int, counts: bool) -> list[list[float]]:
        rows = self.array[self.array[:, 0] == index]
        chosen: list[list[float]] = rows[(rows[:, 1] == EVERYBODY) == counts].tolist()
        return chosen

    def _label(self, number: float) -> str | int:
        label = label_of(self.labels, int(number))
        return int(number) if label is None else label


@dataclass(frozen=True)
class Zones(_Places):
    """Zones by name, as a mapping to Zone. Columns 3 to 6 of `array`: now, entered, left, dwell in s."""

    def __getitem__(self, name: str) -> Zone:
        index = self._index(name)
        counts = self._rows(index, True)
        parts = {self._label(row[2]): self._zone(row) for row in counts if row[2] != EVERYBODY}
        stays = [self._stay(row) for row in self._rows(index, False)]
        return self._zone(counts[0], parts, stays)

    def _zone(
        self, row: list[float], classes: Mapping[str | int, Zone] | None = None, stays: Sequence[Stay] = ()
    ) -> Zone:
        return Zone(int(row[3]), int(row[4]), int(row[5]), row[6], classes or {}, stays)

    def _stay(self, row: list[float]) -> Stay:
        event = "left" if row[5] else "entered" if row[4] else None
        return Stay(int(row[1]), self._label(row[2]), row[6], event)

    def to_json(self) -> dict[str, Any]:
        """One zone each."""
        return {name: self[name].to_json() for name in self}


@dataclass(frozen=True)
class Lines(_Places):
    """Lines by name, a mapping to Line. Columns 3 to 6 of `array`: forward, backward, a crossing at x, y."""

    def __getitem__(self, name: str) -> Line:
        index = self._index(name)
        counts = self._rows(index, True)
        parts = {self._label(row[2]): Line(int(row[3]), int(row[4])) for row in counts if row[2] != EVERYBODY}
        crossings = [self._crossing(row) for row in self._rows(index, False)]
        return Line(int(counts[0][3]), int(counts[0][4]), parts, crossings)

    def _crossing(self, row: list[float]) -> Crossing:
        direction = "forward" if row[3] else "backward"
        return Crossing(int(row[1]), self._label(row[2]), direction, (row[5], row[6]))

    def to_json(self) -> dict[str, Any]:
        """One line each."""
        return {name: self[name].to_json() for name in self}
