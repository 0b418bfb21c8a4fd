"""How a first Model document guesses that outputs are read, by their shapes and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Tensor = Mapping[str, Any]
Size = tuple[int, int]
# Strides and anchors a cell and layer of MediaPipe's detectors (its *_detection*.pbtxt): near faces and
# palms, poses, far faces.
MEDIAPIPE = (((8, 16, 16, 16), 2), ((8, 16, 32, 32, 32), 2), ((4,), 1))
MARK = "  # guess"


def answer_lines(outputs: Sequence[Tensor], picture: Size | None, quote: Any) -> list[str]:
    """The lines under `answer:`. `picture` is the width and height of the model's picture, if it reads one;
    `quote` writes a name as a YAML value."""
    if len(outputs) == 2 and picture and (found := _detections(outputs, picture, quote)):
        return found
    if len(outputs) != 1:
        return _raw()
    return _single(outputs[0], picture)


def _raw() -> list[str]:
    return ["type: raw  # the tensors as they are; or say how to read them"]


def _single(tensor: Tensor, picture: Size | None) -> list[str]:
    extents, name = list(tensor["shape"]), tensor["name"].lower()
    inner = [extent for extent in extents[1:] if extent != 1]  # the first axis is the batch
    if len(extents) == 4 and len(inner) >= 2 and all(extent > 0 for extent in inner) and picture:
        nchw = 0 < extents[1] < min(extents[2], extents[3])
        return [f"type: mask{MARK}", f"layout: {'nchw' if nchw else 'nhwc'}{MARK}"]
    if any(extent < 0 for extent in inner):
        return _raw()
    if len(inner) == 2 and min(inner) >= 6 and max(inner) > 500 and picture:
        return [f"type: yolo{MARK}", f"layout: {'v8' if inner[0] < inner[1] else 'v5'}{MARK}"]
    real = inner or [extent for extent in extents if extent > 1]
    if len(real) > 1:
        return _raw()
    if not real:
        return [f"type: probability{MARK}"]
    if any(word in name for word in ("embed", "feature")):
        return [f"type: embedding{MARK}, from the tensor's name"]
    logits = "logit" in name
    why = "guess, from the tensor's name" if logits else "guess: softmax for logits"
    activation = f"activation: {'softmax' if logits else 'none'}  # {why}"
    return [f"type: classes{MARK}", activation, "# labels: names.txt"]


def _detections(outputs: Sequence[Tensor], picture: Size, quote: Any) -> list[str] | None:
    for boxes, scores in (outputs, outputs[::-1]):
        if not all(len(tensor["shape"]) == 3 for tensor in (boxes, scores)):
            continue
        count, width = boxes["shape"][1:]
        if scores["shape"][1] != count or width < 4 or width % 2 or count < 0:
            continue
        if scores["shape"][2] != 1 and width != 4:
            continue
        names = [f"type: boxes{MARK}", f"boxes: {quote(boxes['name'])}", f"scores: {quote(scores['name'])}"]
        encoding = _encoding(count, width, picture)
        return names + encoding if encoding else _unread_boxes(count)
    return None


def _unread_boxes(count: int) -> list[str]:
    return [
        f"# this must be set to get detections: no known anchor rule gives {count} boxes at this size.",
        "# Say type: boxes, with boxes, scores, format, anchors, anchor_strides and keypoints.",
        "type: raw  # until then, the tensors as they are",
    ]


def _encoding(count: int, width: int, picture: Size) -> list[str] | None:
    """How boxes are encoded: the anchor rule that gives just as many of them. None: no rule does."""
    if width == 4 and count == _ssd(picture):
        return [
            f"format: ssd{MARK}: its anchors are {count} at this size",
            "anchors: ssd_mobilenet",
            f'background: true{MARK}: class 0 is "nothing"',
            "# labels: names.txt",
        ]
    if width == 4:
        return [
            f"format: corners{MARK}: or centre; or ssd with anchors, when boxes are offsets",
            "# labels: names.txt",
        ]
    for strides, per_cell in MEDIAPIPE:
        if count == per_cell * sum(_cells(stride, picture) for stride in strides):
            return [
                f"format: mediapipe{MARK}: its anchors are {count} at this size",
                "anchors: mediapipe",
                f"anchor_strides: {list(strides)}",
                *(["anchor_interpolated: false"] if per_cell == 1 else []),
                f"keypoints: {(width - 4) // 2}",
                f"nms: weighted{MARK}",
                "# labels: [object]",
            ]
    return None


def _cells(stride: int, picture: Size) -> int:
    return -(-picture[0] // stride) * -(-picture[1] // stride)


def _ssd(picture: Size) -> int:
    """How many anchors TensorFlow's SSD MobileNet has: three a cell in the first of six layers, then six."""
    return sum(_cells(16 << layer, picture) * (6 if layer else 3) for layer in range(6))
