"""Made-up scenes whose every identity is known: who is where, and what a detector would say of it.

Persons walk through a picture of 1280 × 720, turn, meet and hide each other. The detector is noisy: boxes
jump by some percent of their size, sure persons get high scores and half hidden ones low, some are missed,
and some detections are of nobody. All is drawn from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True)
class Frame:
    """`truth`: [N, 5] of id and x0, y0, x1, y1 of who is seen at least a bit; `found`: [M, 6] as detections,
    best first; `time` in seconds."""

    time: float
    truth: Array
    found: Array


def scene(
    seed: int, seconds: float = 20, rate: float = 30, persons: int = 15, crowded: float = 1.0
) -> list[Frame]:
    """A scene of so many persons. `crowded`: a smaller number makes the picture smaller."""
    random = np.random.default_rng(seed)
    size = np.array([WIDTH, HEIGHT]) * crowded
    feet = random.uniform([0, 0.35], [1, 1], (persons, 2)) * size
    speed = random.normal(0, 1, (persons, 2)) * [90, 30]
    build = random.uniform(0.8, 1.2, persons)
    born, gone = (
        random.uniform(-seconds / 2, seconds / 2, persons),
        random.uniform(0.6, 1.6, persons) * seconds,
    )
    ids = np.arange(1, persons + 1)
    frames = []
    for index in range(round(seconds * rate)):
        time = index / rate
        speed += random.normal(0, 1, (persons, 2)) * [60, 20] / np.sqrt(rate)
        speed *= 1 - 0.4 / rate
        feet += speed / rate
        for axis, low in ((0, 0.0), (1, 0.35)):  # they turn at the borders
            out = (feet[:, axis] < low * size[axis]) | (feet[:, axis] > size[axis])
            inwards = np.sign((low + 1) / 2 * size[axis] - feet[:, axis])
            speed[out, axis] = np.abs(speed[out, axis]) * inwards[out]
        here = (born <= time) & (time < gone)
        frames.append(_frame(time, ids[here], _boxes(feet, build, size)[here], random))
    return frames


def _boxes(feet: Array, build: Array, size: Array) -> Array:
    height = (60 + 140 * feet[:, 1] / size[1]) * build
    half = 0.2 * height
    return np.stack([feet[:, 0] - half, feet[:, 1] - height, feet[:, 0] + half, feet[:, 1]], 1)


def _frame(time: float, ids: Array, boxes: Array, random: np.random.Generator) -> Frame:
    seen = _visible(boxes)
    truth = np.column_stack([ids, boxes])[seen > 0.1]
    certain = np.clip(seen * random.normal(0.95, 0.12, len(boxes)), 0, 0.99)
    kept = (certain > 0.12) & (random.random(len(boxes)) > 0.03)
    spread = 0.03 * (boxes[:, 3] - boxes[:, 1])[:, None] * (1.5 - 0.5 * seen[:, None])
    noisy = boxes + random.normal(0, 1, boxes.shape) * spread
    found = np.column_stack([noisy, certain, np.zeros(len(boxes))])[kept]
    false = np.array([_false(random) for _ in range(random.poisson(0.4))]).reshape(-1, 6)
    found = np.concatenate([found, false])
    return Frame(time, truth, found[np.argsort(-found[:, 4], kind="stable")])


def _visible(boxes: Array) -> Array:
    """The share of each box that no nearer one (whose feet are lower) covers, on a grid of 12 × 12 points."""
    steps = (np.arange(12) + 0.5) / 12
    shares = np.ones(len(boxes))
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        x, y = np.meshgrid(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0))
        nearer = boxes[boxes[:, 3] > y1]
        covered = np.zeros(x.shape, bool)
        for a0, b0, a1, b1 in nearer:
            covered |= (x > a0) & (x < a1) & (y > b0) & (y < b1)
        shares[index] = 1 - covered.mean()
    return shares


def _false(random: np.random.Generator) -> list[float]:
    x, y = random.uniform(0, WIDTH), random.uniform(0.3, 1) * HEIGHT
    height = random.uniform(50, 180)
    return [x, y - height, x + 0.4 * height, y, random.uniform(0.1, 0.65), 0]
