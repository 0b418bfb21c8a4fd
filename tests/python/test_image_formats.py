"""image.to_tensor on pushed frames of every format, fit, filter, layout and dtype, against float64 NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from edgert import _native
from edgert.pushing import to_item

Array = npt.NDArray[Any]

WIDTH, HEIGHT, SIDE = 50, 38, 17
KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}
FORMATS = ["yuv420p", "nv12", "yuyv422", "rgb24", "bgr24", "gray", "yuv420p10le", "p010le"]
FITS, FILTERS = ["stretch", "letterbox", "centre_crop"], ["bilinear", "area"]
DTYPES = {
    "float32": (1 / 127.5, -1.0),
    "float16": (1 / 127.5, -1.0),
    "int8": (1.0, -128.0),
    "uint8": (1.0, 0.0),
}
TOLERANCE = {"float32": 0.1, "float16": 0.2, "int8": 0.6, "uint8": 0.6}  # levels; half a level is rounding
PAD = 114


def planes_of(pixel: str, seed: int) -> list[Array]:
    noise = np.random.default_rng(seed)

    def plane(*shape: int, most: int = 256, kind: Any = np.uint8) -> Array:
        return noise.integers(0, most, shape, kind)

    half = (HEIGHT // 2, WIDTH // 2)
    made = {
        "gray": lambda: [plane(HEIGHT, WIDTH)],
        "yuv420p": lambda: [plane(HEIGHT, WIDTH), plane(*half), plane(*half)],
        "nv12": lambda: [plane(HEIGHT, WIDTH), plane(half[0], WIDTH)],
        "yuyv422": lambda: [plane(HEIGHT, 2 * WIDTH)],
        "yuv420p10le": lambda: [
            plane(*shape, most=1024, kind=np.uint16) for shape in [(HEIGHT, WIDTH), half, half]
        ],
        "p010le": lambda: [
            plane(*shape, most=1024, kind=np.uint16) * 64 for shape in [(HEIGHT, WIDTH), (half[0], WIDTH)]
        ],
    }
    return made.get(pixel, lambda: [plane(HEIGHT, WIDTH, 3)])()


def components(pixel: str, planes: list[Array]) -> list[Array]:
    """Luma and chroma in levels of 8 bits."""
    levels = [plane / {"yuv420p10le": 4, "p010le": 256}.get(pixel, 1) for plane in planes]
    if pixel in ("nv12", "p010le"):
        return [levels[0], levels[1][:, ::2], levels[1][:, 1::2]]
    if pixel == "yuyv422":
        return [levels[0][:, ::2], levels[0][:, 1::4], levels[0][:, 3::4]]
    return levels


def lines(at: Array, count: int) -> Array:
    """Rows that weigh `count` samples linearly at each place, in indices."""
    at = at.clip(0, count - 1)
    left = np.floor(at).astype(int)
    weights = np.zeros((len(at), count))
    np.add.at(weights, (np.arange(len(at)), left), 1 - (at - left))
    np.add.at(weights, (np.arange(len(at)), np.minimum(left + 1, count - 1)), at - left)
    return weights


def picture(pixel: str, planes: list[Array], range_: str, matrix: str, siting: str) -> Array:
    """Float64 [height, width, 3] in 0..255: chroma by its siting, matrix (BT.601 and BT.709), clamp."""
    if pixel in ("rgb24", "bgr24"):
        return planes[0][..., :: 1 if pixel == "rgb24" else -1].astype(np.float64)
    if pixel == "gray":
        return np.repeat(planes[0][..., None].astype(np.float64), 3, 2)
    luma, *chroma = components(pixel, planes)
    across = lines((np.arange(WIDTH) - (0.5 if siting == "centre" else 0)) / 2, WIDTH // 2)
    down = lines((np.arange(HEIGHT) - (0 if siting == "top_left" else 0.5)) / 2, HEIGHT // 2)
    if pixel == "yuyv422":
        down = np.eye(HEIGHT)
    u, v = (down @ (plane - 128) @ across.T for plane in chroma)
    kr, kb = KR_KB[matrix]
    video = range_ == "video"
    y = (luma - 16) * 255 / 219 if video else luma
    step = 255 / 224 if video else 1.0
    red, blue = 2 * (1 - kr) * step * v, 2 * (1 - kb) * step * u
    green = -(kr * red + kb * blue) / (1 - kr - kb)
    return np.stack([y + red, y + green, y + blue], -1).clip(0, 255)


def weights(pixels: int, scale: float, shift: float, filter_: str) -> tuple[Array, Array]:
    """([SIDE, pixels] weights, which outputs lie in the frame) for the outputs' middles along an axis."""
    middle = (np.arange(SIDE) + 0.5) * scale + shift
    inside = (middle >= 0) & (middle < pixels)
    if filter_ == "bilinear" or scale <= 1:
        return lines(middle - 0.5, pixels), inside
    low, high = (middle - scale / 2).clip(0, pixels), (middle + scale / 2).clip(0, pixels)
    start = np.arange(pixels)[None]
    part = (np.minimum(high[:, None], start + 1) - np.maximum(low[:, None], start)).clip(0)
    return part / np.maximum(high - low, 1e-9)[:, None], inside


