"""From a picture to a model's input: what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from edgert.documents import ImageInput, Refused

from .algebra import Built, Goal, build
from .native import Builder, Params, Value, described
from .shapes import INTEGERS, dtype_of, quantisation

WIDTH, HEIGHT = 0, 1


@dataclass(frozen=True)
class Geometry:
    """How the frame was fitted into the input: what answers need to find the way back."""

    width: int
    height: int
    fit: str
    frame: Value
    region: Value | None

    def params(self) -> Params:
        """As the answers' operations take it."""
        return {"fit": self.fit, "input_width": self.width, "input_height": self.height}

    def inputs(self) -> list[Value]:
        """The last inputs of an answer's operation."""
        return [self.frame] if self.region is None else [self.frame, self.region]


def picture(
    builder: Builder, image: ImageInput, tensor: Mapping[str, Any], frame: Value, region: Value | None
) -> tuple[Built, Geometry]:
    """The chain to the input tensor of a model, and how the frame lies in it. Raises Refused."""
    layout, width, height = layout_of(image, tensor)
    dtype_of(image, tensor, "image")
    values, encoding = _values(image, tensor)
    wanted: Params = {
        "width": width,
        "height": height,
        "fit": image.fit,
        "colour": image.colour,
        "filter": image.filter,
        "pad": image.pad,
        **values,
    }
    goal = Goal.of(tensor, {"picture": wanted, "layout": layout}, **encoding)
    beside = {"frame": frame} if region is None else {"frame": frame, "region": region}
    stepwise = not builder.fuses and bool(frame.spec.get("width")) and min(values["scale"]) > 0
    built = build(builder, frame, goal, beside, part=region is not None or None, stepwise=stepwise or None)
    return built, Geometry(width, height, image.fit, frame, region)


def layout_of(image: ImageInput, tensor: Mapping[str, Any]) -> tuple[str, int, int]:
    """Layout, width and height: as declared, else as the model file says. Raises Refused when they differ."""
    shape = list(tensor["shape"])
    if len(shape) != 4:
        what = f"input {tensor['name']!r} of the model is {described(tensor)}, which is no picture"
        raise Refused(what, "an image input has four axes; say audio, table or features", ("image",))
    layout = image.layout or guess_layout(shape)
    if layout is None:
        what = f"the layout can't be told from {described(tensor)}"
        raise Refused(what, "say layout: nhwc or nchw", ("image",))
    height, width, channels = shape[1:] if layout == "nhwc" else (shape[2], shape[3], shape[1])
    _check_channels(image, tensor, layout, channels)
    return layout, _extent(image, tensor, WIDTH, width), _extent(image, tensor, HEIGHT, height)


def guess_layout(shape: list[int]) -> str | None:
    """nhwc or nchw, by where the 1 or 3 channels are; None when it can't be told."""
    last, second = shape[3] in (1, 3), shape[1] in (1, 3)
    return None if last == second else "nhwc" if last else "nchw"


def _check_channels(image: ImageInput, tensor: Mapping[str, Any], layout: str, channels: int) -> None:
    given = 1 if image.colour == "gray" else 3
    if channels not in (given, -1):
        key = (
            "layout"
            if image.layout and guess_layout(list(tensor["shape"])) not in (layout, None)
            else "colour"
        )
        made = f"{layout} and {image.colour} make {given} channels"
        what = f"{made}, and input {tensor['name']!r} of the model is {described(tensor)}"
        raise Refused(what, f"correct {key} in the Model document", ("image", key))


def _extent(image: ImageInput, tensor: Mapping[str, Any], index: int, real: int) -> int:
    declared = image.size[index] if image.size else None
    name = ("width", "height")[index]
    if declared is None and real < 1:
        raise Refused(
            f"the model takes any {name}: {described(tensor)}", "say size: [width, height]", ("image",)
        )
    if declared is not None and real > 0 and declared != real:
        what = (
            f"size says {name} {declared}, and input {tensor['name']!r} of the model is {described(tensor)}"
        )
        raise Refused(what, f"write {real}, or leave size out", ("image", "size"))
    return declared or real


def _values(image: ImageInput, tensor: Mapping[str, Any]) -> tuple[Params, Params]:
    """How pixels become values, and how values are stored."""
    whole = tensor["dtype"] in INTEGERS
    how = quantisation(image, tensor) if whole else None
    if image.range is None and image.mean is None and image.deviation is None and (how or not whole):
        what = f"the model wants {tensor['dtype']} values, and the document doesn't say which"
        raise Refused(what, "say range: [0, 1] or [-1, 1], or mean and deviation", ("image",))
    scale, offset = scaling(image)
    encoding: Params = {"quant_scale": how.scale, "quant_zero": how.zero} if how else {}
    return {"scale": scale, "offset": offset}, encoding


def scaling(image: ImageInput) -> tuple[list[float], list[float]]:
    """Scale and offset, one or one a channel, of value = pixel * scale + offset; each the nearest double."""
    if image.range is not None:
        low, high = (_exact(number) for number in image.range)
        return [float((high - low) / 255)], [float(low)]
    means = [_exact(number) for number in image.mean or [0.0]]
    deviations = [_exact(number) for number in image.deviation or [1.0]]
    count = _count(image, len(means), len(deviations))
    means, deviations = (numbers * count if len(numbers) == 1 else numbers for numbers in (means, deviations))
    scale = [float(1 / deviation) for deviation in deviations]
    offset = [float(-mean / deviation) for mean, deviation in zip(means, deviations, strict=True)]
    return _one_if_equal(scale), _one_if_equal(offset)


def _count(image: ImageInput, *counts: int) -> int:
    channels = 1 if image.colour == "gray" else 3
    if any(count not in (1, channels) for count in counts):
        what = f"mean and deviation have {' and '.join(str(count) for count in counts)} numbers"
        raise Refused(what, f"write one, or {channels} for {image.colour}", ("image", "mean"))
    return max(counts)


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))


def _one_if_equal(numbers: list[float]) -> list[float]:
    return numbers[:1] if len(set(numbers)) == 1 else numbers
