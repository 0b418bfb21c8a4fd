"""Objects that are followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .base import Array, Labels, label_of, short

STATES = ("tentative", "confirmed", "lost")


@dataclass(frozen=True)
class Track:
    """One object, the same for as long as its `id` is. `box`: x0, y0, x1, y1 in pixels of the frame."""

    id: int
    """From 1; 0 while tentative. Never given twice."""
    box: tuple[float, float, float, float]
    score: float
    """Of its last detection."""
    index: int
    """Its class."""
    label: str | None
    state: str
    """tentative, confirmed, or lost: not seen in this frame, and the box is where it should be."""
    age: float
    """Seconds since its first detection."""
    velocity: tuple[float, float]
    """Of its centre, in pixels a second."""
    detection: int | None
    """The row of the detections that it was seen as; None when lost."""

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of the box's lower side."""
        return (self.box[0] + self.box[2]) / 2, self.box[3]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {"id": self.id, "box": [short(number) for number in self.box]}
        said["score"] = short(self.score, 4)
        said["label" if self.label is not None else "class"] = (
            self.label if self.label is not None else self.index
        )
        said["age"] = short(self.age, 3)
        said["velocity"] = [short(number) for number in self.velocity]
        if self.state != "confirmed":
            said["state"] = self.state
        return said


@dataclass(frozen=True)
class Tracks:
    """Objects that are followed, as a list of Track.

    `array`: [N, 12] of x0, y0, x1, y1, score, class, id, state (index of STATES), age in s, velocity x and y
    in pixels a second, row of the detection (-1: none).
    """

    array: Array
    labels: Labels = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Track]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Track:
        row = [float(number) for number in self.array[index]]
        number, detection = int(row[5]), int(row[11])
        return Track(
            id=int(row[6]),
            box=(row[0], row[1], row[2], row[3]),
            score=row[4],
            index=number,
            label=label_of(self.labels, number),
            state=STATES[int(row[7])],
            age=row[8],
            velocity=(row[9], row[10]),
            detection=detection if detection >= 0 else None,
        )

    @property
    def boxes(self) -> Array:
        """[N, 4]: x0, y0, x1, y1 in pixels of the frame."""
        return self.array[:, :4]

    @property
    def ids(self) -> Array:
        """[N]."""
        return self.array[:, 6].astype(int)

    def to_json(self) -> list[dict[str, Any]]:
        """One track each."""
        return [track.to_json() for track in self]
