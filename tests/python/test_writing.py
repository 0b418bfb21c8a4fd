"""Errors of files that can't be written name the file."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from edgert.writing import writing


@pytest.mark.parametrize("named", [None, "the/file/that/was/read"])
def test_a_full_disk_is_told_with_the_file_that_was_written(named: str | None) -> None:
    with pytest.raises(OSError, match="No space") as raised, writing("out.png"):
        raise OSError(errno.ENOSPC, "No space left on device", *([named] if named else []))
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, "out.png")


def test_what_names_its_file_keeps_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, writing("out.png"):
        (tmp_path / "nowhere" / "file").open("w")
    assert raised.value.filename == str(tmp_path / "nowhere" / "file")
