"""Operations on tables against NumPy, and windows as views."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from edgert import _native
from edgert.errors import InvalidError

COLUMNS = ["x", "y", "z"]


def rows(count: int) -> Any:
    return np.random.default_rng(2).normal(0, 3, (count, 3)).astype(np.float32)


def once(name: str, params: dict[str, Any], array: Any) -> Any:
    form = {"dtype": "float32", "shape": list(array.shape)}
    return _native.Operation(name, params, [form]).run([array])[0]


def test_arithmetic_is_numpys() -> None:
    table = rows(50)
    mean, deviation = [1.0, 2.0, 3.0], [0.5, 2.0, 4.0]
    got = once("table.scale", {"mean": mean, "deviation": deviation}, table)
    np.testing.assert_allclose(got, (table.astype(np.float64) - mean) / deviation, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        once("table.magnitude", {}, table)[:, 0], np.linalg.norm(table, axis=1), rtol=1e-6
    )
    np.testing.assert_array_equal(once("table.difference", {}, table), np.diff(table, axis=0))


def test_differences_of_a_stream_go_on_over_chunks() -> None:
    table = rows(30)
    form = {"dtype": "float32", "shape": [-1, 3], "max_bytes": 12 * 8}
    operation = _native.Operation("table.difference", {"stream": True}, [form])
    assert operation.stateful
    chunks = [(0, 1), (1, 8), (9, 1), (10, 0), (10, 5)]
    got = [operation.run([table[at : at + size]])[0] for at, size in chunks]
    assert [len(part) for part in got] == [0, 8, 1, 0, 5]
    np.testing.assert_array_equal(np.concatenate(got), np.diff(table[:15], axis=0))
    operation.reset()
    np.testing.assert_array_equal(operation.run([table[20:23]])[0], np.diff(table[20:23], axis=0))
    one = {"dtype": "float32", "shape": [-1, 3], "max_bytes": 12}
    with pytest.raises(InvalidError, match="has one row at most, and a difference is of two"):
        _native.Operation("table.difference", {}, [one])


@pytest.mark.parametrize(("size", "hop"), [(40, 10), (40, 40), (8, 3), (5, 12), (200, 1)])
@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_windows_are_views_of_one_memory(size: int, hop: int, chunk: int) -> None:
    table = rows(600)
    form = {"dtype": "float32", "shape": [-1, 3], "max_bytes": 12 * chunk}
    operation = _native.Operation("table.window", {"size": size, "hop": hop, "rate": 50.0}, [form])
    got: list[Any] = []
    for at in range(0, len(table), chunk):
        windows, times = operation.run([table[at : at + chunk]])
        got += list(windows)
        begins = np.arange(len(got) - len(windows), len(got)) * hop / 50
        np.testing.assert_allclose(times, np.column_stack([begins, begins + size / 50]), atol=1e-12)
    wanted = np.lib.stride_tricks.sliding_window_view(table, size, axis=0)[::hop].transpose(0, 2, 1)
    np.testing.assert_array_equal(np.array(got), wanted)  # also the first: nothing was overwritten
    pairs = list(itertools.pairwise(got))
    shared = sum(np.shares_memory(a, b) for a, b in pairs)
    if hop < size / 2:
        assert shared > len(pairs) / 2
    if hop >= size:
        assert shared == 0


def stream(params: dict[str, Any], table: Any, times: Any, chunk: int, **form: Any) -> Any:
    """table.resample of rows whose last column is their time."""
    frame = {"kind": "table", "columns": [*COLUMNS, "t"], "max_rows": chunk, **form}
    tensor = {"dtype": "float32", "shape": [-1, 4], "max_bytes": 16 * chunk}
    operation = _native.Operation("table.resample", {"time": 3, **params}, [tensor, frame])
    whole = np.column_stack([table, times]).astype(np.float32)
    parts = [whole[at : at + chunk] for at in range(0, len(whole), chunk)]
    return np.concatenate([operation.run([part, part])[0] for part in parts]), whole[:, 3].astype(np.float64)


@pytest.mark.parametrize("rate", [5.0, 25.0, 200.0])
@pytest.mark.parametrize("chunk", [1, 16])
def test_irregular_rows_on_a_grid(rate: float, chunk: int) -> None:
    table = rows(300)
    steps = np.random.default_rng(4).uniform(0.01, 0.09, 300)
    got, times = stream({"rate": rate}, table, np.cumsum(steps), chunk)
    grid = times[0] + np.arange(len(got)) / rate
    assert grid[-1] <= times[-1] + 1e-6 < grid[-1] + 1 / rate + 1e-6
    for column in range(3):
        np.testing.assert_allclose(got[:, column], np.interp(grid, times, table[:, column]), atol=2e-5)


def test_times_that_fall_or_are_none_are_passed_over() -> None:
    table, times = rows(8), np.array([0, 1, 1, 0.5, np.nan, 2, 3, 4])
    got, seen = stream({"rate": 2.0}, table, times, 3)
    good = [0, 1, 5, 6, 7]
    grid = np.arange(9) / 2
    wanted = [np.interp(grid, seen[good], table[good, column]) for column in range(3)]
    np.testing.assert_allclose(got, np.array(wanted).T, atol=1e-5)


def test_a_long_gap_begins_anew() -> None:
    table, times = rows(6), np.array([0, 1, 2, 10.3, 11.3, 12.3])
    got, _ = stream({"rate": 1.0, "longest_gap": 3.0}, table, times, 1)
    np.testing.assert_allclose(got, table, atol=1e-5)


def test_rows_of_a_known_rate_need_no_times() -> None:
    table = rows(100)
    frame = {"kind": "table", "columns": COLUMNS, "rate": 50.0, "max_rows": 10}
    tensor = {"dtype": "float32", "shape": [-1, 3], "max_bytes": 120}
    operation = _native.Operation("table.resample", {"rate": 20.0}, [tensor, frame])
    parts = []
    for at in range(0, 100, 10):
        part = table[at : at + 10]
        parts.append(operation.run([part, part], media_time=at / 50)[0])
    got = np.concatenate(parts)
    grid = np.arange(len(got)) / 20
    wanted = [np.interp(grid, np.arange(100) / 50, table[:, column]) for column in range(3)]
    np.testing.assert_allclose(got, np.array(wanted).T, atol=1e-5)
    assert len(got) == 40


def test_bad_grids_are_refused() -> None:
    frame = {"kind": "table", "columns": COLUMNS, "max_rows": 10}
    tensor = {"dtype": "float32", "shape": [-1, 3], "max_bytes": 120}
    for params, name in (
        ({}, "rate"),
        ({"rate": 0.0}, "rate"),
        ({"rate": 5.0}, "time"),
        ({"rate": 5.0, "time": 3}, "time"),
    ):
        with pytest.raises(InvalidError, match=f"'{name}'"):
            _native.Operation("table.resample", params, [tensor, frame])
