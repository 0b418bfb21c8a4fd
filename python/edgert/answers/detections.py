"""Objects in boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .base import Array, Labels, label_of, short, shortened


@dataclass(frozen=True)
class Detection:
    """One object. `box`: x0, y0, x1, y1 in pixels of the frame; `keypoints`: [K, 3] of x, y, score."""

    box: tuple[float, float, float, float]
    score: float
    index: int
    label: str | None
    keypoints: Array

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        said: dict[str, Any] = {
            "box": [short(number) for number in self.box],
            "score": short(self.score, 4),
        }
        said["label" if self.label is not None else "class"] = (
            self.label if self.label is not None else self.index
        )
        if len(self.keypoints):
            said["keypoints"] = shortened(self.keypoints)
        return said


@dataclass(frozen=True)
class Detections:
    """Objects, as a list of Detection. `array`: [N, 6 + 3K] of x0, y0, x1, y1, score, class, key points."""

    array: Array
    labels: Labels = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Detection]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> Detection:
        row = self.array[index]
        box = (float(row[0]), float(row[1]), float(row[2]), float(row[3]))
        number = int(row[5])
        return Detection(box, float(row[4]), number, label_of(self.labels, number), row[6:].reshape(-1, 3))

    @property
    def boxes(self) -> Array:
        """[N, 4]: x0, y0, x1, y1 in pixels of the frame."""
        return self.array[:, :4]

    @property
    def scores(self) -> Array:
        """[N] in 0..1."""
        return self.array[:, 4]

    def to_json(self) -> list[dict[str, Any]]:
        """One object each."""
        return [detection.to_json() for detection in self]
