"""Rows of figures: a table on a terminal, tabs elsewhere. No figure is ever cut."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from typing import Any

import click

WIDEST = 100_000  # columns: more than any table has


def rows_out(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """On a terminal that is too narrow for a table, each row is a few lines of words."""
    if not sys.stdout.isatty():
        for row in [header, *rows]:
            click.echo("\t".join(row).rstrip("\t"))
        return
    from rich.console import Console

    console = Console()
    for framed in (True, False):
        table = _table(header, rows, framed)
        if _width(console, table) <= console.width:
            console.print(table)
            return
    for row in rows:
        for line in _in_words(header, row, console.width):
            click.echo(line)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], framed: bool) -> Any:
    from rich.table import Table

    table = Table() if framed else Table(box=None, padding=(0, 2, 0, 0))
    for title in header:
        table.add_column(title, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _width(console: Any, table: Any) -> int:
    """Of the table, if there were room."""
    from rich.measure import Measurement

    return int(Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum)


def _in_words(header: Sequence[str], row: Sequence[str], width: int) -> list[str]:
    """ "street  asked 300, kept 300": what is empty is left out."""
    told = [f"{title} {value}".strip() for title, value in zip(header[1:], row[1:], strict=True) if value]
    start = f"{header[0]} {row[0]}"
    wide = max(width, 20)
    return textwrap.wrap(f"{start}: {', '.join(told)}", wide, subsequent_indent="  ", break_on_hyphens=False)
