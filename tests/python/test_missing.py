"""Missing numbers in tables: refused by default, with their place, or filled in as the document says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from edgert.errors import InvalidError
from edgert.sources import open_source
from edgert.sources.missing import Missing

NAN, INF = float("nan"), float("inf")


def rows(folder: Path, text: str, **source: Any) -> list[list[float]]:
    (folder / "a.csv").write_text(text)
    opened = open_source({"type": "table", "path": "a.csv", "rate": 1.0, **source}, folder)
    return [row for chunk in opened.frames() for row in chunk.array.tolist()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,2\n\n3,\n", "a.csv:4: column 'y' has no number; correct it, or say missing: hold"),
        ("x,y\nnan,2\n", "a.csv:2: column 'x' has no number"),
        ("x,y\n1,2\n?,4\n", "a.csv:3: column 'x' has no number"),
        ("x,y\n1,-inf\n", "a.csv:2: column 'y' is -inf"),
    ],
)
def test_a_missing_number_is_refused_with_its_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidError) as caught:
        rows(tmp_path, text)
    assert str(caught.value).startswith(said)


def test_a_missing_number_of_a_column_that_is_not_read_is_no_matter(tmp_path: Path) -> None:
    assert rows(tmp_path, "x,y\n1,\n3,\n", columns=["x"]) == [[1], [3]]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("hold", [[0, 2], [3, 2], [3, 6]]), ("zero", [[0, 2], [3, 0], [0, 6]])],
)
def test_missing_numbers_are_filled_in(tmp_path: Path, policy: str, expected: list[list[float]]) -> None:
    assert rows(tmp_path, "x,y\n,2\n3,\ninf,6\n", missing=policy) == expected


def test_nan_is_let_through_where_the_document_says_so(tmp_path: Path) -> None:
    assert np.isnan(rows(tmp_path, "x,y\n,2\n", missing="nan")[0][0])


def test_an_array_file_says_recording_row_and_column(tmp_path: Path) -> None:
    cases = np.zeros((2, 5, 3), np.float32)
    cases[1, 4, 2] = NAN
    np.save(tmp_path / "a.npy", cases)
    source = {"type": "table", "path": "a.npy", "rate": 1.0, "columns": ["x", "y", "z"]}
    with pytest.raises(
        InvalidError, match=r"a.npy: column 'z' of row 4 of recording 1 \(both counted from 0\)"
    ):
        open_source(source, tmp_path).probe()
    assert open_source({**source, "recordings": [0]}, tmp_path).probe()["columns"] == ["x", "y", "z"]


def test_holding_goes_on_from_push_to_push_until_a_gap() -> None:
    missing = Missing("hold")

    def filled(*numbers: float) -> list[float]:
        found = missing.fill(np.array([numbers], np.float32).T, lambda row, column: ("", ""))
        return [float(number) for number in found[:, 0]]

    assert filled(1, 2) == [1, 2]
    assert filled(NAN, INF) == [2, 2]
    assert filled(NAN, 5, NAN) == [2, 5, 5]
    missing.restart()
    assert filled(NAN) == [0]


def test_whole_numbers_are_not_looked_at() -> None:
    sound = np.array([[1], [2]], np.int16)
    assert Missing("error").fill(sound, lambda row, column: ("", "")) is sound
