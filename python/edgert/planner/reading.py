"""How a model's outputs become its answer."""

from __future__ import annotations

from edgert.documents import Model, Refused, answer

from .images import Geometry
from .models import Opened
from .native import Builder, Params, Value, blamed_on
from .sensible import check_mask
from .shapes import as_float

PLACED = (answer.Boxes, answer.Yolo, answer.Detr, answer.Keypoints)
OPTIONAL = {"presence"}


def read(builder: Builder, opened: Opened, run: Value, geometry: Geometry | None) -> Value | None:
    """The answer of a model's run; None when the tensors are given as they are. Raises Refused."""
    spec = opened.document.answer
    if isinstance(spec, answer.Raw):
        return None
    names = tensors(opened)
    if isinstance(spec, answer.Mask):
        check_mask(opened, names[0])
    inputs = [as_float(builder, run.out(opened.index_of(name)), opened.outputs[name]) for name in names]
    params: Params = spec.params()
    if isinstance(spec, PLACED):
        if geometry is None:
            what = f"the answer {spec.type} lies in a picture, and the model reads none"
            raise Refused(what, "choose another answer", ("answer", "type"), opened.document)
        params.update(geometry.params())
        inputs += geometry.inputs()
    with blamed_on(opened.document, ("answer",), f"the answer {spec.type} can't be read"):
        value: Value = builder.transform(spec.OPERATION, params, inputs)
    return value


def tensors(opened: Opened) -> list[str]:
    """The names of the output tensors that the answer reads, in its operation's order. Raises Refused."""
    document = opened.document
    keys = document.answer.TENSORS
    named = {key: getattr(document.answer, key) for key in keys}
    free = [name for name in opened.outputs if name not in document.state.values()]
    open_keys = [key for key in keys if named[key] is None and key not in OPTIONAL]
    if not open_keys:
        return [named[key] for key in keys if named[key] is not None]
    if len(open_keys) == len([key for key in keys if key not in OPTIONAL]) and len(free) == len(open_keys):
        return free
    raise _unnamed(document, open_keys, free)


def _unnamed(document: Model, keys: list[str], outputs: list[str]) -> Refused:
    which = " and which is ".join(keys)
    what = f"the model has the outputs {', '.join(outputs)}, and the answer doesn't say which is {which}"
    return Refused(what, f"add {keys[0]}: with the name of a tensor", ("answer",), document)
