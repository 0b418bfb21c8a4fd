"""The answer and region operations again, in plain NumPy, to compare the C++ ones against.

Written for being read, not for speed; each function states the rule it follows. The anchors, the
weighted suppression and the regions are MediaPipe's (ssd_anchors_calculator.cc,
non_max_suppression_calculator.cc, detections_to_rects_calculator.cc and
rect_transformation_calculator.cc).
"""

import math

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


def anchors(
    size,
    strides,
    ratios=(1.0,),
    interpolated=True,
    reduce_lowest=False,
    fixed=True,
    min_scale=0.2,
    max_scale=0.95,
):
    """[N, 4]: cx, cy, width, height in 0..1 of a square input."""
    count = len(strides)
    scales = [min_scale + (max_scale - min_scale) * i / max(count - 1, 1) for i in range(count)]
    if count == 1:
        scales = [(min_scale + max_scale) / 2]
    scales.append(1.0)
    rows, layer = [], 0
    while layer < count:
        stride, sizes = strides[layer], []
        while layer < count and strides[layer] == stride:
            if layer == 0 and reduce_lowest:
                sizes += [(0.1, 1.0), (scales[0], 2.0), (scales[0], 0.5)]
            else:
                sizes += [(scales[layer], ratio) for ratio in ratios]
                if interpolated:
                    sizes.append((math.sqrt(scales[layer] * scales[layer + 1]), 1.0))
            layer += 1
        cells = math.ceil(size / stride)
        for y in range(cells):
            for x in range(cells):
                for scale, ratio in sizes:
                    w, h = (1, 1) if fixed else (scale * math.sqrt(ratio), scale / math.sqrt(ratio))
                    rows.append(((x + 0.5) / cells, (y + 0.5) / cells, w, h))
    return np.array(rows)


def decode_mediapipe(raw, prior, scale, keypoints):
    """Boxes [N, 4] as corners and points [N, K, 2], in 0..1 of the input."""
    raw = np.asarray(raw, np.float64)
    centre, half = raw[:, :2] / scale + prior[:, :2], raw[:, 2:4] / scale / 2
    points = raw[:, 4:].reshape(-1, keypoints, 2) / scale + prior[:, None, :2]
    return np.hstack([centre - half, centre + half]), points


def decode_ssd(raw, prior, scales=(10, 10, 5, 5)):
    y, x, h, w = (np.asarray(raw, np.float64) / scales).T
    cx, cy = x * prior[:, 2] + prior[:, 0], y * prior[:, 3] + prior[:, 1]
    half_w, half_h = np.exp(w) * prior[:, 2] / 2, np.exp(h) * prior[:, 3] / 2
    return np.stack([cx - half_w, cy - half_h, cx + half_w, cy + half_h], 1)


def iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def suppress(boxes, points, scores, labels, threshold, weighted=False, class_aware=True):
    """Rows (x0, y0, x1, y1, score, label, points...) of what stays, best first."""
    left = list(np.lexsort((np.arange(len(scores)), -scores)))
    out = []
    while left:
        best = left[0]
        group = [
            i
            for i in left
            if i == best
            or (iou(boxes[best], boxes[i]) > threshold and (not class_aware or labels[i] == labels[best]))
        ]
        left = [i for i in left if i not in group]
        share = scores[group] / scores[group].sum() if weighted else np.array([1.0])
        used = group if weighted else [best]
        box = (boxes[used] * share[:, None]).sum(0)
        kept = (points[used] * share[:, None, None]).sum(0)
        out.append((box, scores[best], labels[best], kept))
    return out


def input_to_frame(region, fit, width, height):
    """A 2 × 3 matrix from pixels of the model's input to pixels of the frame."""
    cx, cy, w, h, angle = region
    sx, sy = w / width, h / height
    if fit == "letterbox":
        sx = sy = max(sx, sy)
    if fit == "centre_crop":
        sx = sy = min(sx, sy)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ np.diag([sx, sy])
    return np.hstack([linear, (np.array([cx, cy]) - linear @ [width / 2, height / 2])[:, None]])


def to_frame(rows, matrix, width, height):
    """Detections [N, 6 + 3K] of what `suppress` gave."""
    out = []
    for box, score, label, points in rows:
        corners = np.array([[box[i] * width, box[j] * height] for i in (0, 2) for j in (1, 3)])
        corners = corners @ matrix[:, :2].T + matrix[:, 2]
        points = points * [width, height] @ matrix[:, :2].T + matrix[:, 2]
        out.append(
            [*corners.min(0), *corners.max(0), score, label] + [v for x, y in points for v in (x, y, score)]
        )
    return np.array(out)


def region(box, turn=None, target=0.0, shift=(0, 0), square=False, scale=1.0):
    """A region around (cx, cy, w, h); `turn` is two points, `target` degrees."""
    cx, cy, w, h = box
    angle = 0.0
    if turn is not None:
        (x0, y0), (x1, y1) = turn
        angle = math.radians(target) - math.atan2(-(y1 - y0), x1 - x0)
        angle -= 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi))
    dx, dy = w * shift[0], h * shift[1]
    cx += dx * math.cos(angle) - dy * math.sin(angle)
    cy += dx * math.sin(angle) + dy * math.cos(angle)
    if square:
        w = h = max(w, h)
    return np.array([cx, cy, w * scale, h * scale, angle])
