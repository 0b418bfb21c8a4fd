"""Tables of figures: whole on any terminal, tabs elsewhere."""

from __future__ import annotations

import re
import sys

import pytest

pytest.importorskip("rich")
from edgert.cli.rows import rows_out

HEAD = [
    *("pipeline", "asked", "kept", "late", "dropped", "kept %"),
    *("p50 ms", "p90 ms", "p99 ms", "bound ms", ""),
]
ROW = ["traffic/people", "72088", "69127", "0", "2961", "95.89%", "126.4", "154.1", "166.7", "200", ""]


@pytest.mark.parametrize("width", [30, 60, 80, 100, 140])
def test_no_figure_is_cut_on_a_narrow_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    rows_out(HEAD, [ROW])
    said = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert all(len(line) <= width for line in said.splitlines())
    assert "…" not in said
    assert all(word in said for word in ROW)


def test_elsewhere_there_are_tabs_and_none_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    rows_out(HEAD, [ROW])
    assert capsys.readouterr().out.splitlines() == ["\t".join(HEAD[:-1]), "\t".join(ROW[:-1])]
