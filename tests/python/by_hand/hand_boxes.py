"""Boxes, key points and regions in plain NumPy, after the published papers and MediaPipe's graphs.

Boxes are x0, y0, x1, y1; a detection is (box, score, class, points [K, 2]).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Found(NamedTuple):
    """One object."""

    box: Array
    score: float
    kind: int
    points: Array


def sigmoid(logits: Array) -> Array:
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def softmax(logits: Array) -> Array:
    powers = np.exp(logits.astype(np.float64) - logits.max())
    result: Array = powers / powers.sum()
    return result


def cell_centres(input_size: int, stride: int, each: int) -> Array:
    """[cells * cells * each, 2] in 0..1, row by row."""
    cells = math.ceil(input_size / stride)
    middles = (np.arange(cells) + 0.5) / cells
    y, x = np.meshgrid(middles, middles, indexing="ij")
    return np.repeat(np.stack([x, y], -1).reshape(-1, 2), each, axis=0)


def face_anchors(input_size: int, layers: Sequence[tuple[int, int]]) -> Array:
    """[N, 2]: centres; `layers` are (stride, anchors a cell)."""
    return np.concatenate([cell_centres(input_size, stride, each) for stride, each in layers])


def ssd_anchors() -> Array:
    """[1917, 4]: cx, cy, w, h of the SSD MobileNet of 300 pixels as TensorFlow lays it out."""
    scales = [*np.linspace(0.2, 0.95, 6), 1.0]
    rows = []
    for layer in range(6):
        shapes = [(scales[layer], ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 0.3333)]
        shapes.append((math.sqrt(scales[layer] * scales[layer + 1]), 1.0))
        if layer == 0:
            shapes = [(0.1, 1.0), (0.2, 2.0), (0.2, 0.5)]
        sizes = np.array([(scale * math.sqrt(ratio), scale / math.sqrt(ratio)) for scale, ratio in shapes])
        centres = cell_centres(300, 16 * 2**layer, len(sizes))
        rows.append(np.hstack([centres, np.tile(sizes, (len(centres) // len(sizes), 1))]))
    return np.concatenate(rows)


def ssd_boxes(encoded: Array) -> Array:
    """[N, 4] in 0..1 from ty, tx, th, tw, with the variances 0.1 and 0.2."""
    anchor = ssd_anchors()
    y, x = (encoded[:, i].astype(np.float64) / 10 * anchor[:, 3 - i] + anchor[:, 1 - i] for i in (0, 1))
    h, w = (np.exp(encoded[:, i].astype(np.float64) / 5) * anchor[:, 5 - i] for i in (2, 3))
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)


def face_boxes(raw: Array, anchors: Array, input_size: int) -> tuple[Array, Array]:
    """Boxes [N, 4] and points [N, K, 2] in 0..1."""
    raw = raw.astype(np.float64) / input_size
    centre, half = raw[:, :2] + anchors, raw[:, 2:4] / 2
    return np.hstack([centre - half, centre + half]), raw[:, 4:].reshape(len(raw), -1, 2) + anchors[:, None]


def overlap(one: Array, other: Array) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    both = float(np.prod(sides.clip(0)))
    areas = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]))
    return both / (areas - both) if both else 0.0


def one_each(candidates: list[Found], threshold: float, weighted: bool) -> list[Found]:
    """Non-maximum suppression: the best stays, or the mean of its group weighted by score."""
    left = sorted(candidates, key=lambda found: -found.score)
    kept = []
    while left:
        best = left[0]
        group = [found for found in left if found is best or overlap(best.box, found.box) > threshold]
        left = [found for found in left if not any(found is one for one in group)]
        kept.append(mean_of(group) if weighted else best)
    return kept


def mean_of(group: list[Found]) -> Found:
    share = np.array([found.score for found in group])
    share /= share.sum()
    box = sum(part * found.box for part, found in zip(share, group, strict=True))
    points = sum(part * found.points for part, found in zip(share, group, strict=True))
    return Found(np.asarray(box), group[0].score, group[0].kind, np.asarray(points))


def in_frame(found: Found, size: int, way: Array) -> Found:
    """From 0..1 of the input to pixels of the frame by a [2, 3] matrix that does not turn."""
    corners = found.box.reshape(2, 2) * size @ way[:, :2].T + way[:, 2]
    return found._replace(box=corners.reshape(4), points=found.points * size @ way[:, :2].T + way[:, 2])


def turned_square(centre: Array, side: float, start: Array, end: Array, target: float) -> Array:
    """A region whose line from `start` to `end` points to `target` degrees (0 right, 90 up)."""
    line = end - start
    angle = math.radians(target) - math.atan2(-line[1], line[0])
    angle -= 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))
    return np.array([*centre, side, side, angle])


def face_region(face: Found) -> Array:
    """MediaPipe's FaceDetectionFrontDetectionToRoi: the longer side by 1.5, the eyes level."""
    side = float((face.box[2:] - face.box[:2]).max()) * 1.5
    return turned_square((face.box[:2] + face.box[2:]) / 2, side, face.points[0], face.points[1], 0)


def body_region(person: Found) -> Array:
    """MediaPipe's PoseDetectionToRoi: the circle around the hips by 1.25, the body upright."""
    middle, rim = person.points[:2]
    return turned_square(middle, 2 * float(np.hypot(*(rim - middle))) * 1.25, middle, rim, 90)
