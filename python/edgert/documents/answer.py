"""How a model's outputs are read. The keys are those of the operation (docs/operations.md)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from .base import Part
from .features import Deviation

Activation = Literal["none", "softmax", "sigmoid"]
Score = Annotated[float, Field(ge=0, le=1)]


def _none_empty(labels: str | list[str]) -> str | list[str]:
    if not labels:
        raise PydanticCustomError("empty", "there are none; name the classes, or leave labels out")
    if isinstance(labels, list) and "" in labels:
        text = "label {number} (counted from 0) is empty; give it a name"
        raise PydanticCustomError("empty", text, {"number": labels.index("")})
    return labels


Labels = Annotated[str | list[str], AfterValidator(_none_empty)]


class Answer(Part):
    """What all answers share."""

    OPERATION: ClassVar[str] = ""
    READING: ClassVar[str] = "raw"
    TENSORS: ClassVar[tuple[str, ...]] = ("output",)
    """The keys that name output tensors, in the operation's order."""

    def params(self) -> dict[str, Any]:
        """The operation's parameters: what was said, and the defaults."""
        apart = {"type", "labels", *self.TENSORS}
        return {key: value for key, value in self.model_dump(exclude=apart).items() if value is not None}


class Labelled(Answer):
    """What has classes."""

    labels: Labels | None = None
    """The names of the classes: a list, zoo:NAME, or a file with one a line (or CSV with a column)."""


class Raw(Answer):
    """The output tensors as they are."""

    TENSORS: ClassVar[tuple[str, ...]] = ()
    type: Literal["raw"] = "raw"


class Classes(Labelled):
    """The most probable classes."""

    OPERATION: ClassVar[str] = "answer.classes"
    READING: ClassVar[str] = "classes"
    type: Literal["classes"] = "classes"
    output: str | None = None
    """The tensor of scores; left out, the model's only one."""
    activation: Activation = "none"
    top: int = Field(default=5, ge=1)
    min_score: Score = 0.0


class Located(Labelled):
    """What has boxes."""

    READING: ClassVar[str] = "detections"
    min_score: Score = 0.5
    max_detections: int = Field(default=100, ge=1)


class Boxes(Located):
    """Boxes and scores in two tensors, with anchors or without."""

    OPERATION: ClassVar[str] = "answer.boxes"
    TENSORS: ClassVar[tuple[str, ...]] = ("boxes", "scores")
    type: Literal["boxes"] = "boxes"
    boxes: str | None = None
    """The tensor of boxes; left out, the first of two."""
    scores: str | None = None
    format: Literal["ssd", "mediapipe", "corners", "centre"] = "corners"
    normalised: bool = True
    """Numbers are 0..1 of the input, or its pixels."""
    order: Literal["xy", "yx"] = "xy"
    """Of corners and centre: which comes first."""
    scales: Deviation | None = None
    """Of ssd: what offsets are divided by, y x h w; left out, 10 10 5 5."""
    scale_xy: Deviation | None = Field(default=None, max_length=2)
    """Of mediapipe: what offsets are divided by; left out, the input's size."""
    anchors: Literal["ssd_mobilenet", "mediapipe"] | None = None
    """The rule of ssd's and mediapipe's anchors."""
    anchor_strides: list[Annotated[int, Field(ge=1)]] | None = Field(default=None, min_length=1)
    """Pixels from cell to cell, a layer."""
    anchor_per_cell: int | None = Field(default=None, ge=1)
    anchor_interpolated: bool | None = None
    """One anchor more, of the mean scale between this layer and the next."""
    anchor_layers: int | None = Field(default=None, ge=1)
    anchor_min_scale: float | None = Field(default=None, gt=0)
    anchor_max_scale: float | None = Field(default=None, gt=0)
    anchor_ratios: Deviation | None = None
    anchor_reduce_lowest: bool | None = None
    """The first layer has three anchors."""
    activation: Activation = "sigmoid"
    background: bool = False
    """Class 0 is "nothing"."""
    keypoints: int = Field(default=0, ge=0)
    iou: Score = 0.5
    nms: Literal["hard", "weighted", "none"] = "hard"
    class_aware: bool = True


class Yolo(Located):
    """YOLO's one tensor."""

    OPERATION: ClassVar[str] = "answer.yolo"
    type: Literal["yolo"] = "yolo"
    output: str | None = None
    layout: Literal["v5", "v8"] = "v8"
    """[1, N, 5 + classes] with objectness, or [1, 4 + classes, N]."""
    activation: Activation = "none"
    normalised: bool = False
    """Boxes are 0..1 of the input, or its pixels."""
    iou: Score = 0.5
    nms: Literal["hard", "weighted", "none"] = "hard"
    class_aware: bool = True


class Detr(Located):
    """DETR's logits and boxes."""

    OPERATION: ClassVar[str] = "answer.detr"
    TENSORS: ClassVar[tuple[str, ...]] = ("logits", "boxes")
    type: Literal["detr"] = "detr"
    logits: str | None = None
    boxes: str | None = None
    activation: Literal["softmax", "sigmoid"] = "softmax"
    background: bool | None = None
    """The last class is "nothing"; left out, so with softmax."""


class Keypoints(Answer):
    """Points on what is seen."""

    OPERATION: ClassVar[str] = "answer.keypoints"
    READING: ClassVar[str] = "keypoints"
    TENSORS: ClassVar[tuple[str, ...]] = ("points", "presence")
    type: Literal["keypoints"] = "keypoints"
    points: str | None = None
    presence: str | None = None
    """The tensor that says whether anything is there."""
    count: int = Field(ge=1)
    keep: int | None = Field(default=None, ge=1)
    """The first so many are given out; left out, all."""
    stride: int = Field(default=3, ge=2, le=5)
    """Numbers a point."""
    order: Literal["xy", "yx"] = "xy"
    normalised: bool = False
    """Numbers are 0..1 of the input, or its pixels."""
    score_at: int = Field(default=-1, ge=-1)
    """Where in a point its score stands; -1: it has none."""
    activation: Literal["none", "sigmoid"] = "none"
    """Of the points' scores."""
    presence_activation: Literal["none", "sigmoid"] = "none"
    z_scale: float = 1.0


class Mask(Answer):
    """How much each pixel belongs to it."""

    OPERATION: ClassVar[str] = "answer.mask"
    READING: ClassVar[str] = "mask"
    type: Literal["mask"] = "mask"
    output: str | None = None
    activation: Activation = "none"
    channel: int = Field(default=0, ge=0)
    layout: Literal["nhwc", "nchw"] = "nhwc"


class Probability(Answer):
    """One number in 0..1."""

    OPERATION: ClassVar[str] = "answer.probability"
    READING: ClassVar[str] = "probability"
    type: Literal["probability"] = "probability"
    output: str | None = None
    index: int = Field(default=0, ge=0)
    activation: Activation = "none"
    average: int = Field(default=1, ge=1)
    """The mean of the last so many runs, 0 before there are as many."""
    cutoff: Score | None = None
    """Above it, the answer says that it fired."""


class Embedding(Answer):
    """A vector that stands for what was seen or heard."""

    OPERATION: ClassVar[str] = "answer.embedding"
    READING: ClassVar[str] = "embedding"
    type: Literal["embedding"] = "embedding"
    output: str | None = None
    normalise: bool = True
    """To unit length."""


AnyAnswer = Annotated[
    Raw | Classes | Boxes | Yolo | Detr | Keypoints | Mask | Probability | Embedding,
    Field(discriminator="type"),
]
