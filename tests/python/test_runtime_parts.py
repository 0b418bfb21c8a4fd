"""What is pushed and how results are read, with a native runtime made by hand."""

from __future__ import annotations

import queue
from typing import Any

import numpy as np
import pytest
from edgert.errors import InvalidError
from edgert.pushing import to_item
from edgert.reading import Outlet
from edgert.sources.base import Picture, Samples
from made_results import made

PATIENCE = 10.0


class Native:
    """A native runtime with one pipeline."""

    def __init__(self) -> None:
        self.results: queue.Queue[Any] = queue.Queue()
        self.over = False

    def pipeline(self, title: str) -> int:
        return 0

    def next_result(self, pipeline: int, timeout: float) -> Any:
        try:
            return self.results.get(timeout=timeout) if timeout else self.results.get_nowait()
        except queue.Empty:
            return None

    def attach_reader(self, pipeline: int) -> None: ...

    def finished(self, pipeline: int) -> bool:
        return self.over and self.results.empty()


def outlet(native: Native, errors: list[Any]) -> Outlet:
    return Outlet(made({}).planned, native, lambda name, error: errors.append((name, error)))


def test_results_come_in_order_until_the_pipeline_is_over() -> None:
    native = Native()
    for index in range(40):
        native.results.put(made({}, sequence=index).native)
    native.over = True
    assert [result.sequence for result in outlet(native, []).iterate(None)] == list(range(40))


def test_an_iterator_ends_when_nothing_comes_or_the_runtime_stops() -> None:
    assert list(outlet(Native(), []).iterate(0.05)) == []
    native = Native()
    one = outlet(native, [])
    results = one.iterate(None)
    native.results.put(made({}, sequence=3).native)
    assert next(results).sequence == 3
    native.results.put(made({}, sequence=4).native)
    one.stop()
    assert [result.sequence for result in results] == [4]


def test_a_pipeline_has_one_reader() -> None:
    one = outlet(Native(), [])
    one.iterate(None)
    with pytest.raises(InvalidError, match=r"shop/people: its results are being read already"):
        one.iterate(None)


def test_callbacks_get_every_result_and_one_that_raises_is_told_and_left_out() -> None:
    native, good = Native(), list[Any]()
    errors: list[Any] = []
    one = outlet(native, errors)
    calls = []

    def bad(result: Any) -> None:
        calls.append(result)
        raise RuntimeError("no")

    one.call(bad)
    one.call(good.append)
    for index in range(10):
        native.results.put(made({}, sequence=index).native)
    native.over = True
    one.join(PATIENCE)
    assert not one.served
    assert [result.sequence for result in good][-9:] == list(range(1, 10))
    assert len(calls) == 1 and [name for name, _ in errors] == ["shop/people"]


def test_a_native_error_on_the_callbacks_thread_is_told() -> None:
    native, errors = Native(), list[Any]()
    native.next_result = lambda pipeline, timeout: 1 / 0  # type: ignore[method-assign,assignment]
    one = outlet(native, errors)
    one.call(lambda result: None)
    one.join(PATIENCE)
    assert not one.served and isinstance(errors[0][1], ZeroDivisionError)


def test_what_nobody_reads_is_settled_and_can_still_be_read() -> None:
    native = Native()
    one = outlet(native, [])
    for index in range(100):
        native.results.put(made({}, sequence=index).native)
    native.over = True
    one.settle()
    assert native.finished(0)
    assert [result.sequence for result in one.iterate(None)] == list(range(84, 100))


RGB = {"kind": "image", "pixel": "rgb24", "width": 0, "height": 0}
YUV = {"kind": "image", "pixel": "yuv420p", "width": 8, "height": 6, "range": "full"}
SOUND = {"kind": "audio", "rate": 16000, "channels": 2, "dtype": "int16"}
ROWS = {"kind": "table", "columns": ["a", "b"], "rate": 1.0}


def test_pushed_pictures_are_not_copied() -> None:
    whole = np.zeros((20, 30, 3), np.uint8)
    window = whole[2:12, 5:25]
    item = to_item("s", RGB, window, 1.5, True)
    assert isinstance(item, Picture)
    assert (item.width, item.height, item.strides, item.media_time, item.gap) == (20, 10, [90], 1.5, True)
    assert np.shares_memory(item.planes[0], whole) and len(item.planes[0]) == 9 * 90 + 60
    planes = [np.zeros((6, 8), np.uint8), np.zeros((3, 4), np.uint8), np.zeros((3, 4), np.uint8)]
    item = to_item("s", YUV, planes, 0, False)
    assert isinstance(item, Picture)
    assert (item.width, item.height, item.range, item.strides) == (8, 6, "full", [8, 4, 4])


def test_pushed_pictures_with_scattered_pixels_are_made_whole() -> None:
    item = to_item("s", RGB, np.zeros((20, 30, 3), np.uint8)[:, ::2], 0, False)
    assert isinstance(item, Picture)
    assert (item.width, item.strides) == (15, [45])


@pytest.mark.parametrize(
    ("form", "array", "match"),
    [
        (RGB, np.zeros((4, 4, 3), np.float32), r"push to s: got float32 \[4, 4, 3\]; give uint8"),
        (
            RGB,
            np.zeros((4, 4), np.uint8),
            r"the sensor's format is rgb24; give one array \[height, width, 3\]",
        ),
        (RGB, np.zeros((0, 4, 3), np.uint8), r"got uint8 \[0, 4, 3\]"),
        (YUV, np.zeros((6, 8), np.uint8), "give three arrays"),
        (YUV, [np.zeros((4, 8), np.uint8)] * 3, "got a height of 4, the sensor's is 6"),
        (SOUND, np.zeros((5, 2), np.float32), r"got float32 \[5, 2\]; give int16 \[n, 2\]"),
        (SOUND, np.zeros((5, 1), np.int16), r"give int16 \[n, 2\]"),
        (ROWS, np.zeros((1, 3), np.float32), r"give float32 \[n, 2\]"),
        (ROWS, np.zeros((0, 2), np.float32), r"got float32 \[0, 2\]"),
    ],
)
def test_what_does_not_fit_the_sensor_is_refused(form: dict[str, Any], array: Any, match: str) -> None:
    with pytest.raises(InvalidError, match=match):
        to_item("s", form, array, 0, False)


def test_one_row_and_one_channel_may_be_flat() -> None:
    row = to_item("s", ROWS, np.zeros(2, np.float32), 0, False)
    mono = to_item("s", {**SOUND, "channels": 1}, np.zeros(160, np.int16), 0, False)
    assert isinstance(row, Samples) and row.array.shape == (1, 2)
    assert isinstance(mono, Samples) and mono.array.shape == (160, 1)


def test_results_are_read_as_their_plan_says(monkeypatch: pytest.MonkeyPatch) -> None:
    native = Native()
    one = outlet(native, [])
    plans = [made({}).planned for _ in range(40)]
    one.expect(plans[3], 3)
    one.expect(plans[4], 4)
    one.expect_no(4)
    one.expect(plans[5], 4)
    for generation in (1, 2, 3, 7):
        result = made({}, sequence=generation).native
        result.generation = generation
        native.results.put(result)
    native.over = True
    read = list(one.iterate(None))
    assert [result.sequence for result in read] == [1, 2, 3, 7]
    assert [result.planned is plans[3] for result in read] == [False, False, True, False]
    assert read[3].planned is plans[5]
    for generation in range(8, 40):  # nobody reads
        one.expect(plans[generation], generation)
    assert len(one._planned) == 16
