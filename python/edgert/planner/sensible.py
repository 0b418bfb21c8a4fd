"""What can be planned, and would not do what it says: labels that don't fit the classes, a mask of what is no
picture, conditions that never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edgert.documents import Condition, Refused, answer

from .given import Given
from .models import Opened
from .native import described

V5_BEFORE, V8_BEFORE = 5, 4  # numbers before the classes' own: the box, and v5's objectness
PROBABLE = {"detections", "probability"}  # readings whose numbers lie in 0..1


def check_labels(opened: Opened, names: Sequence[str] | None, outputs: Sequence[str]) -> None:
    """Refuses another number of labels than the model has classes: names would be missing, or shifted."""
    spec = opened.document.answer
    count = _classes(spec, [opened.outputs[name] for name in outputs])
    if names is None or count is None or len(names) == count:
        return
    if isinstance(spec, answer.Detr) and len(names) == count - 1:  # the last one, "nothing", needs no name
        return
    what = f"there are {len(names)} labels, and the model gives {count} classes"
    route = ("answer", "labels")
    raise Refused(what, "give one label for each class, in the model's order", route, opened.document)


def _classes(spec: answer.Answer, tensors: Sequence[Mapping[str, Any]]) -> int | None:
    """How many classes an answer has; None when that isn't known before it runs."""
    shape = list(tensors[-1]["shape"])  # of boxes, it is the scores
    match spec:
        case answer.Classes():
            count = shape[-1] if shape else None
        case answer.Boxes():
            count = shape[2] if len(shape) == 3 else None
        case answer.Detr():
            shape = list(tensors[0]["shape"])
            count = shape[-1] if len(shape) == 3 else None
        case answer.Yolo() if len(shape) == 3:
            axis, before = (2, V5_BEFORE) if spec.layout == "v5" else (1, V8_BEFORE)
            count = shape[axis] - before
        case _:
            count = None
    return count if count and count > 0 else None


def check_mask(opened: Opened, output: str) -> None:
    """Refuses a mask of a tensor that is no picture."""
    shape = list(opened.outputs[output]["shape"])
    if len(shape) >= 3 or all(extent > 1 for extent in shape):
        return
    what = f"a mask is a picture, and output {output!r} of the model is {described(opened.outputs[output])}"
    remedy = "name an output [1, height, width, channels], or choose another type of answer"
    raise Refused(what, remedy, ("answer", "type"), opened.document)


def check_bound(condition: Condition, source: Given | None, value: Mapping[str, Any]) -> None:
    """Refuses a condition that could never open, or never close, and a number that isn't there."""
    if source is not None and _is_probable(condition, source):
        if condition.above is not None and not 0 <= condition.above < 1:
            raise _senseless("above", condition.above, source)
        if condition.below is not None and not 0 < condition.below <= 1:
            raise _senseless("below", condition.below, source)
    last = value["shape"][-1] if value.get("shape") else -1
    if condition.index is not None and 0 <= last <= condition.index:
        what = f"there is no number {condition.index} in {described(value)}"
        raise Refused(what, f"write 0 to {last - 1}" if last > 0 else "", ("condition", "index"))


def _is_probable(condition: Condition, source: Given) -> bool:
    """Whether the number that it looks at is a probability."""
    if condition.index is not None or "." in condition.from_:
        return False
    if source.kind == "classes":
        return source.activation in ("softmax", "sigmoid")
    return source.kind in PROBABLE and source.value is not None


def _senseless(key: str, bound: float, source: Given) -> Refused:
    score = f"the score of step {source.step.name!r} lies in 0..1"
    what = f"{key} is {bound:g}, and {score}: the condition would never change"
    return Refused(what, "write a number between 0 and 1", ("condition", key))
