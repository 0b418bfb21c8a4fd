"""Wrong arrays for Runtime.push and Session.run: what came, what is wanted; the next one is fine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_boxes import identity
from edgert import Runtime, load
from edgert.errors import InvalidError, NotFoundError

BOX = """
kind: Sensor
name: camera
source: {type: push, format: {kind: image, pixel: rgb24, width: 8, height: 6}}
inbox: {policy: block}
---
kind: Sensor
name: microphone
source: {type: push, format: {kind: audio, rate: 16000, channels: 2, dtype: float32}}
inbox: {policy: block}
---
kind: Sensor
name: watch
source: {type: push, format: {kind: table, columns: [x, y], rate: 10}}
inbox: {policy: block}
---
kind: Model
name: kinds
file: kinds.onnx
input: {table: {window: 1}}
answer: {type: classes, activation: softmax, top: 2}
---
kind: Pipeline
name: camera
sensor: camera
steps: [{name: out, transform: image.to_tensor, from: frame, params: {width: 8, height: 6, scale: 1.0}}]
---
kind: Pipeline
name: microphone
sensor: microphone
steps: [{name: out, transform: audio.convert, from: frame}]
---
kind: Pipeline
name: watch
sensor: watch
steps: [{name: out, model: kinds}]
"""
PICTURE = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
WIDE = np.random.default_rng(1).integers(0, 255, (12, 16, 3), np.uint8)
SOUND = np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2)
ENDLESS = np.array([[0, -np.inf]], np.float32)
ROW = np.array([[1, 2]], np.float32)


class OnGpu:
    """An array of another device, as CuPy and Numba say it."""

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {"shape": (6, 8, 3), "typestr": "|u1", "data": (0x7F0000000000, False), "version": 3}


class OnGpuToo:
    """The same by DLPack."""

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)

    def __dlpack__(self, **_: Any) -> Any:
        raise AssertionError("nobody may ask for its memory")


@pytest.fixture
def runtime(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """The box; its parameter is what `missing` says."""
    identity(tmp_path / "kinds.onnx", ["N", 2])
    missing = getattr(request, "param", "error")
    (tmp_path / "box.yaml").write_text(BOX.replace("type: push,", f"type: push, missing: {missing},"))
    with Runtime(tmp_path / "box.yaml") as running:
        yield running


WRONG: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "height": ("camera", PICTURE[:5], ("a height of 5", "sensor's is 6", "give that size")),
    "gray": ("camera", PICTURE[:, :, 0], ("[6, 8]", "rgb24", "give one array [height, width, 3]")),
    "four channels": ("camera", np.zeros((6, 8, 4), np.uint8), ("[6, 8, 4]", "give one array")),
    "row": ("camera", PICTURE[0, 0], ("uint8 [3]", "give uint8 [height, width]")),
    "float picture": ("camera", PICTURE / 255, ("float64 [6, 8, 3]", "give uint8")),
    "no rows": ("camera", PICTURE[:0], ("uint8 [0, 8, 3]", "give uint8")),
    "GPU": ("camera", OnGpu(), ("the OnGpu is on another device", "bring it to the CPU first")),
    "DLPack GPU": ("microphone", OnGpuToo(), ("the OnGpuToo is on another device", "bring it to the CPU")),
    "None": ("camera", None, ("got NoneType, not an array of numbers", "give uint8")),
    "text": ("watch", "1, 2", ("got str, not an array of numbers", "give float32 [n, 2]")),
    "one channel": ("microphone", SOUND[:, :1], ("float32 [10, 1]", "give float32 [n, 2]")),
    "double": ("microphone", SOUND.astype(np.float64), ("float64 [10, 2]", "give float32 [n, 2]")),
    "three axes": ("microphone", SOUND[None], ("float32 [1, 10, 2]", "give float32 [n, 2]")),
    "silence": ("microphone", SOUND[:0], ("float32 [0, 2]: nothing", "give float32 [n, 2], n ≥ 1")),
    "NaN": (
        "watch",
        np.array([[1, np.nan]], np.float32),
        ("column 'y' of row 0", "has no number", "missing: hold"),
    ),
    "infinity": ("microphone", ENDLESS, ("sample 0", "of channel 1 is -inf", "missing: hold")),
    "columns": ("watch", np.zeros((1, 3), np.float32), ("float32 [1, 3]", "give float32 [n, 2]")),
    "too many": ("watch", np.zeros((9, 2), np.float32), ("got 9 samples at once", "push at most 1")),
}
GOOD = {"camera": PICTURE, "microphone": SOUND, "watch": ROW}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_pushed_wrong_is_refused_and_the_next_is_fine(wrong: str, runtime: Runtime) -> None:
    sensor, array, parts = WRONG[wrong]
    with pytest.raises(InvalidError) as caught:
        runtime.push(sensor, array)
    said = str(caught.value)
    assert sensor in said and all(part in said for part in parts), said
    for name, good in GOOD.items():
        results = runtime.results(name, timeout=20)
        assert runtime.push(name, good)
        assert next(results).status == "ok"
    assert runtime.metrics()["sensors"][sensor]["frames"] == 1 and runtime.failures == []


@pytest.mark.parametrize("time", [float("nan"), float("inf")])
def test_a_time_that_is_none(time: float, runtime: Runtime) -> None:
    with pytest.raises(InvalidError, match=r"push to watch: the media time is (nan|inf); give seconds"):
        runtime.push("watch", ROW, media_time=time)


def test_a_sensor_that_is_not_there(runtime: Runtime) -> None:
    with pytest.raises(NotFoundError, match=r"sensor 'camra': is no push sensor; there are camera"):
        runtime.push("camra", PICTURE)


@pytest.mark.parametrize(
    "array",
    [WIDE[::2, ::2], WIDE[:6, :8], WIDE[:6, :8][::-1], WIDE[:6, :8][:, ::-1], np.asfortranarray(PICTURE)],
    ids=["every second", "a part", "upside down", "mirrored", "by columns"],
)
def test_pictures_of_any_stride_are_seen_as_they_are(array: Any, runtime: Runtime) -> None:
    results = runtime.results("camera", timeout=20)
    runtime.push("camera", array)
    assert np.array_equal(next(results).outputs["out"][0], array.astype(np.float32))


@pytest.mark.parametrize("runtime", ["nan"], indirect=True)
def test_nan_that_is_let_through_is_no_answer_and_harms_nobody(runtime: Runtime) -> None:
    results, heard = runtime.results("watch", timeout=20), runtime.results("microphone", timeout=20)
    runtime.push("watch", np.full((1, 2), np.nan, np.float32))
    runtime.push("microphone", np.full((10, 2), np.nan, np.float32))
    ((_, nothing),) = next(results).outputs["out"]
    assert len(nothing) == 0 and np.isnan(next(heard).outputs["out"]).all()
    runtime.push("watch", ROW)
    runtime.push("microphone", SOUND)
    ((_, kinds),) = next(results).outputs["out"]
    assert kinds[:, 0].tolist() == [1, 0]
    np.testing.assert_allclose(next(heard).outputs["out"], SOUND.mean(1), atol=1e-6)


@pytest.mark.parametrize(("runtime", "filled"), [("hold", [3, 2]), ("zero", [3, 0])], indirect=["runtime"])
def test_missing_numbers_are_filled_in(runtime: Runtime, filled: list[float]) -> None:
    results = runtime.results("watch", timeout=20)
    runtime.push("watch", ROW)
    runtime.push("watch", np.array([[3, np.nan]], np.float32))
    assert next(results).frame.samples.tolist() == [[1, 2]]
    assert next(results).frame.samples.tolist() == [filled]


FIT = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
UNFIT: dict[str, tuple[Any, tuple[str, ...]]] = {
    "shape": (FIT.reshape(1, 3, 2), ("the model has float32 1×2×3", "brought float32 1×3×2; reshape it")),
    "axes": (FIT[0], ("the model has float32 1×2×3", "brought float32 2×3")),
    "dtype": (
        FIT.astype(np.float64),
        ("the model has float32", "brought float64 1×2×3; convert it to float32"),
    ),
    "zero size": (FIT[:0], ("the model has float32 1×2×3", "brought float32 0×2×3")),
    "stride": (np.zeros((1, 4, 3), np.float32)[:, ::2], ("not C-contiguous", "numpy.ascontiguousarray")),
    "backwards": (FIT[:, ::-1], ("not C-contiguous", "numpy.ascontiguousarray")),
    "byte order": (FIT.astype(">f4"), (">f4", "convert it with .astype()")),
    "objects": (FIT.astype(object), ("dtype object", "convert it with .astype()")),
    "GPU": (OnGpu(), ("is OnGpu, not a NumPy array", "must be brought to the CPU")),
    "DLPack GPU": (OnGpuToo(), ("is OnGpuToo, not a NumPy array", "must be brought to the CPU")),
    "None": (None, ("is NoneType, not a NumPy array", "pass numpy.asarray(x)")),
    "too many": ([FIT, FIT], ("got 2", "the model wants 'image'")),
    "another name": ({"picture": FIT}, ("'image': is missing", "the model wants 'image' float32 1×2×3")),
}


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_a_session_cannot_run_is_refused_and_the_next_is_fine(unfit: str, tmp_path: Path) -> None:
    identity(tmp_path / "same.onnx", [1, 2, 3])
    session = load(tmp_path / "same.onnx").session()
    array, parts = UNFIT[unfit]
    with pytest.raises(InvalidError) as caught:
        session.run(array)
    assert "input" in str(caught.value) and all(part in str(caught.value) for part in parts)
    assert np.array_equal(session.run(FIT)["same"], FIT)


def test_inputs_come_by_name_or_in_order(tmp_path: Path) -> None:
    identity(tmp_path / "same.onnx", [1, 2, 3])
    session = load(tmp_path / "same.onnx").session()
    for given in (session.run(image=FIT), session.run({"image": FIT}), session.run([FIT]), session.run(FIT)):
        assert np.array_equal(given["same"], FIT)
    for call, said in (
        (
            lambda: session.run(picture=FIT),
            "input 'image': is missing: got 'picture'; the model wants",
        ),
        (lambda: session.run(image=FIT, more=FIT), "the model does not know: got 'image', 'more'"),
        (lambda: session.run(FIT, FIT), "inputs: got 2; the model wants 'image'"),
        (lambda: session.run(FIT, image=FIT), "some come in order, and some by name; give all by name"),
        (lambda: session.run(), "inputs: got 0; the model wants 'image'"),
    ):
        with pytest.raises(InvalidError) as caught:
            call()
        assert said in str(caught.value)


def test_nan_and_nothing_go_through_a_session(tmp_path: Path) -> None:
    identity(tmp_path / "free.onnx", ["N", 3])
    session = load(tmp_path / "free.onnx").session()
    assert np.isnan(session.run(np.full((2, 3), np.nan, np.float32))["same"]).all()
    assert session.run(np.zeros((0, 3), np.float32))["same"].shape == (0, 3)