def tensor(rgb: Array, fit: str, filter_: str) -> Array:
    """[SIDE, SIDE, 3] in levels."""
    steps = np.array([WIDTH / SIDE, HEIGHT / SIDE])
    if fit != "stretch":
        steps[:] = steps.max() if fit == "letterbox" else steps.min()
    shifts = np.array([WIDTH, HEIGHT]) / 2 - steps * SIDE / 2
    across, columns = weights(WIDTH, steps[0], shifts[0], filter_)
    down, rows = weights(HEIGHT, steps[1], shifts[1], filter_)
    out = np.stack([down @ rgb[..., c] @ across.T for c in range(3)], -1)
    out[~(rows[:, None] & columns[None])] = PAD
    return out


def run(form: dict[str, Any], planes: list[Array], cases: dict[str, dict[str, Any]]) -> dict[str, Array]:
    """All cases' tensors of one frame, by the runtime."""
    builder = _native.PlanBuilder()
    builder.application("a")
    sensor = builder.sensor("s", form)
    outputs = [
        (name, builder.transform("image.to_tensor", params, [sensor]).out(0), None)
        for name, params in cases.items()
    ]
    builder.pipeline("p", "a", sensor, outputs)
    runtime = _native.Runtime(builder.finish(), lanes=1)
    runtime.attach_reader("a/p")
    runtime.start()
    port = runtime.sensor("s")
    assert to_item("s", form, planes if len(planes) > 1 else planes[0], 0.0, False).push(port, 5.0)
    port.finish()
    result = runtime.next_result("a/p", 20.0)
    found = {name: np.array(result.outputs[name]) for name in cases}
    runtime.stop()
    return found


@pytest.mark.parametrize("siting", ["left", "centre", "top_left"])
@pytest.mark.parametrize("pixel", FORMATS)
def test_every_fit_filter_layout_and_dtype(pixel: str, siting: str) -> None:
    kinds = [("video", "bt601"), ("full", "bt709")]
    if pixel in ("rgb24", "bgr24", "gray"):
        if siting != "left":
            pytest.skip("the format has no chroma")
        kinds = kinds[:1]
    for seed, (range_, matrix) in enumerate(kinds):
        planes = planes_of(pixel, seed)
        form = {
            "kind": "image", "pixel": pixel, "width": WIDTH, "height": HEIGHT, "range": range_,
            "matrix": matrix, "siting": siting,
        }  # fmt: skip
        choices = list(itertools.product(FITS, FILTERS, ["nhwc", "nchw"], DTYPES))
        cases = {
            " ".join(choice): {
                "width": SIDE, "height": SIDE, "fit": choice[0], "filter": choice[1], "layout": choice[2],
                "dtype": choice[3], "scale": DTYPES[choice[3]][0], "offset": DTYPES[choice[3]][1],
                "pad": float(PAD),
            }
            for choice in choices
        }  # fmt: skip
        rgb = picture(pixel, planes, range_, matrix, siting)
        found = run(form, planes, cases)
        for fit, filter_, layout, dtype in choices:
            name = f"{fit} {filter_} {layout} {dtype}"
            scale, offset = DTYPES[dtype]
            got = (found[name][0].astype(np.float64) - offset) / scale
            got = got if layout == "nhwc" else got.transpose(1, 2, 0)
            assert np.abs(got - tensor(rgb, fit, filter_)).max() <= TOLERANCE[dtype], name
