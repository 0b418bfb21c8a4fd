"""`edgert check`: refuses before running what can be refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..planner import Planned

MODEL = "model"


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(documents: tuple[Path, ...]) -> None:
    """Check DOCUMENTS (files and folders) without running them.

    Reads the documents, looks at the recordings that sensors name, opens every model, and plans.
    """
    from ..documents import read
    from ..planner import plan

    planned = plan(read(documents), only_check=True)
    nodes = planned.spec.describe()["nodes"] if planned.pipelines else []
    rows = list(_rows(planned))
    if sys.stdout.isatty():
        _table(rows)
    else:
        for row in rows:
            click.echo("\t".join(row))
    click.echo(shared(nodes))
    unread = sorted(planned.sensors.keys() - {pipeline.sensor for pipeline in planned.pipelines.values()})
    for name in unread:
        click.echo(f"Sensor/{name}: no pipeline reads it", err=True)


def shared(nodes: list[dict[str, Any]]) -> str:
    """What the pipelines ask for, and what is left of it when equal work is done once."""
    if not nodes:
        return "all well"
    asked = [len(node["pipelines"]) for node in nodes if node["op"] != "source"]
    models = [len(node["pipelines"]) for node in nodes if node["op"] == MODEL]
    text = f"all well: {len(asked)} nodes ({len(models)} model runs) a frame"
    if sum(asked) > len(asked):
        text += f", where {sum(asked)} ({sum(models)}) are asked for"
    return text


def _rows(planned: Planned) -> Iterator[list[str]]:
    from ..planner.native import frame_described

    for name, sensor in planned.sensors.items():
        yield ["sensor", name, f"{sensor.document.source.type}: {frame_described(sensor.format)}"]
    for model in planned.models:
        yield ["model", model.reference, model.file.name]
    for name, weight in planned.applications.items():
        yield ["application", name, f"weight {weight:g}"]
    for pipeline in planned.pipelines.values():
        outputs = ", ".join(f"{output.name} ({output.kind})" for output in pipeline.outputs.values())
        yield ["pipeline", pipeline.title, f"{pipeline.sensor} → {outputs}"]


def _table(rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "name", "what", show_lines=False)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)
